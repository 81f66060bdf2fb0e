/** The tree of RFC 9162: the server's and the verifier's are two, and say the same (K03). */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  consistencyFormula,
  inclusionFormula,
  overTiles,
  rootFormula,
} from '#features/audit/audit-proofs.ts';
import { grow, rootOf, type TilePart, type Tree } from '#features/audit/audit-tree.ts';
import type { Database } from '#kernel/db/database.ts';
import { isConsistent, isIncluded, MerkleTree } from '../../sdk/src/audit/merkle.ts';

const leaf = (n: number) => createHash('sha256').update(Buffer.of(0)).update(`leaf ${n}`).digest();

/** Tiles in memory, asked as the database is. */
function tilesOf(parts: readonly TilePart[]): Database {
  const tiles = new Map<string, Buffer>();
  for (const { level, index, start, hashes } of parts) {
    const known = tiles.get(`${level} ${index}`) ?? Buffer.alloc(0);
    expect(known.length).toBe(start * 32);
    tiles.set(`${level} ${index}`, Buffer.concat([known, hashes]));
  }
  const query = async (_text: string, [, levels, indexes]: [string, number[], number[]]) =>
    levels.map((level, n) => ({
      level,
      tile: String(indexes[n]),
      hashes: tiles.get(`${level} ${indexes[n]}`),
    }));
  return { query, inTenant: (_: string, fn: () => unknown) => fn() } as unknown as Database;
}

/** A tree that grew in batches of these sizes. */
function grown(batches: readonly number[]) {
  const parts: TilePart[] = [];
  let tree: Tree = { size: 0, frontier: [] };
  for (const count of batches) {
    const next = grow(
      tree,
      Array.from({ length: count }, (_, n) => leaf(tree.size + n)),
    );
    parts.push(...next.tiles);
    tree = next;
  }
  return { tree, db: tilesOf(parts) };
}

test('RFC 9162 the vectors of RFC 6962 that everybody tests by', async () => {
  // The leaves and roots of certificate-transparency's own tests.
  const inputs = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  const hashes = inputs.map((hex) =>
    createHash('sha256').update(Buffer.of(0)).update(hex, 'hex').digest(),
  );
  const ours = new MerkleTree();
  let servers: Tree = { size: 0, frontier: [] };
  expect(ours.root().toString('hex')).toBe(createHash('sha256').digest('hex'));
  expect(rootOf(servers)).toEqual(ours.root());
  for (const [n, hash] of hashes.entries()) {
    ours.add(hash);
    servers = grow(servers, [hash]);
    expect(ours.root().toString('hex')).toBe(roots[n]);
    expect(rootOf(servers).toString('hex')).toBe(roots[n]);
  }
});

test('K03 every leaf of every small tree is proved, and none is proved to be another', async () => {
  const { db } = grown([40]);
  for (let size = 1; size <= 40; size += 1) {
    const root = await overTiles(db, 't', rootFormula(size));
    for (let leafIndex = 0; leafIndex < size; leafIndex += 1) {
      const hashes = await overTiles(db, 't', inclusionFormula(leafIndex, size));
      const proof = { leafIndex, leafHash: leaf(leafIndex), size, root, hashes };
      expect(isIncluded(proof)).toBe(true);
      const lies = [
        { ...proof, leafHash: leaf(leafIndex + 1) },
        { ...proof, leafIndex: leafIndex + 1 },
        { ...proof, root: leaf(1000) },
        { ...proof, hashes: [...hashes, leaf(7)] },
        ...hashes.map((_, n) => ({ ...proof, hashes: hashes.toSpliced(n, 1) })),
      ];
      const taken = lies.filter(isIncluded);
      expect(taken).toEqual([]);
    }
  }
});

