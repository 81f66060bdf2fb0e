/**
 * `npm run test:full`: every test with whole counts, first on the embedded database, then on a
 * PostgreSQL of its own (or the one that TEST_DATABASE_URL names). Takes the better part of an hour.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createCluster } from './postgres/cluster.ts';

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

async function run(title: string, databaseUrl: string | undefined): Promise<boolean> {
  console.log(`\n== ${title}`);
  const { TEST_DATABASE_URL: _, ...env } = process.env;
  const given = databaseUrl ? { TEST_DATABASE_URL: databaseUrl } : {};
  const args = [VITEST, 'run', ...process.argv.slice(2)];
  const options = { env: { ...env, ...given, TEST_FULL: '1' }, stdio: 'inherit' } as const;
  const [code] = await once(spawn(process.execPath, args, options), 'exit');
  return code === 0;
}

const given = process.env['TEST_DATABASE_URL'];
const embedded = await run('the embedded database', undefined);
const cluster = given ? null : await createCluster();
const postgres = await run('PostgreSQL', given ?? cluster?.url).finally(() => cluster?.remove());
process.exitCode = embedded && postgres ? 0 : 1;
