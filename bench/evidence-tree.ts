/**
 * The audit log's tree: appending an event with the hash of its leaf beside the same insert without
 * one, how many leaves a second the sequencer writes, and how many events a second the SDK verifies.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { auditEventJson } from '#features/audit/audit-event.json.ts';
import { SEQUENCER, sequenceBatch, startSequencer } from '#features/audit/audit-sequencer.ts';
import { readTree } from '#features/audit/audit-tree.store.ts';
import { grow, rootOf, type Tree } from '#features/audit/audit-tree.ts';
import { checkpointNote, verifierKey } from '#features/audit/signed-note.ts';
import { type Database, openDatabase } from '#kernel/db/database.ts';
import { type AuditRecord, leafHash } from '#kernel/events/event.ts';
import { createOutbox } from '#kernel/events/outbox.ts';
import { INSERT_EVENTS } from '#kernel/events/record.ts';
import { decodeId, encodeId, newId } from '#kernel/ids.ts';
import { verifyAuditExport } from '../sdk/generated/audit.ts';
import { startCluster } from './cluster.ts';
import type { EvidenceOptions } from './evidence.ts';
import { median, printTable, shown, spread } from './report.ts';
import { migrated } from './seed.ts';

const TENANT = newId();
const WRITERS = 8;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined } as never;

export async function tree(options: EvidenceOptions): Promise<void> {
  const cluster = await startCluster();
  try {
    const { url } = await cluster.database('signet_bench');
    await migrated(url);
    const db = await openDatabase(
      { databaseUrl: url, dataDir: tmpdir(), databasePoolSize: 10, databasePooling: 'session' },
      silent,
      { migrate: false },
    );
    try {
      await appending(db, options);
      await sequencing(db, options);
    } finally {
      await db.close();
    }
  } finally {
    await cluster.stop();
  }
  await verifying(options);
}

function record(n: number): AuditRecord {
  const id = newId();
  return {
    tenant: encodeId('tenant', TENANT),
    id: encodeId('event', id),
    type: 'user.update',
    severity: 'INFO',
    result: 'SUCCESS',
    reason: null,
    occurredAt: new Date().toISOString(),
    actor: { kind: 'api-key', id: encodeId('key', id), act: null },
    targets: [{ type: 'user', id: encodeId('user', id) }],
    requestId: randomUUID(),
    details: { fields: ['displayName', 'locale'], version: n },
    personal: { [encodeId('tenant', TENANT)]: Buffer.alloc(110, n).toString('base64url') },
  };
}

const NO_HASH = Buffer.alloc(32);

/** The columns of one event, as commands write them. */
function columns(r: AuditRecord, hash: Buffer): unknown[][] {
  const id = decodeId('event', r.id);
  return [
    TENANT,
    id,
    r.type,
    r.severity,
    r.result,
    r.reason,
    r.occurredAt,
    r.actor.kind,
    r.actor.id,
    r.actor.act,
    JSON.stringify(r.targets),
    r.requestId,
    JSON.stringify(r.details),
    JSON.stringify(r.personal),
    hash,
  ].map((value) => [value]);
}

