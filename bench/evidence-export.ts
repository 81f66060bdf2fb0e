/**
 * A large audit log as an export: how many events a second leave the server, and how much memory it
 * takes meanwhile. Aimed at: 100,000 rows a second in NDJSON, and no more than 100 MB beside what the
 * server took before.
 */
import http from 'node:http';
import pg from 'pg';
import { startCluster } from './cluster.ts';
import { type OurServer, startOurs } from './contestants.ts';
import { cpuBusy, printTable } from './report.ts';
import { seed, seededId } from './seed.ts';

const TARGETS = { rows: 100_000, growthMb: 100 };
const WARM = 100_000;
const QUERIES = ['format=NDJSON', 'format=JSON', 'format=CSV', 'format=NDJSON&where=true'];

export async function exported({ events: rows }: { readonly events: number }): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const cluster = await startCluster();
    closing.push(cluster.stop);
    const database = await cluster.database('signet_bench');
    await seed(database.url, { tenants: 1, usersEach: 10, users: 10 });
    await fill(database.adminUrl, rows);
    const busy = cpuBusy();
    const table: string[][] = [];
    for (const query of QUERIES) {
      // Each with a process of its own: memory that one took is not given back for the next.
      const ours = await startOurs(database);
      try {
        table.push([query, ...(await measure(ours, () => cluster.cpuSeconds() ?? 0, query, rows))]);
      } finally {
        await ours.stop();
      }
    }
    console.log(`\nExport of ${rows.toLocaleString('en')} events`);
    printTable(
      [
        '',
        'rows/s',
        'aimed at',
        'MB/s',
        'CPU us/row',
        'of PostgreSQL',
        'memory: first 100,000',
        'all of them',
        'aimed at',
      ],
      table,
    );
    console.log(`\nThe machine was ${busy()} busy, our own processes included.`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function measure(
  ours: OurServer,
  database: () => number,
  query: string,
  rows: number,
): Promise<string[]> {
  const secret = await ours.apiKey(seededId(1), ['audit:read']);
  const fresh = ours.residentMb() ?? 0;
  // The engine's young generation grows to its full size under any work; that is not the export's.
  await download(ours.url, secret, `${query}&to=${Math.min(rows, WARM)}`);
  const before = ours.residentMb() ?? 0;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, ours.residentMb() ?? 0);
  }, 20);
  const cpu = () => [ours.cpuSeconds() ?? 0, database()] as const;
  const [own, theirs] = cpu();
  const start = performance.now();
  const bytes = await download(ours.url, secret, query);
  const seconds = (performance.now() - start) / 1000;
  clearInterval(watch);
  const [ownEnd, theirsEnd] = cpu();
  return [
    Math.round(rows / seconds).toLocaleString('en'),
    TARGETS.rows.toLocaleString('en'),
    (bytes / 1e6 / seconds).toFixed(0),
    (((ownEnd - own) / rows) * 1e6).toFixed(1),
    (((theirsEnd - theirs) / rows) * 1e6).toFixed(1),
    `${(before - fresh).toFixed(0)} MB`,
    `${(most - before).toFixed(0)} MB`,
    `${TARGETS.growthMb} MB`,
  ];
}

/** Answers how many bytes came. */
function download(url: string, secret: string, query: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${secret}` };
    const request = http.get(`${url}/v1/audit-events/export?${query}`, { headers }, (response) => {
      if (response.statusCode !== 200)
        reject(new Error(`the export answered ${response.statusCode}`));
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.on('end', () => resolve(bytes));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** Events with their leaves, and a checkpoint over all of them; their hashes prove nothing here. */
async function fill(adminUrl: string, rows: number): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query("SET synchronous_commit = 'off'");
    const tenant = seededId(1);
    await admin.query(EVENTS, [tenant, rows]);
    await admin.query(LEAVES, [tenant]);
    await admin.query(TREE, [tenant, rows]);
    await admin.query(CHECKPOINT, [tenant, rows]);
    for (const table of ['audit_events', 'audit_leaves'])
      await admin.query(`VACUUM (ANALYZE) ${table}`);
  } finally {
    await admin.end();
  }
}

/** As large as real ones: a target, some details, an address and an agent that are sealed. */
const EVENTS = `
INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, actor_id,
  targets, request_id, details, personal, leaf_hash)
SELECT $1::uuid,
  (lpad(to_hex((1700000000000 + n)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
  'user.update', CASE n % 50 WHEN 0 THEN 'WARNING' ELSE 'INFO' END, 'SUCCESS',
  to_timestamp(1700000000 + n / 1000.0), 'api-key', 'key_01h2xcejqtf2nbrexx3vqjhp41',
  jsonb_build_array(jsonb_build_object('type', 'user', 'id', 'user_' || lpad(n::text, 26, '0'))),
  'req-' || lpad(to_hex(n), 16, '0'),
  jsonb_build_object('fields', jsonb_build_array('displayName', 'locale'), 'version', n % 100),
  '{}', sha256(int8send(n))
FROM generate_series(0, $2::bigint - 1) AS n`;

const LEAVES = `
INSERT INTO audit_leaves (tenant_id, leaf_index, event_id, leaf_hash)
SELECT tenant_id, row_number() OVER (ORDER BY id) - 1, id, leaf_hash FROM audit_events
WHERE tenant_id = $1 AND type = 'user.update'`;

const TREE = "INSERT INTO audit_trees (tenant_id, size, frontier) VALUES ($1, $2, '')";

const CHECKPOINT = `
INSERT INTO audit_checkpoints (tenant_id, size, root, note, created_at)
VALUES ($1, $2, sha256(''), 'bench', now())`;
