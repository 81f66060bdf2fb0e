/**
 * Proofs of RFC 9162 over the stored tiles. A proof is a formula over roots of perfect subtrees: it is
 * run once to learn which of them it needs, then, when their tiles were read, to have them.
 */
import type { Database } from '#kernel/db/database.ts';
import { HASH_BYTES, nodeHash, rootOf, TILE_WIDTH } from './audit-tree.ts';

/** The root of a perfect subtree: leaves `index * 2^height` to `(index + 1) * 2^height`. */
type Node = (height: number, index: number) => Buffer;
type Formula<T> = (node: Node) => T;

/** Section 2.1.1: the root of the first `size` leaves. */
export function rootFormula(size: number): Formula<Buffer> {
  return (node) => (size === 0 ? rootOf({ frontier: [] }) : range(node, 0, size));
}

/** The roots of the perfect subtrees that a tree of `size` consists of, the largest first. */
export function frontierFormula(size: number): Formula<Buffer[]> {
  return (node) => {
    const roots: Buffer[] = [];
    for (let start = 0; start < size; ) {
      const height = Math.floor(Math.log2(size - start));
      roots.push(node(height, start / 2 ** height));
      start += 2 ** height;
    }
    return roots;
  };
}

/** Section 2.1.3.1: that leaf `index` is in the tree of `size`. */
export function inclusionFormula(index: number, size: number): Formula<Buffer[]> {
  return (node) => {
    const path: Buffer[] = [];
    let [start, end] = [0, size];
    while (end - start > 1) {
      const middle = start + half(end - start);
      const left = index < middle;
      path.unshift(left ? range(node, middle, end) : range(node, start, middle));
      [start, end] = left ? [start, middle] : [middle, end];
    }
    return path;
  };
}

/** Section 2.1.4.1: that the tree of `to` begins with that of `from`. */
export function consistencyFormula(from: number, to: number): Formula<Buffer[]> {
  return (node) => {
    if (from === 0 || from === to) return [];
    const path: Buffer[] = [];
    let [start, end] = [0, to];
    while (end !== from) {
      const middle = start + half(end - start);
      const left = from <= middle;
      path.unshift(left ? range(node, middle, end) : range(node, start, middle));
      [start, end] = left ? [start, middle] : [middle, end];
    }
    // The earlier tree itself is not repeated.
    return start === 0 ? path : [range(node, start, end), ...path];
  };
}

/** Runs a formula over a tenant's tiles. Throws `TilesDamaged` when one of them lacks what it must hold. */
export async function overTiles<T>(
  db: Database,
  tenantId: string,
  formula: Formula<T>,
): Promise<T> {
  const needed = new Map<string, readonly [number, number]>();
  formula((height, index) => {
    const at = placeOf(height, index);
    needed.set(`${at.level} ${at.tile}`, [at.level, at.tile]);
    return UNKNOWN;
  });
  const places = [...needed.values()];
  const rows = await db.inTenant(tenantId, () =>
    db.query<{ level: number; tile: string; hashes: Buffer }>(TILES, [
      tenantId,
      places.map(([level]) => level),
      places.map(([, tile]) => tile),
    ]),
  );
  const tiles = new Map(rows.map(({ level, tile, hashes }) => [`${level} ${tile}`, hashes]));
  return formula((height, index) => {
    const { level, tile, start, count } = placeOf(height, index);
    const hashes = tiles.get(`${level} ${tile}`);
    const end = (start + count) * HASH_BYTES;
    if (!hashes || hashes.length < end) throw new TilesDamaged(tenantId, level, tile);
    return fold(hashes.subarray(start * HASH_BYTES, end));
  });
}

export class TilesDamaged extends Error {
  override readonly name = 'TilesDamaged';
  constructor(tenantId: string, level: number, tile: number) {
    super(`tile ${tile} of level ${level} of the audit tree of tenant ${tenantId} is not whole`);
  }
}

const UNKNOWN = Buffer.alloc(HASH_BYTES);

const TILES = `
SELECT t.level, t.tile_index::text AS tile, t.hashes
FROM unnest($2::int[], $3::bigint[]) AS p(level, tile_index)
JOIN audit_tiles t ON t.tenant_id = $1 AND t.level = p.level AND t.tile_index = p.tile_index`;

/** The largest power of two that is smaller than `n`, which is at least 2. */
function half(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function range(node: Node, start: number, end: number): Buffer {
  const size = end - start;
  const height = Math.log2(size);
  if (Number.isInteger(height) && start % size === 0) return node(height, start / size);
  const middle = start + half(size);
  return nodeHash(range(node, start, middle), range(node, middle, end));
}

/** A node that lies between two levels of tiles is the root of some hashes of the lower one. */
function placeOf(height: number, index: number) {
  const level = Math.floor(height / 8);
  const count = 2 ** (height % 8);
  const first = index * count;
  return { level, tile: Math.floor(first / TILE_WIDTH), start: first % TILE_WIDTH, count };
}

function fold(hashes: Buffer): Buffer {
  if (hashes.length === HASH_BYTES) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(fold(hashes.subarray(0, middle)), fold(hashes.subarray(middle)));
}
