/**
 * What is printed is what is promised: printing again, from these sources, changes nothing in
 * schema/. It runs the program's own print in a copy of the tree, so that nothing is overwritten.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'signet-prints-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

for (const name of ['src', 'schema', 'package.json'])
  cpSync(join(root, name), join(copy, name), { recursive: true });
for (const name of ['node_modules', 'prisma']) symlinkSync(join(root, name), join(copy, name));
execFileSync(process.execPath, ['src/app/print.ts'], { cwd: copy });

test('H10 every printed file is as the declarations say', () => {
  const printed = readdirSync(join(copy, 'schema')).sort();
  expect(readdirSync(join(root, 'schema')).sort()).toEqual(printed);
  for (const file of printed) {
    const stale = read(root, file) !== read(copy, file);
    expect([file, stale && 'is stale: npm run print']).toEqual([file, false]);
  }
});

test('no published operation was taken back', () => {
  const kept = JSON.parse(read(root, 'operations.json')) as Record<string, { hash: string }[]>;
  const now = JSON.parse(read(copy, 'operations.json')) as typeof kept;
  for (const [name, versions] of Object.entries(kept))
    expect(now[name]?.map(({ hash }) => hash)).toEqual(
      expect.arrayContaining(versions.map(({ hash }) => hash)),
    );
});

function read(tree: string, file: string): string {
  return readFileSync(join(tree, 'schema', file), 'utf8');
}
