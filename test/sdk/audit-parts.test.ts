/** K03 Parts of a log: verified as one, or from a leaf on by what the closing line says of those before. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frontierFormula, overTiles } from '#features/audit/audit-proofs.ts';
import { type AuditReport, verifyAuditExport } from '../../sdk/generated/audit.ts';
import { MerkleTree, rootAfter } from '../../sdk/src/audit/merkle.ts';
import { signetVerify } from '../kit/archives.ts';
import { type SignedNote, signedNote } from '../kit/audit-export.ts';
import { exportOf, makeEvents } from '../kit/events.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';

const SIZE = 45;
const house = await openHouse();
const acme = await makers(house).tenant();
const folder = mkdtempSync(join(tmpdir(), 'signet-parts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const notes: SignedNote[] = [];
let note: SignedNote;

beforeAll(async () => {
  await makeEvents(house, acme.uuid, 10);
  notes.push(await signedNote(acme));
  await makeEvents(house, acme.uuid, SIZE);
  note = await signedNote(acme);
  put('key.txt', note.verifierKey);
  put('checkpoint.txt', note.note);
});

const path = (name: string) => join(folder, name);
function put(name: string, text: string | Buffer): string {
  writeFileSync(path(name), text);
  return path(name);
}

/** Leaves from one to below another, as an export says them. */
async function part(from: number, to = note.size): Promise<string> {
  return (await exportOf(house, acme, `?from=${from}&to=${to}`)).text;
}

const verify = (text: string, options: object): Promise<AuditReport> =>
  verifyAuditExport([Buffer.from(text)], { key: note.verifierKey, ...options });
const codes = ({ problems }: AuditReport) => problems.map(({ code }) => code);

/** The closing line says something else. */
function mended(text: string, mend: (end: { hashes?: string[]; from: number }) => object): string {
  const lines = text.trimEnd().split('\n');
  const { export: end } = JSON.parse(lines.pop() ?? '') as { export: { from: number } };
  return [...lines, JSON.stringify({ export: mend(end) }), ''].join('\n');
}

test('RFC 9162 whatever leaf a tree begins with, the subtrees before it make its root', async () => {
  const leaves = await rows<{ hash: Buffer }>(
    house,
    acme.uuid,
    'SELECT leaf_hash AS hash FROM audit_leaves ORDER BY leaf_index LIMIT 40',
  );
  for (let from = 0; from <= leaves.length; from += 1) {
    const before = await overTiles(house.services.db, acme.uuid, frontierFormula(from));
    const [whole, rest] = [new MerkleTree(), new MerkleTree(from)];
    for (const { hash } of leaves.slice(0, from)) whole.add(hash);
    expect(rootAfter(from, before, rest.subtrees())).toEqual(whole.root());
    for (const { hash } of leaves.slice(from)) {
      whole.add(hash);
      rest.add(hash);
      expect(rootAfter(from, before, rest.subtrees())).toEqual(whole.root());
    }
    expect(rootAfter(from, [...before, Buffer.alloc(32)], rest.subtrees())).toBeNull();
  }
});

