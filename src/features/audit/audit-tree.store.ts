/**
 * A tenant's tree as it is stored: its size and frontier, its leaves, its tiles. Whoever makes it grow
 * holds the tree's row; what is written goes with the transaction that is open.
 */
import type { Database } from '#kernel/db/database.ts';
import type { Log } from '#kernel/log.ts';
import { frontierFormula, overTiles, rootFormula, TilesDamaged } from './audit-proofs.ts';
import { type Grown, grow, HASH_BYTES, TILE_WIDTH, type Tree } from './audit-tree.ts';

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
    const [, stored, events] = await Promise.all([
      db.execute(ENSURE, [tenantId]),
      lockedTree(db, tenantId),
      db.query<{ id: string; hash: Buffer; known: boolean }>(EVENTS, [
        tenantId,
        [...new Set(eventIds)],
      ]),
    ]);
    const there = new Set(events.map(({ id }) => id));
    const missing = eventIds.filter((id) => !there.has(id));
    if (missing.length > 0)
      log.warn({ tenant: tenantId, missing: missing.slice(0, 10) }, 'events that are not there');
    const leaves = events.filter(({ known }) => !known);
    if (leaves.length === 0) return;
    const tree = await soundTree(db, tenantId, stored);
    // They wait without a leaf until it is mended (`audit-leaves.reconcile`); others are in this batch too.
    if (tree === null) return damaged(log, tenantId, stored);
    const hashes = leaves.map(({ hash }) => hash);
    const grown = grow(tree, hashes);
    const ids = leaves.map(({ id }) => id);
    await write(db, log, tenantId, { tree, grown, ids, hashes: Buffer.concat(hashes) });
  });
}

/** Whether the tenant's tree can grow: it is whole, or its frontier can be had from its tiles. */
export async function canGrow(db: Database, tenantId: string): Promise<boolean> {
  const [row] = await db.query<StoredTree>(TREE, [tenantId]);
  return !row || (await soundTree(db, tenantId, treeOf(row))) !== null;
}

/** The tree as it is; empty where there is none. */
export async function readTree(db: Pick<Database, 'query'>, tenantId: string): Promise<Stored> {
  const [row] = await db.query<StoredTree>(TREE, [tenantId]);
  return row ? treeOf(row) : { size: 0, frontier: [], leaves: 0, lastTile: 0 };
}

/** What is stored of a tree, with what must be as many as its size. */
interface Stored extends Tree {
  readonly leaves: number;
  /** Of the last tile of leaves, where it is not full. */
  readonly lastTile: number;
}

/** As many perfect subtrees as the size has bits, and as many leaves as it says. */
export function isWhole({ size, frontier, leaves, lastTile }: Stored): boolean {
  const subtrees = size.toString(2).replaceAll('0', '').length;
  return frontier.length === subtrees && holds({ size, leaves, lastTile });
}

function holds({ size, leaves, lastTile }: Omit<Stored, 'frontier'>): boolean {
  return leaves === size && lastTile === size % TILE_WIDTH;
}

/**
 * The tree that may grow: as it is stored, or with a frontier made of its tiles, should they hold what
 * was signed last. Null when neither is to be had.
 */
async function soundTree(db: Database, tenantId: string, stored: Stored): Promise<Tree | null> {
  if (isWhole(stored)) return stored;
  if (!holds(stored)) return null;
  const [last] = await db.query<{ size: string; root: Buffer }>(LAST_SIGNED, [tenantId]);
  if (Number(last?.size ?? 0) > stored.size) return null;
  try {
    const root = await overTiles(db, tenantId, rootFormula(Number(last?.size ?? 0)));
    if (last && !root.equals(last.root)) return null;
    return {
      size: stored.size,
      frontier: await overTiles(db, tenantId, frontierFormula(stored.size)),
    };
  } catch (error) {
    if (!(error instanceof TilesDamaged)) throw error;
    return null;
  }
}

function damaged(log: Log, tenant: string, { size }: Tree): void {
  log.error({ tenant, size }, 'what is stored does not fit the audit tree: it was changed');
}

interface StoredTree {
  readonly size: string;
  readonly frontier: Buffer;
  readonly leaves: string;
  readonly lastTile: number;
}

interface Growth {
  readonly tree: Tree;
  readonly grown: Grown;
  readonly ids: readonly string[];
  readonly hashes: Buffer;
}

async function lockedTree(db: Database, tenantId: string): Promise<Stored> {
  const [row] = await db.query<StoredTree>(`${TREE} FOR UPDATE OF t`, [tenantId]);
  return treeOf(row as StoredTree);
}

function treeOf({ size, frontier, leaves, lastTile }: StoredTree): Stored {
  const count = frontier.length / HASH_BYTES;
  const at = (n: number) => frontier.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES);
  const subtrees = Array.from({ length: count }, (_, n) => at(n));
  return { size: Number(size), frontier: subtrees, leaves: Number(leaves), lastTile };
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
const TREE = `
SELECT t.size::text, t.frontier,
  coalesce((SELECT l.leaf_index + 1 FROM audit_leaves l WHERE l.tenant_id = $1
    ORDER BY l.leaf_index DESC LIMIT 1), 0)::text AS leaves,
  CASE WHEN t.size % ${TILE_WIDTH} = 0 THEN 0 ELSE coalesce((
    SELECT octet_length(s.hashes) / ${HASH_BYTES} FROM audit_tiles s
    WHERE s.tenant_id = $1 AND s.level = 0 AND s.tile_index = t.size / ${TILE_WIDTH}), 0)
  END AS "lastTile"
FROM audit_trees t WHERE t.tenant_id = $1`;

const LAST_SIGNED = `
SELECT size::text, root FROM audit_checkpoints WHERE tenant_id = $1 ORDER BY size DESC LIMIT 1`;

/**
 * In the order of the ids; some have a leaf, should the outbox be read again. By the index for each of
 * them, as the limits say: the log may be large, and a batch is not.
 */
const EVENTS = `
SELECT given.id, e.leaf_hash AS hash, l.found IS NOT NULL AS known FROM unnest($2::uuid[]) WITH ORDINALITY AS given(id, n)
CROSS JOIN LATERAL (
  SELECT leaf_hash FROM audit_events WHERE tenant_id = $1 AND id = given.id LIMIT 1) e
LEFT JOIN LATERAL (
  SELECT 1 AS found FROM audit_leaves WHERE tenant_id = $1 AND event_id = given.id LIMIT 1) l ON true
ORDER BY given.n`;

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
