/**
 * Each wall of biome.json stands: a planted violation is reported, by the expected rule and no
 * other, and what is allowed passes. In a tree of its own under the same configuration.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { PLANTS } from './planted-violations.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tree = mkdtempSync(join(tmpdir(), 'signet-walls-'));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

const found = complaints();

test.each(PLANTS)('$wall', ({ file, rules }) => {
  expect([...(found.get(file) ?? [])].sort()).toEqual([...rules].sort());
});

test('every room has a wall that was tried', () => {
  const { overrides } = JSON.parse(read('biome.json')) as {
    overrides: {
      includes: string[];
      linter: { rules: { style?: { noRestrictedImports?: object } } };
    }[];
  };
  const rooms = overrides.filter(({ linter }) => linter.rules.style?.noRestrictedImports);
  const tried = PLANTS.filter(({ rules }) => rules.length > 0).map(({ file }) => file);
  for (const { includes } of rooms) {
    const [folder = ''] = includes[0]?.split('/**') ?? [];
    expect([folder, tried.some((file) => file.startsWith(`${folder}/`))]).toEqual([folder, true]);
  }
});

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string | { readonly file: string } | null };
  }[];
}

/** Rules that complained, by file. */
function complaints(): Map<string, Set<string>> {
  plant();
  const rules = new Map<string, Set<string>>();
  for (const { category, location } of lint().diagnostics) {
    const { path } = location;
    const file = (typeof path === 'string' ? path : (path?.file ?? '')).replace(/^\.\//, '');
    rules.set(file, (rules.get(file) ?? new Set()).add(category));
  }
  return rules;
}

function plant(): void {
  const {
    vcs: _vcs,
    $schema: _schema,
    ...config
  } = JSON.parse(read('biome.json')) as Record<string, unknown>;
  writeFileSync(join(tree, 'biome.json'), JSON.stringify(config));
  for (const name of ['package.json', 'tsconfig.json']) cpSync(join(root, name), join(tree, name));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  for (const { file, text } of PLANTS) {
    mkdirSync(join(tree, dirname(file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
}

function lint(): Report {
  const biome = join(root, 'node_modules/.bin/biome');
  const options = ['lint', '--reporter=json', '--max-diagnostics=none', '--colors=off', '.'];
  try {
    return JSON.parse(
      execFileSync(biome, options, { cwd: tree, encoding: 'utf8', stdio: 'pipe' }),
    ) as Report;
  } catch (error) {
    // It ends with 1 when it has something to say.
    return JSON.parse((error as { stdout: string }).stdout) as Report;
  }
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
