/**
 * What is printed is what is promised: printing again, from these sources, changes nothing. It runs
 * the program's own print in a copy of the tree, so that nothing here is overwritten.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tree = mkdtempSync(join(tmpdir(), 'signet-prints-'));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** Not read by the print, or only through Node's resolution. */
const LINKED = new Set(['node_modules', 'prisma']);
const LEFT_OUT = new Set(['.git', '.data', 'test', 'coverage']);

for (const name of readdirSync(root)) {
  if (LINKED.has(name)) symlinkSync(join(root, name), join(tree, name));
  else if (!LEFT_OUT.has(name)) cpSync(join(root, name), join(tree, name), { recursive: true });
}
const before = contents();
execFileSync(process.execPath, ['src/app/print.ts'], { cwd: tree });
const after = contents();

test('every printed file is as the declarations say; npm run print mends it', () => {
  const changed = [...after].filter(([file, text]) => before.get(file) !== text);
  expect(changed.map(([file]) => file)).toEqual([]);
  expect([...after.keys()]).toEqual(
    expect.arrayContaining(['schema/schema.graphql', 'schema/openapi.json']),
  );
});

test('no published operation was taken back', () => {
  const published = (files: ReadonlyMap<string, string>) =>
    JSON.parse(files.get('schema/operations.json') ?? '{}') as Record<string, { hash: string }[]>;
  const now = published(after);
  for (const [name, versions] of Object.entries(published(before)))
    expect(now[name]?.map(({ hash }) => hash)).toEqual(
      expect.arrayContaining(versions.map(({ hash }) => hash)),
    );
});

function contents(): ReadonlyMap<string, string> {
  const files = readdirSync(tree, { recursive: true, encoding: 'utf8' })
    .filter((file) => !LINKED.has(file.split('/')[0] ?? ''))
    .filter((file) => statSync(join(tree, file)).isFile())
    .sort();
  return new Map(files.map((file) => [file, readFileSync(join(tree, file), 'utf8')]));
}