test('K03 every small tree is proved to begin with every smaller one, and with no other', async () => {
  const { db } = grown([3, 1, 20, 9]);
  const at = async (size: number) => ({ size, root: await overTiles(db, 't', rootFormula(size)) });
  for (let to = 1; to <= 33; to += 1)
    for (let from = 1; from <= to; from += 1) {
      const hashes = await overTiles(db, 't', consistencyFormula(from, to));
      const proof = { from: await at(from), to: await at(to), hashes };
      expect(isConsistent(proof)).toBe(true);
      expect(isConsistent({ ...proof, from: { ...proof.from, root: leaf(99) } })).toBe(false);
      expect(isConsistent({ ...proof, to: { ...proof.to, root: leaf(99) } })).toBe(false);
      expect(isConsistent({ ...proof, hashes: [...hashes, leaf(99)] })).toBe(false);
    }
});

test('K03 what is not 32 bytes long is no hash, wherever it stands', async () => {
  const { db } = grown([5]);
  const [root, hashes] = [
    await overTiles(db, 't', rootFormula(5)),
    await overTiles(db, 't', inclusionFormula(2, 5)),
  ];
  const inclusion = { leafIndex: 2, leafHash: leaf(2), size: 5, root, hashes };
  expect(isIncluded(inclusion)).toBe(true);
  const parts = await overTiles(db, 't', consistencyFormula(3, 5));
  const from = { size: 3, root: await overTiles(db, 't', rootFormula(3)) };
  const consistency = { from, to: { size: 5, root }, hashes: parts };
  expect(isConsistent(consistency)).toBe(true);
  for (const wrong of [
    (hash: Buffer) => hash.subarray(0, 31),
    (hash: Buffer) => Buffer.concat([hash, Buffer.of(0)]),
    () => Buffer.alloc(0),
  ]) {
    for (const n of hashes.keys()) {
      // What was hashed before stands where a short one leaves room.
      isIncluded(inclusion);
      const lie = { ...inclusion, hashes: hashes.with(n, wrong(hashes[n] as Buffer)) };
      expect(isIncluded(lie)).toBe(false);
    }
    expect(isIncluded({ ...inclusion, root: wrong(root) })).toBe(false);
    expect(isIncluded({ ...inclusion, leafHash: wrong(leaf(2)) })).toBe(false);
    for (const n of parts.keys()) {
      const lie = { ...consistency, hashes: parts.with(n, wrong(parts[n] as Buffer)) };
      expect(isConsistent(lie)).toBe(false);
    }
    expect(() => {
      const tree = new MerkleTree();
      for (const hash of [leaf(0), wrong(leaf(1))]) tree.add(hash);
    }).toThrow(RangeError);
  }
  const empty = new MerkleTree().root();
  const begun = { to: { size: 5, root }, hashes: [] };
  expect(isConsistent({ ...begun, from: { size: 0, root: empty } })).toBe(true);
  expect(isConsistent({ ...begun, from: { size: 0, root } })).toBe(false);
  expect(isConsistent({ from: { size: 0, root }, to: { size: 0, root }, hashes: [] })).toBe(false);
});

test('batches of any size make the same tiles and the same root, over three levels', async () => {
  const size = 66_000;
  const whole = grown([size]);
  const parts = grown([1, 254, 2, 255, 65_000, 24, 464]);
  expect(parts.tree).toEqual({ ...whole.tree, tiles: expect.anything() });
  const verifier = new MerkleTree();
  for (let n = 0; n < size; n += 1) verifier.add(leaf(n));
  expect(rootOf(parts.tree)).toEqual(verifier.root());
  for (const db of [whole.db, parts.db]) {
    const root = await overTiles(db, 't', rootFormula(size));
    expect(root).toEqual(verifier.root());
    for (const leafIndex of [0, 255, 256, 65_535, 65_536, 65_999]) {
      const hashes = await overTiles(db, 't', inclusionFormula(leafIndex, size));
      expect(isIncluded({ leafIndex, leafHash: leaf(leafIndex), size, root, hashes })).toBe(true);
    }
    for (const from of [1, 256, 257, 65_535, 65_536, 65_537]) {
      const hashes = await overTiles(db, 't', consistencyFormula(from, size));
      const earlier = { size: from, root: await overTiles(db, 't', rootFormula(from)) };
      expect(isConsistent({ from: earlier, to: { size, root }, hashes })).toBe(true);
    }
  }
});