async function appending(db: Database, { rounds, seconds }: EvidenceOptions): Promise<void> {
  const outbox = createOutbox(db, silent);
  const run = async (hash: (r: AuditRecord) => Buffer): Promise<number> => {
    let done = 0;
    const end = performance.now() + seconds * 1000;
    const writer = async () => {
      for (; performance.now() < end; done += 1) {
        const r = record(done);
        await db.transaction(() => db.query(INSERT_EVENTS, columns(r, hash(r))), {
          tenantId: TENANT,
        });
        outbox.wake();
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
    return done / seconds;
  };
  const sequenced = async () => {
    const sequencer = startSequencer({ db, outbox, log: silent });
    return run(leafHash).finally(() => sequencer.stop());
  };
  const rates = { plain: [] as number[], leaf: [] as number[], tree: [] as number[] };
  await run(() => NO_HASH);
  for (let round = 0; round < rounds; round += 1) {
    rates.plain.push(await run(() => NO_HASH));
    rates.leaf.push(await run(leafHash));
    rates.tree.push(await sequenced());
  }
  outbox.stop();
  console.log(`\nEvents appended a second by ${WRITERS} writers, each in a transaction of its own`);
  const plain = median(rates.plain);
  printTable(
    ['', 'events/s', '', 'of plain', 'target'],
    [
      ['without a hash', shown(plain, 0), spread(rates.plain), '', ''],
      [
        'with the hash of the leaf',
        shown(median(rates.leaf), 0),
        spread(rates.leaf),
        shown(median(rates.leaf) / plain, 2),
        '0.80',
      ],
      [
        'and the sequencer in the same process',
        shown(median(rates.tree), 0),
        spread(rates.tree),
        shown(median(rates.tree) / plain, 2),
        '',
      ],
    ],
  );
}

async function sequencing(db: Database, { rounds, events }: EvidenceOptions): Promise<void> {
  const outbox = createOutbox(db, silent);
  const home = { db, outbox, log: silent };
  while ((await sequenceBatch(home)).rows > 0);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await db.inTenant(TENANT, async () => {
      for (let at = 0; at < events; at += 5_000) await db.query(MANY, [TENANT, 5_000]);
    });
    const began = performance.now();
    let leaves = 0;
    while (await outbox.waits(SEQUENCER)) leaves += (await sequenceBatch(home)).rows;
    rates.push((1000 * leaves) / (performance.now() - began));
  }
  outbox.stop();
  const { size } = await db.inTenant(TENANT, () => readTree(db, TENANT));
  console.log(`\nLeaves sequenced a second, tiles stored; ${events} a round, ${size} in the tree`);
  printTable(
    ['', 'leaves/s', '', 'target'],
    [['one tenant', shown(median(rates), 0), spread(rates), '20000']],
  );
}

const MANY = `
WITH rows AS (
  SELECT n, (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
    || substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid AS id
  FROM generate_series(1, $2::int) n), events AS (
  INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets, request_id, details, personal, leaf_hash)
  SELECT $1::uuid, id, 'bench', 'INFO', 'SUCCESS', now(), 'system', '[]', 'bench', '{}', '{}', sha256(id::text::bytea) FROM rows)
INSERT INTO outbox (tenant_id, event_id, type, occurred_at) SELECT $1::uuid, id, 'bench', now() FROM rows ORDER BY n`;

async function verifying({ rounds, events }: EvidenceOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
  try {
    const file = join(folder, 'export.ndjson');
    const signed = await writeExport(file, events);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now();
      const chunks = createReadStream(file, { highWaterMark: 1 << 20 });
      const { verified } = await verifyAuditExport(chunks, signed);
      if (!verified) throw new Error('the export is not what was signed');
      rates.push((1000 * events) / (performance.now() - began));
    }
    console.log(
      `\nEvents verified a second by the SDK: ${events} from a file, the root recomputed`,
    );
    printTable(
      ['', 'events/s', '', 'target', 'MB resident'],
      [
        [
          'full range',
          shown(median(rates), 0),
          spread(rates),
          '100000',
          shown(process.memoryUsage().rss / 1e6, 0),
        ],
      ],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An export as the server would write it, and the checkpoint that covers it. */
async function writeExport(file: string, events: number) {
  let tree: Tree = { size: 0, frontier: [] };
  await pipeline(async function* () {
    for (let at = 0; at < events; ) {
      let page = '';
      const hashes: Buffer[] = [];
      for (; hashes.length < 1_000 && at < events; at += 1) {
        const r = record(at);
        const hash = leafHash(r);
        hashes.push(hash);
        page += `${auditEventJson(rowOf(r), { leafIndex: BigInt(at), leafHash: hash })}\n`;
      }
      tree = grow(tree, hashes);
      yield page;
    }
  }, createWriteStream(file));
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const key = { origin: 'bench.example/audit', publicKey: raw };
  const said = { size: tree.size, root: rootOf(tree) };
  return { checkpoint: checkpointNote(key, privateKey, said), key: verifierKey(key) };
}

function rowOf(r: AuditRecord) {
  const { actor, occurredAt, tenant, id, ...rest } = r;
  return {
    ...rest,
    tenantId: TENANT,
    id: decodeId('event', id) ?? '',
    occurredAt: new Date(occurredAt),
    actorKind: actor.kind,
    actorId: actor.id,
    onBehalfOf: actor.act,
  };
}
