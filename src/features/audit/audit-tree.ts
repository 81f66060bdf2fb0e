/**
 * The Merkle tree of RFC 9162 section 2.1 as it grows: nothing but arithmetic. A tree of n leaves is
 * known by its frontier, the roots of its perfect subtrees, the largest first: one for each bit of n.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;
/** Hashes of one tile; its root is one hash of the level above. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

export interface Tree {
  readonly size: number;
  readonly frontier: readonly Buffer[];
}

/** Hashes that are new in one tile, from its `start`th on. */
export interface TilePart {
  readonly level: number;
  readonly index: number;
  readonly start: number;
  readonly hashes: Buffer;
}

export interface Grown extends Tree {
  readonly tiles: readonly TilePart[];
}

/** RFC 9162 section 2.1.1: SHA-256(0x01 || left || right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  const input = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  input[0] = 1;
  left.copy(input, 1);
  right.copy(input, 1 + HASH_BYTES);
  return hash('sha256', input, 'buffer');
}

/** The tree with these leaf hashes after its last, and what that adds to its tiles. */
export function grow(tree: Tree, leaves: readonly Buffer[]): Grown {
  const frontier = [...tree.frontier];
  const tiles = new OpenTiles();
  let { size } = tree;
  for (const leaf of leaves) {
    let node = leaf;
    let height = 0;
    tiles.add(0, size, node);
    // Every low bit of the size that is set is a subtree of the height of ours, to the left of it.
    for (let left = size; left % 2 === 1; left = Math.floor(left / 2)) {
      node = nodeHash(frontier.pop() as Buffer, node);
      height += 1;
      if (height % TILE_HEIGHT === 0)
        tiles.add(height / TILE_HEIGHT, Math.floor(size / 2 ** height), node);
    }
    frontier.push(node);
    size += 1;
  }
  return { size, frontier, tiles: tiles.parts() };
}

/** The root of the whole tree; of an empty one SHA-256 of nothing. */
export function rootOf({ frontier }: Pick<Tree, 'frontier'>): Buffer {
  const last = frontier.at(-1);
  if (!last) return hash('sha256', Buffer.alloc(0), 'buffer');
  return frontier.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

class OpenTiles {
  readonly #open = new Map<string, { at: Omit<TilePart, 'hashes'>; hashes: Buffer[] }>();

  add(level: number, position: number, node: Buffer): void {
    const index = Math.floor(position / TILE_WIDTH);
    const key = `${level} ${index}`;
    const known = this.#open.get(key);
    if (known) known.hashes.push(node);
    else
      this.#open.set(key, { at: { level, index, start: position % TILE_WIDTH }, hashes: [node] });
  }

  parts(): TilePart[] {
    return [...this.#open.values()].map(({ at, hashes }) => ({
      ...at,
      hashes: Buffer.concat(hashes),
    }));
  }
}
