/**
 * Owns the generation of prisma/client from prisma/schema. Runs at install (root `postinstall`), offline:
 * every Prisma command first looks for a schema engine and would download one, unless it is told
 * that it has one. Generation never starts that engine; the node binary stands in for it. (Not
 * `true`: a command that does start it would then exit 0 having done nothing.)
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

function generate(): void {
  const cli = prismaCli();
  const run = spawnSync(
    process.execPath,
    [cli, 'generate', '--schema', 'prisma/schema', '--no-hints'],
    {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    },
  );
  if (run.status !== 0) {
    fail(
      'prisma/client could not be generated from prisma/schema.',
      run.error?.message ?? `${run.stdout}${run.stderr}`.trim(),
      'Correct the schema, then run: node prisma/generate.ts',
    );
  }
}

function prismaCli(): string {
  try {
    return createRequire(import.meta.url).resolve('prisma/build/index.js');
  } catch {
    return fail(
      'prisma/client could not be generated: the package "prisma" is not installed.',
      'It is a development dependency (npm ci without --omit=dev).',
      'Install with: npm ci',
    );
  }
}

function fail(...lines: string[]): never {
  console.error(lines.join('\n'));
  process.exit(1);
}

generate();