describe('from a leaf on', () => {
  test('K03 any part that goes to the end verifies, and says from where', async () => {
    for (const from of [0, 1, 7, 8, 12, 31, note.size - 1, note.size]) {
      const report = await verify(await part(from), { checkpoint: note.note, from });
      expect(report).toMatchObject({ verified: true, from, events: note.size - from });
    }
  });

  test('K03 a log whose beginning was cut off does not, unless the caller says where it begins', async () => {
    const text = await part(12);
    const report = await verify(text, { checkpoint: note.note });
    expect(report.problems).toMatchObject([
      { code: 'EVENTS_MISSING', leafIndex: 0, message: expect.stringContaining('--from 12') },
    ]);
    expect(codes(await verify(text, { from: 11 }))).toEqual([
      'EVENTS_MISSING',
      'BEGINNING_UNKNOWN',
    ]);
    expect(codes(await verify(text, { from: 13 }))).toContain('LEAF_REPEATED');
    expect(codes(await verify(text, { from: 1_000 }))).toContain('BEGINNING_UNKNOWN');
  });

  test('K03 T36 what the closing line says of the leaves before is proved too', async () => {
    const text = await part(12);
    const lies = [
      mended(text, (end) => ({ ...end, hashes: end.hashes?.toReversed() })),
      mended(text, (end) => ({ ...end, hashes: end.hashes?.slice(1) })),
      mended(text, (end) => ({ ...end, hashes: [] })),
    ];
    for (const lie of lies)
      expect(codes(await verify(lie, { checkpoint: note.note, from: 12 }))).toEqual([
        'ROOT_DIFFERS',
      ]);
    for (const nonsense of [
      mended(text, (end) => ({ ...end, hashes: [...(end.hashes ?? []), 'x'] })),
      mended(text, (end) => ({ ...end, hashes: 'x' })),
      mended(text, () => ({ to: 1 })),
    ])
      expect(codes(await verify(nonsense, { checkpoint: note.note, from: 12 }))).toEqual([
        'LINE_MALFORMED',
        'BEGINNING_UNKNOWN',
      ]);
    const edited = text.replace('"result":"SUCCESS"', '"result":"REFUSED"');
    expect(codes(await verify(edited, { from: 12 }))).toEqual(['EVENT_EDITED']);
  });

  test('K03 an earlier checkpoint is compared where there is something to compare it with', async () => {
    const [early] = notes as [SignedNote];
    const earlier = [early.note];
    const at = async (from: number) => verify(await part(from), { earlier, from });
    expect((await at(early.size)).verified).toBe(true);
    expect((await at(early.size - 1)).verified).toBe(true);
    expect((await at(early.size + 1)).problems).toMatchObject([
      {
        code: 'EARLIER_NOT_COMPARABLE',
        message: expect.stringContaining('put the archives before it'),
      },
    ]);
    const forged = early.note.replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${'A'.repeat(43)}=\n`);
    const unsigned = { checkpoint: note.note, earlier: [forged], key: undefined };
    for (const from of [0, 3, early.size])
      expect(codes(await verify(await part(from), { ...unsigned, from }))).toEqual([
        'EARLIER_ROOT_DIFFERS',
      ]);
  });
});

describe('the last line', () => {
  test('K03 its checkpoint counts where no other is given, by the key alone', async () => {
    const text = await part(0);
    expect((await verify(text, {})).verified).toBe(true);
    await expect(verify(text, { key: undefined })).rejects.toThrow(TypeError);
    const cut = text.trimEnd().split('\n').slice(0, -1).join('\n');
    await expect(verify(cut, {})).rejects.toMatchObject({ code: 'CHECKPOINT_MALFORMED' });
    const forged = text.replace(/audit\\n\d+\\n/, 'audit\\n1\\n');
    await expect(verify(forged, {})).rejects.toMatchObject({ code: 'CHECKPOINT_SIGNATURE_WRONG' });
    const [early] = notes as [SignedNote];
    const older = mended(text, (end) => ({ ...end, checkpoint: early.note }));
    expect(codes(await verify(older, {}))).toEqual(['EVENTS_NOT_COVERED']);
  });
});

describe('the command', () => {
  test('K03 takes several files as one log, packed or joined', async () => {
    const [a, b, c] = [await part(0, 12), await part(12, 30), await part(30)];
    put('a.ndjson.gz', gzipSync(a));
    put('b.ndjson', b.trimEnd());
    put('c.ndjson', c);
    put('all.ndjson.gz', Buffer.concat([a, b, c].map((text) => gzipSync(text))));
    const files = [path('a.ndjson.gz'), path('b.ndjson'), path('c.ndjson')];
    const key = ['--key', path('key.txt')];
    const good = [
      [...files, path('checkpoint.txt'), ...key],
      [...files, ...key],
      [path('all.ndjson.gz'), ...key],
      [path('all.ndjson.gz'), path('checkpoint.txt')],
      [...files.slice(1), '--from', '12', ...key],
    ];
    for (const args of good) {
      const { code, text } = await signetVerify(...args);
      expect(text).toMatch(/^verified/);
      expect(code).toBe(0);
    }
    const bad = [
      [...files.slice(1), ...key],
      [...files.toSpliced(1, 1), ...key],
      [...files.toReversed(), ...key],
      [...files.slice(0, 2), path('checkpoint.txt'), ...key],
    ];
    for (const args of bad) expect((await signetVerify(...args)).code).toBe(1);
  }, 30_000);

  test('K03 does not take an export by its own word', async () => {
    put('own.ndjson', await part(0));
    const { code, text } = await signetVerify(path('own.ndjson'));
    expect([code, text]).toEqual([2, expect.stringContaining('pass --key')]);
    const odd = await signetVerify(path('own.ndjson'), '--key', path('key.txt'), '--from', '-1');
    expect(odd.code).toBe(2);
  });
});
