/** `npm run doctor`: says what is wrong before a start does, changes nothing, tells no secret. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { lockDataDir } from '#kernel/db/data-dir-lock.ts';
import { startEmbeddedServer } from '#kernel/db/embedded-server.ts';
import { ownerConnection } from '#kernel/db/migrate.ts';
import { createHome, type Home } from '../kit/homes.ts';
import { startHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { INTERNAL_KEY, MASTER_KEY } from './server-process.ts';

const DOCTOR = fileURLToPath(new URL('../../src/app/doctor.ts', import.meta.url));
const keys = { INTERNAL_KEY, MASTER_KEY };
const homes: Home[] = [];
afterAll(() => Promise.all(homes.map((home) => home.remove())));

async function newHome(): Promise<Home> {
  const home = await createHome();
  homes.push(home);
  return home;
}

interface Diagnosis {
  readonly code: number;
  readonly text: string;
  /** `state message`, by check. */
  readonly says: Record<string, string>;
}

function doctor(env: Record<string, string>): Promise<Diagnosis> {
  const options = { env: { PATH: process.env['PATH'], ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [DOCTOR], options, (error, stdout, stderr) => {
      const lines = stdout.trim().split('\n');
      const parts = lines.map((line) => /^(\w+) +(\S+(?: \S+)*?) {2,}(.*)$/.exec(line) ?? []);
      resolve({
        code: Number(error?.code ?? 0),
        text: stdout + stderr,
        says: Object.fromEntries(
          parts.map(([, state, check, says]) => [check, `${state} ${says}`]),
        ),
      });
    });
  });
}

async function asOwner(home: Home, text: string): Promise<void> {
  const { DATABASE_URL, DATA_DIR } = home.env;
  const quiet = { warn: () => undefined, error: () => undefined };
  const server = DATABASE_URL ? null : await startEmbeddedServer(DATA_DIR, quiet);
  const owner = await ownerConnection(server ?? { connectionString: DATABASE_URL as string });
  await owner.query(text).finally(() => owner.end());
  await server?.close();
}

test('every problem of the configuration is told at once, and no value', async () => {
  const { code, text } = await doctor({
    PORT: 'eighty',
    ROLES: 'cook',
    DATABASE_URL: 'postgres://u:hunter2@127.0.0.1/x',
  });
  expect(code).toBe(1);
  for (const variable of ['PORT', 'ROLES', 'INTERNAL_KEY', 'MASTER_KEY'])
    expect(text).toMatch(new RegExp(`^fail +configuration +${variable}: `, 'm'));
  expect(text).not.toMatch(/hunter2|eighty|cook/);
});

test('a folder that is not there yet is fine, and is not made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-doctor-'));
  const { code, says } = await doctor({ DATA_DIR: join(folder, 'data') });
  expect(code).toBe(0);
  expect(says['database']).toBe('ok the embedded database is made by the next start');
  expect(existsSync(join(folder, 'data'))).toBe(false);
  rmSync(folder, { recursive: true });
});

test('a database that is ready passes every check', async () => {
  const home = await newHome();
  const { code, says, text } = await doctor({ ...home.env, ...keys });
  expect(text).not.toMatch(/^fail/m);
  expect(code).toBe(0);
  expect(says).toMatchObject({
    migrations: 'ok all applied',
    clock: expect.stringMatching(/^ok the database's clock differs by 0(\.\d)? s$/),
    database: expect.stringMatching(/^ok PostgreSQL \d+$/),
    'audit months': 'ok this and the next are prepared',
    'master key': 'ok opens the data keys of every tenant (0)',
  });
});

test('production needs an https origin', async () => {
  const env = { DATA_DIR: join(tmpdir(), 'signet-nowhere'), NODE_ENV: 'production' };
  const { code, says } = await doctor(env);
  expect(code).toBe(1);
  expect(says['public URL']).toMatch(/^fail http:.* is not https; set PUBLIC_URL/);
  const good = await doctor({ ...env, PUBLIC_URL: 'https://id.example.com' });
  expect(good.says['public URL']).toBe('ok https://id.example.com');
});

test('a pending migration is told, an edited one fails', async () => {
  const home = await newHome();
  await asOwner(home, "DELETE FROM _prisma_migrations WHERE migration_name LIKE '0003%'");
  const pending = await doctor({ ...home.env, ...keys });
  expect(pending.code).toBe(0);
  expect(pending.says['migrations']).toMatch(/^warn pending: 0003_jobs/);
  await asOwner(
    home,
    "UPDATE _prisma_migrations SET checksum = 'x' WHERE migration_name LIKE '0001%'",
  );
  const edited = await doctor({ ...home.env, ...keys });
  expect(edited.code).toBe(1);
  expect(edited.says['migrations']).toMatch(/^fail Migration 0001_init was edited/);
});

test('months of the audit log that nobody prepared are told', async () => {
  const home = await newHome();
  await asOwner(
    home,
    `DO $$ BEGIN EXECUTE 'DROP TABLE audit_events_' || to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM'); END $$`,
  );
  const { code, says } = await doctor({ ...home.env, ...keys });
  expect(code).toBe(0);
  expect(says['audit months']).toMatch(
    /^warn audit_events_\d{4}_\d\d missing; run a process with ROLES=jobs/,
  );
});

test('K01: a master key that does not open what is sealed is told before anybody needs it', async () => {
  const house = await startHouse();
  homes.push(house.home);
  await makers(house).tenant();
  await house.stop();
  const right = await doctor({ ...house.home.env, ...keys });
  expect(right.says['master key']).toMatch(/^ok opens the data keys of every tenant \([1-9]\d*\)$/);
  const other = { ...keys, MASTER_KEY: 'ab'.repeat(32) };
  const wrong = await doctor({ ...house.home.env, ...other });
  expect(wrong.code).toBe(1);
  expect(wrong.says['master key']).toMatch(
    /^fail does not open a data key of tenant .*PREVIOUS_MASTER_KEYS/,
  );
  expect(wrong.text).not.toMatch(/abab/);
  const rotated = await doctor({ ...house.home.env, ...other, PREVIOUS_MASTER_KEYS: MASTER_KEY });
  expect(rotated.says['master key']).toMatch(/^ok/);
});

describe('whatever the home of other tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-doctor-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a server that is not there is named without its password', async () => {
    const { code, says, text } = await doctor({
      ...keys,
      DATABASE_URL: 'postgres://someone:hunter2@127.0.0.1:1/signet',
    });
    expect(code).toBe(1);
    expect(says['database']).toMatch(/^fail 127\.0\.0\.1:1\/signet cannot be used: .*ECONNREFUSED/);
    expect(text).not.toContain('hunter2');
  });

  test('an embedded database that a server uses is left alone, and its user named', async () => {
    mkdirSync(join(folder, 'db'));
    const unlock = lockDataDir(folder);
    const { code, says } = await doctor({ DATA_DIR: folder, ...keys });
    unlock();
    expect(code).toBe(0);
    expect(says['database']).toContain(
      `ok the embedded database is in use by process ${process.pid}`,
    );
  });

  test('data without its master key fails, keys that others can read are told', async () => {
    const unlock = lockDataDir(folder);
    writeFileSync(join(folder, 'internal-key'), 'x'.repeat(40), { mode: 0o644 });
    const { code, says } = await doctor({ DATA_DIR: folder });
    unlock();
    expect(code).toBe(1);
    expect(says['master key']).toMatch(/^fail .*master-key is missing, and the data .* needs it/);
    expect(says['internal key']).toMatch(/^warn .*chmod 600/);
    expect(existsSync(join(folder, 'master-key'))).toBe(false);
  });
});
