/**
 * K03 X01 Several sequencers over one database, each in a process of its own, and killed in the middle:
 * every event has one leaf, in one order, and the tree is that of its leaves.
 */
import { expect, test } from 'vitest';
import { readTree } from '#features/audit/audit-tree.store.ts';
import { rootOf } from '#features/audit/audit-tree.ts';
import { openDatabase } from '#kernel/db/database.ts';
import { newId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { MerkleTree } from '../../sdk/src/audit/merkle.ts';
import { createHome, type Home } from '../kit/homes.ts';
import { until } from '../kit/until.ts';
import { scaled } from '../operations/faults.ts';
import { type ServerProcess, startServer } from '../operations/server-process.ts';

const KILLS = scaled(3, 20);
const TENANTS = 3;
const EVENTS = 100;
const AHEAD = 300;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What commands write, without what is slow about them. */
const WRITE = `
WITH rows AS (
  SELECT n, (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid AS id
  FROM generate_series(1, $2::int) n), events AS (
  INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets, request_id, details, personal, leaf_hash)
  SELECT $1::uuid, id, 'test', 'INFO', 'SUCCESS', now(), 'system', '[]', 'test', '{}', '{}', sha256(id::text::bytea) FROM rows)
INSERT INTO outbox (tenant_id, event_id, type, occurred_at) SELECT $1::uuid, id, 'test', now() FROM rows ORDER BY n`;

async function open({ env }: Home) {
  return openDatabase(
    {
      databaseUrl: env.DATABASE_URL,
      dataDir: env.DATA_DIR,
      databasePoolSize: 5,
      databasePooling: 'session',
    },
    silent,
    { migrate: false },
  );
}

test(
  'K03 X01 sequencers that are killed lose no event, give none two leaves, and leave no gap',
  async () => {
    const home = await createHome();
    const db = await open(home);
    const tenants = Array.from({ length: TENANTS }, () => newId());
    let servers: ServerProcess[] = [];
    try {
      await db.inTenant(PLATFORM_TENANT_ID, async () => {
        for (const [n, id] of tenants.entries())
          await db.query('INSERT INTO tenants (id, slug, name, issuer) VALUES ($1, $2, $2, $3)', [
            id,
            `t${n}`,
            `https://t${n}.example.com`,
          ]);
      });
      servers = await Promise.all([startServer({ home }), startServer({ home })]);
      const sizeIn = async (tenant: string) =>
        (await db.inTenant(tenant, () => readTree(db, tenant))).size;
      const sizeOf = async () =>
        (await Promise.all(tenants.map(sizeIn))).reduce((sum, size) => sum + size, 0);
      let over = false;
      const written = new Map<string, number>();
      const writers = tenants.map(async (tenant) => {
        for (let n = 1; !over; n += 1) {
          // Not further ahead than a sequencer catches up with.
          const ahead = (written.get(tenant) ?? 0) - AHEAD;
          await until(async () => (await sizeIn(tenant)) >= ahead, { timeout: 60_000 });
          const count = 1 + (n % EVENTS);
          await db.transaction(() => db.query(WRITE, [tenant, count]), { tenantId: tenant });
          written.set(tenant, (written.get(tenant) ?? 0) + count);
        }
      });
      for (let kill = 0; kill < KILLS; kill += 1) {
        const before = await sizeOf();
        await until(async () => (await sizeOf()) > before, { timeout: 30_000 });
        const [victim, other] = servers as [ServerProcess, ServerProcess];
        expect((await victim.end('SIGKILL')).signal).toBe('SIGKILL');
        servers = [other, await startServer({ home })];
      }
      over = true;
      await Promise.all(writers);
      const all = [...written.values()].reduce((sum, count) => sum + count, 0);
      await until(async () => (await sizeOf()) >= all, { timeout: 60_000 });
      for (const tenant of tenants) await expectWhole(db, tenant, written.get(tenant) ?? 0);
    } finally {
      await Promise.all(servers.map((server) => server.end('SIGKILL')));
      await db.close();
      await home.remove();
    }
  },
  scaled(180_000, 900_000),
);

async function expectWhole(
  db: Awaited<ReturnType<typeof open>>,
  tenant: string,
  count: number,
): Promise<void> {
  await db.inTenant(tenant, async () => {
    const leaves = await db.query<{ index: string; hash: Buffer }>(
      'SELECT leaf_index::text AS index, leaf_hash AS hash FROM audit_leaves ORDER BY leaf_index',
    );
    expect(leaves.length).toBe(count);
    expect(leaves.every(({ index }, n) => index === String(n))).toBe(true);
    const [odd] = await db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM audit_events e FULL JOIN audit_leaves l ON l.event_id = e.id
       WHERE e.id IS NULL OR l.event_id IS NULL OR e.leaf_hash <> l.leaf_hash`,
    );
    expect(odd).toEqual({ n: 0 });
    const tree = new MerkleTree();
    for (const { hash } of leaves) tree.add(hash);
    expect(rootOf(await readTree(db, tenant))).toEqual(tree.root());
    const tiles = await db.query<{ hashes: Buffer }>(
      'SELECT hashes FROM audit_tiles WHERE level = 0 ORDER BY tile_index',
    );
    expect(Buffer.concat(tiles.map(({ hashes }) => hashes))).toEqual(
      Buffer.concat(leaves.map(({ hash }) => hash)),
    );
  });
}
