/**
 * The Merkle tree of RFC 9162 section 2.1 for whoever does not trust the log: written after the text of
 * the RFC, with nothing of the server's.
 */
import { hash } from 'node:crypto';

const NODE_PREFIX = 1;
const HASH_BYTES = 32;
/** The root of a tree without leaves. */
const EMPTY = hash('sha256', Buffer.alloc(0), 'buffer');

/** Roots of perfect subtrees that stand side by side, with their heights. */
export interface Subtrees {
  readonly size: number;
  readonly nodes: readonly Buffer[];
  readonly heights: readonly number[];
}

/**
 * A tree that grows leaf by leaf and remembers two hashes at most for each bit of its size. It may begin
 * with a later leaf than the first; its root is known once somebody says what stands before that.
 */
export class MerkleTree {
  readonly #from: number;
  readonly #nodes: Buffer[] = [];
  readonly #heights: number[] = [];
  #size: number;

  constructor(from = 0) {
    this.#from = from;
    this.#size = from;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes the hash of the next leaf. */
  add(leafHash: Buffer): void {
    let node = leafHash;
    let height = 0;
    let start = this.#size;
    for (let bits = this.#size; bits % 2 === 1; bits = (bits - 1) / 2) {
      // Whatever stands to the left of the beginning is not known yet.
      start -= 2 ** height;
      if (start < this.#from) break;
      node = hashPair(this.#nodes.pop() as Buffer, node);
      this.#heights.pop();
      height += 1;
    }
    this.#nodes.push(node);
    this.#heights.push(height);
    this.#size += 1;
  }

  /** As it is now, whatever is added later. */
  subtrees(): Subtrees {
    return { size: this.#size, nodes: [...this.#nodes], heights: [...this.#heights] };
  }

  root(): Buffer {
    return folded(this.#nodes);
  }
}

/**
 * The root of a tree that begins with `before`, the roots of the perfect subtrees of its first `from`
 * leaves, the largest first; null when these are not as many as `from` has bits.
 */
export function rootAfter(
  from: number,
  before: readonly Buffer[],
  { nodes, heights }: Subtrees,
): Buffer | null {
  const known = [...before];
  const knownHeights = heightsOf(from);
  if (known.length !== knownHeights.length) return null;
  for (const [n, subtree] of nodes.entries()) {
    let node = subtree;
    let height = heights[n] as number;
    while (knownHeights.at(-1) === height) {
      node = hashPair(known.pop() as Buffer, node);
      knownHeights.pop();
      height += 1;
    }
    known.push(node);
    knownHeights.push(height);
  }
  return folded(known);
}

/** One for each bit. */
function heightsOf(size: number): number[] {
  const heights: number[] = [];
  for (let height = 0, rest = size; rest > 0; height += 1, rest = half(rest))
    if (rest % 2 === 1) heights.unshift(height);
  return heights;
}

function folded(subtrees: readonly Buffer[]): Buffer {
  let root: Buffer | null = null;
  for (let at = subtrees.length - 1; at >= 0; at -= 1) {
    const subtree = subtrees[at] as Buffer;
    root = root ? hashPair(subtree, root) : subtree;
  }
  return root ?? EMPTY;
}

export interface Inclusion {
  readonly leafIndex: number;
  readonly leafHash: Buffer;
  readonly size: number;
  readonly root: Buffer;
  readonly hashes: readonly Buffer[];
}

/** Section 2.1.3.2: whether the proof leads from the leaf to the root. */
export function isIncluded({ leafIndex, leafHash, size, root, hashes }: Inclusion): boolean {
  if (!isCount(leafIndex) || !isCount(size) || leafIndex >= size) return false;
  if (![leafHash, root, ...hashes].every(isHash)) return false;
  let [fn, sn] = [leafIndex, size - 1];
  let node = leafHash;
  for (const sibling of hashes) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      node = hashPair(sibling, node);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      node = hashPair(node, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && node.equals(root);
}

export interface Consistency {
  readonly from: { readonly size: number; readonly root: Buffer };
  readonly to: { readonly size: number; readonly root: Buffer };
  readonly hashes: readonly Buffer[];
}

/** Section 2.1.4.2: whether the later tree begins with the earlier one. */
export function isConsistent({ from, to, hashes }: Consistency): boolean {
  if (!isCount(from.size) || !isCount(to.size) || from.size > to.size) return false;
  if (![from.root, to.root, ...hashes].every(isHash)) return false;
  // Every tree begins with the empty one, of which there is one.
  if (from.size === 0 && !from.root.equals(EMPTY)) return false;
  if (from.size === to.size) return hashes.length === 0 && from.root.equals(to.root);
  if (from.size === 0) return hashes.length === 0;
  const [first, ...path] = isPowerOfTwo(from.size) ? [from.root, ...hashes] : hashes;
  if (!first) return false;
  let [fn, sn] = [from.size - 1, to.size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [earlier, later] = [first, first];
  for (const node of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      earlier = hashPair(node, earlier);
      later = hashPair(node, later);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      later = hashPair(later, node);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && earlier.equals(from.root) && later.equals(to.root);
}

/** Its bytes are used before the next call and never kept. */
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

/** Throws `RangeError` for what is no hash: it would leave bytes of the pair before in its place. */
function hashPair(left: Buffer, right: Buffer): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    throw new RangeError('A hash must have 32 bytes');
  left.copy(pair, 1);
  right.copy(pair, 1 + HASH_BYTES);
  return hash('sha256', pair, 'buffer');
}

function isHash(bytes: Buffer): boolean {
  return bytes.length === HASH_BYTES;
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(Math.log2(n)) && 2 ** Math.log2(n) === n;
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}
