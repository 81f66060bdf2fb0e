/**
 * node sdk/release/bump.ts <git ref of the last release>
 *
 * Says what changed in schema/ since then and which version the SDK must have at least. Fails when
 * sdk/package.json says less.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Contract, nextVersion, requiredBump } from './required-bump.ts';

const ROOT = new URL('../../', import.meta.url);

const [ref] = process.argv.slice(2);
if (!ref) {
  console.error('Name the git ref of the last release: node sdk/release/bump.ts v0.1.0');
  process.exit(2);
}
if (!isCommit(ref)) {
  console.error(`There is no git ref ${ref}; name that of the last release, such as v0.1.0`);
  process.exit(1);
}

const released = versionOf(show(ref, 'sdk/package.json'));
const { bump, changes } = await requiredBump(
  contract((path) => show(ref, path)),
  contract(read),
);
const needed = nextVersion(released, bump);
const current = versionOf(read('sdk/package.json'));
for (const change of changes) console.log(`${change.bump}: ${change.message}`);
console.log(
  `${ref} is ${released}; the contract needs ${needed} (${bump}), sdk/package.json says ${current}`,
);
if (compare(current, needed) < 0) process.exit(1);

function contract(text: (path: string) => string): Contract {
  const operations = JSON.parse(text('schema/operations.json')) as Contract['operations'];
  return { sdl: text('schema/schema.graphql'), operations };
}

function isCommit(name: string): boolean {
  const verify = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  return spawnSync('git', verify, { cwd: ROOT }).status === 0;
}

function show(commit: string, path: string): string {
  return execFileSync('git', ['show', `${commit}:${path}`], { cwd: ROOT, encoding: 'utf8' });
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

function versionOf(manifest: string): string {
  return (JSON.parse(manifest) as { version: string }).version;
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
