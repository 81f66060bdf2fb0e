/** What cannot start says why in one line that names the variable: no stack, no secret. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { createHome, serverUrl } from '../kit/homes.ts';
import { PROGRAM_ENV } from '../kit/programs.ts';
import { INTERNAL_KEY, MASTER_KEY } from './server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const keys = { INTERNAL_KEY, MASTER_KEY };
const folder = mkdtempSync(join(tmpdir(), 'signet-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program that refuses; what it wrote, without its log. */
function refused(program: string[], env: Record<string, string> = {}): Promise<string> {
  const options = {
    cwd: ROOT,
    env: { ...PROGRAM_ENV, LOG_LEVEL: 'silent', PORT: '0', ...env },
  };
  return new Promise((resolve) => {
    execFile(process.execPath, program, options, (error, stdout, stderr) => {
      resolve(`${error?.code}: ${stdout}${stderr}`);
    });
  });
}

const start = (env: Record<string, string>) => refused(['src/app/main.ts'], env);

test('a port in use and a host that is none', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const port = String((taken.address() as AddressInfo).port);
  const refusals: Record<string, string>[] = [
    { PORT: port },
    { INTERNAL_PORT: port },
    { HOST: 'nosuch.invalid' },
  ];
  const lines = await Promise.all(
    refusals.map(async (env) => {
      const home = await createHome();
      return start({ ...home.env, ...keys, ROLES: 'web', ...env }).finally(() => home.remove());
    }),
  );
  taken.close();
  expect(lines).toEqual([
    `1: PORT: ${port} is in use on 127.0.0.1; stop what uses it, or set another PORT\n`,
    `1: INTERNAL_PORT: ${port} is in use on 127.0.0.1; stop what uses it, or set another INTERNAL_PORT\n`,
    '1: HOST: nosuch.invalid is no address of this machine\n',
  ]);
  // Three whole starts, each of which comes to listening last; what works beside it plays no part.
}, 60_000);

test('a folder that can be none, and data without its master key', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const dataDir = join(folder, 'data');
  mkdirSync(join(dataDir, 'db'), { recursive: true });
  const [occupied, lost] = await Promise.all([
    start({ DATA_DIR: file }),
    start({ DATA_DIR: dataDir }),
  ]);
  expect(occupied).toMatch(/^1: DATA_DIR: \S+file cannot be made or written: EEXIST: .*\n$/);
  expect(lost).toBe(
    `1: MASTER_KEY: ${join(dataDir, 'master-key')} is missing, and the data needs it; restore it from a backup\n`,
  );
  expect(readdirSync(dataDir)).toEqual(['db']);
});

test('a server that is not there', async () => {
  const DATABASE_URL = 'postgres://someone:hunter2@127.0.0.1:1/signet';
  expect(await start({ ...keys, DATABASE_URL })).toBe(
    '1: DATABASE_URL: 127.0.0.1:1/signet cannot be used: connect ECONNREFUSED 127.0.0.1:1; check that the server runs, and its address in DATABASE_URL\n',
  );
});

test.runIf(serverUrl)('of two addresses the one that fails is named', async () => {
  const home = await createHome();
  const MIGRATION_DATABASE_URL = Object.assign(new URL(serverUrl as string), {
    pathname: '/nodb',
  }).href;
  expect(await start({ ...home.env, ...keys, MIGRATION_DATABASE_URL })).toMatch(
    /^1: MIGRATION_DATABASE_URL: \S+\/nodb cannot be used: database "nodb" does not exist; create it, or check MIGRATION_DATABASE_URL\n$/,
  );
  await home.remove();
});

test('the question for the next version names a ref that is none', async () => {
  expect(await refused(['sdk/release/bump.ts', 'nope'])).toBe(
    '1: There is no git ref nope; name that of the last release, such as v0.1.0\n',
  );
});
