/**
 * A tenant's tree as it is stored: its size and frontier, its leaves, its tiles. Whoever makes it grow
 * holds the tree's row; what is written goes with the transaction that is open.
 */
import type { Database } from '#kernel/db/database.ts';
import type { Log } from '#kernel/log.ts';
import { type Grown, grow, HASH_BYTES, type Tree } from './audit-tree.ts';

interface Home {
  readonly db: Database;
  readonly log: Log;
}

/**
 * Makes the tenant's tree grow by these events, in their order. Inside a transaction. Never fails for
 * what one tenant's rows hold: others are in the same batch.
 */
export function growTree(
  { db, log }: Home,
  tenantId: string,
  eventIds: readonly string[],
): Promise<void> {
  return db.inTenant(tenantId, async () => {
    const [, tree, leaves] = await Promise.all([
      db.execute(ENSURE, [tenantId]),
      lockedTree(db, tenantId),
      db.query<{ id: string; hash: Buffer }>(NEW_LEAVES, [tenantId, eventIds]),
    ]);
    const known = new Set(leaves.map(({ id }) => id));
    const missing = eventIds.filter((id) => !known.has(id));
    if (missing.length > 0)
      log.warn({ tenant: tenantId, missing: missing.slice(0, 10) }, 'events without a new leaf');
    if (!isWhole(tree)) damaged(log, tenantId, tree);
    if (leaves.length === 0 || !isWhole(tree)) return;
    const hashes = leaves.map(({ hash }) => hash);
    const grown = grow(tree, hashes);
    const ids = leaves.map(({ id }) => id);
    await write(db, log, tenantId, { tree, grown, ids, hashes: Buffer.concat(hashes) });
  });
}

/** The tree as it is; empty where there is none. */
export async function readTree(db: Pick<Database, 'query'>, tenantId: string): Promise<Tree> {
  const [row] = await db.query<StoredTree>(TREE, [tenantId]);
  return row ? treeOf(row) : { size: 0, frontier: [] };
}

/** As many perfect subtrees as the size has bits. */
function isWhole({ size, frontier }: Tree): boolean {
  return frontier.length === size.toString(2).replaceAll('0', '').length;
}

function damaged(log: Log, tenant: string, { size }: Tree): void {
  log.error({ tenant, size }, 'what is stored does not fit the audit tree: it was changed');
}

interface StoredTree {
  readonly size: string;
  readonly frontier: Buffer;
}

interface Growth {
  readonly tree: Tree;
  readonly grown: Grown;
  readonly ids: readonly string[];
  readonly hashes: Buffer;
}

async function lockedTree(db: Database, tenantId: string): Promise<Tree> {
  const [row] = await db.query<StoredTree>(`${TREE} FOR UPDATE`, [tenantId]);
  return treeOf(row as StoredTree);
}

function treeOf({ size, frontier }: StoredTree): Tree {
  const count = frontier.length / HASH_BYTES;
  const at = (n: number) => frontier.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES);
  return { size: Number(size), frontier: Array.from({ length: count }, (_, n) => at(n)) };
}

async function write(
  db: Database,
  log: Log,
  tenantId: string,
  { tree, grown, ids, hashes }: Growth,
): Promise<void> {
  const { tiles, size, frontier } = grown;
  const [leaves, [written]] = await Promise.all([
    db.execute(WRITE_LEAVES, [tenantId, tree.size, ids, hashes]),
    db.query<{ tiles: number }>(WRITE_TILES, [
      tenantId,
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      tiles.map(({ start }) => start),
      tiles.map((tile) => tile.hashes),
    ]),
    db.execute(WRITE_TREE, [tenantId, size, Buffer.concat(frontier)]),
  ]);
  // Not a reason to stop: other tenants wait too, and whoever verifies hears of it.
  if (leaves !== ids.length || written?.tiles !== tiles.length) damaged(log, tenantId, tree);
}

const ENSURE =
  "INSERT INTO audit_trees (tenant_id, frontier) VALUES ($1, '') ON CONFLICT DO NOTHING";
const TREE = 'SELECT size::text, frontier FROM audit_trees WHERE tenant_id = $1';

/**
 * In the order of the ids; without those that have a leaf, should an outbox have been restored. By the
 * index for each of them, as the limits say: the log may be large, and a batch is not.
 */
const NEW_LEAVES = `
SELECT given.id, e.leaf_hash AS hash FROM unnest($2::uuid[]) WITH ORDINALITY AS given(id, n)
CROSS JOIN LATERAL (
  SELECT leaf_hash FROM audit_events WHERE tenant_id = $1 AND id = given.id LIMIT 1) e
LEFT JOIN LATERAL (
  SELECT 1 AS found FROM audit_leaves WHERE tenant_id = $1 AND event_id = given.id LIMIT 1) l ON true
WHERE l.found IS NULL ORDER BY given.n`;

const WRITE_LEAVES = `
INSERT INTO audit_leaves (tenant_id, leaf_index, event_id, leaf_hash)
SELECT $1, $2::bigint + n - 1, id, substring($4::bytea FROM ((n - 1) * ${HASH_BYTES} + 1)::int FOR ${HASH_BYTES})
FROM unnest($3::uuid[]) WITH ORDINALITY AS new(id, n)
ON CONFLICT DO NOTHING`;

/** The last tile of a level grows, the others are new. */
const WRITE_TILES = `
WITH parts AS (
  SELECT * FROM unnest($2::int[], $3::bigint[], $4::int[], $5::bytea[])
    AS p(level, tile_index, start, hashes)
), grown AS (
  UPDATE audit_tiles t SET hashes = t.hashes || p.hashes FROM parts p
  WHERE p.start > 0 AND t.tenant_id = $1 AND t.level = p.level AND t.tile_index = p.tile_index
    AND octet_length(t.hashes) = p.start * ${HASH_BYTES}
  RETURNING 1
), made AS (
  INSERT INTO audit_tiles (tenant_id, level, tile_index, hashes)
  SELECT $1, level, tile_index, hashes FROM parts WHERE start = 0
  ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM grown)::int + (SELECT count(*) FROM made)::int AS tiles`;

const WRITE_TREE = 'UPDATE audit_trees SET size = $2, frontier = $3 WHERE tenant_id = $1';
