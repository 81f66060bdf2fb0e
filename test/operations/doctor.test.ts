/** `npm run doctor`: says what is wrong before a start does, changes nothing, tells no secret. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '#kernel/config.ts';
import { lockDataDir } from '#kernel/db/data-dir-lock.ts';
import { startEmbeddedServer } from '#kernel/db/embedded-server.ts';
import { ownerConnection } from '#kernel/db/migrate.ts';
import { examineContents } from '../../src/app/doctor-contents.ts';
import { serverUrl } from '../kit/homes.ts';
import { type House, startHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { PROGRAM_ENV } from '../kit/programs.ts';
import { INTERNAL_KEY, MASTER_KEY } from './server-process.ts';

const DOCTOR = fileURLToPath(new URL('../../src/app/doctor.ts', import.meta.url));
const keys = { INTERNAL_KEY, MASTER_KEY };

interface Diagnosis {
  readonly code: number;
  readonly text: string;
  /** `state message`, by check. */
  readonly says: Record<string, string>;
}

function doctor(env: Record<string, string>): Promise<Diagnosis> {
  const options = { env: { ...PROGRAM_ENV, ...env } };
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

test('a folder that is not there yet is fine and is not made; production needs an https origin', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-doctor-'));
  const env = { DATA_DIR: join(folder, 'data'), NODE_ENV: 'production', PORT: '0' };
  const [plain, secure] = await Promise.all([
    doctor(env),
    doctor({ ...env, PUBLIC_URL: 'https://id.example.com' }),
  ]);
  expect(plain.code).toBe(1);
  expect(plain.says['public URL']).toMatch(/^fail http:.* is not https; set PUBLIC_URL/);
  expect(secure.code).toBe(0);
  expect(secure.says).toMatchObject({
    'public URL': 'ok https://id.example.com',
    'data folder': `ok made in ${folder}`,
    port: 'ok any is free on 0.0.0.0',
    database: 'ok the embedded database is made by the next start',
  });
  expect(existsSync(join(folder, 'data'))).toBe(false);
  rmSync(folder, { recursive: true });
});

describe('a database with data', () => {
  const OTHER_KEY = 'ab'.repeat(32);
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
    await makers(house).tenant();
    await house.stop();
  });
  afterAll(() => house.home.remove());

  test('K01: one that is ready passes every check, after a change of the master key too', async () => {
    const rotated = { INTERNAL_KEY, MASTER_KEY: OTHER_KEY, PREVIOUS_MASTER_KEYS: MASTER_KEY };
    const { code, says, text } = await doctor({ ...house.home.env, ...rotated });
    expect(text).not.toMatch(/^fail/m);
    expect(text).not.toMatch(/abab/);
    expect(code).toBe(0);
    expect(says).toMatchObject({
      migrations: 'ok all applied',
      clock: expect.stringMatching(/^ok the database's clock differs by 0(\.\d)? s$/),
      database: expect.stringMatching(/^ok PostgreSQL \d+$/),
      'audit months': 'ok this and the next are prepared',
      'master key': expect.stringMatching(/^ok opens the data keys of every tenant \([1-9]\d*\)$/),
    });
  });

  test.skipIf(serverUrl)(
    'lost and spoiled keys are told every time, and none is made',
    async () => {
      const { DATA_DIR } = house.home.env;
      writeFileSync(join(DATA_DIR, 'internal-key'), 'short');
      const before = readdirSync(DATA_DIR);
      const { code, says } = await doctor({ DATA_DIR });
      expect(code).toBe(1);
      expect(says).toMatchObject({
        'internal key': `fail ${join(DATA_DIR, 'internal-key')} holds no usable key; restore it from a backup, or set INTERNAL_KEY`,
        'master key': expect.stringMatching(/^fail .*master-key is missing/),
        migrations: 'ok all applied',
      });
      expect(readdirSync(DATA_DIR)).toEqual(before);
    },
  );

  test('what is wrong inside is told with what to do', async () => {
    const { env } = house.home;
    const config = loadConfig({ ...env, INTERNAL_KEY, MASTER_KEY: OTHER_KEY });
    const quiet = { warn: () => undefined, error: () => undefined };
    const server = serverUrl ? null : await startEmbeddedServer(env.DATA_DIR, quiet);
    const owner = await ownerConnection(server ?? { connectionString: env.DATABASE_URL as string });
    /** What is found after `change`, of which nothing stays. */
    async function foundAfter(change: string): Promise<Record<string, string>> {
      await owner.query('BEGIN');
      await owner.query(change);
      const found = await examineContents(config, owner);
      // In this order: in the embedded database the authorization outlives its transaction.
      await owner.query('RESET SESSION AUTHORIZATION; ROLLBACK');
      return Object.fromEntries(found.map(({ check, state, says }) => [check, `${state} ${says}`]));
    }
    const pending = "DELETE FROM _prisma_migrations WHERE migration_name LIKE '0003%';";
    const visitor = 'CREATE ROLE signet_visitor; SET LOCAL SESSION AUTHORIZATION signet_visitor;';
    const grant = 'GRANT signet_app, signet_definer TO signet_visitor';
    try {
      const month = `DO $$ BEGIN EXECUTE 'DROP TABLE audit_events_' || to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM'); END $$`;
      expect(await foundAfter(month)).toMatchObject({
        'audit months': expect.stringMatching(
          /^warn audit_events_\d{4}_\d\d missing; run a process with ROLES=jobs/,
        ),
        'master key': expect.stringMatching(
          /^fail does not open a data key of tenant .*PREVIOUS_MASTER_KEYS/,
        ),
      });
      expect(await foundAfter(pending)).toMatchObject({
        role: expect.stringMatching(/^ok \w+ may make and act as signet_app, signet_definer$/),
        migrations: expect.stringMatching(/^warn pending: 0003_jobs/),
      });
      const edited =
        "UPDATE _prisma_migrations SET checksum = 'x' WHERE migration_name LIKE '0001%'";
      expect((await foundAfter(edited))['migrations']).toMatch(
        /^fail Migration 0001_init was edited/,
      );
      // Only a superuser may become somebody else; on a server test/postgres connects as a stranger.
      if (serverUrl) return;
      expect((await foundAfter(pending + visitor))['role']).toBe(
        `fail signet_visitor may not act as signet_app, signet_definer, which the pending migrations need; as a superuser: ${grant}`,
      );
      const absent = 'ALTER ROLE signet_definer RENAME TO signet_away;';
      expect((await foundAfter(pending + absent + visitor))['role']).toBe(
        `fail signet_visitor may not create signet_definer, which the pending migrations need; as a superuser: CREATE ROLE signet_definer NOLOGIN; ${grant}`,
      );
      expect((await foundAfter(visitor))['role']).toMatch(/^fail signet_visitor may not act as/);
    } finally {
      await owner.end();
      await server?.close();
    }
  });
});

test.runIf(serverUrl)('a database that is not there is to be made', async () => {
  const DATABASE_URL = Object.assign(new URL(serverUrl as string), { pathname: '/nodb' }).href;
  const { code, says } = await doctor({ ...keys, DATABASE_URL });
  expect(code).toBe(1);
  expect(says['database']).toMatch(
    /database "nodb" does not exist; create it, or check DATABASE_URL$/,
  );
});

describe('whatever the home of other tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-doctor-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a server that is not there is named without its password, a host that is none, too', async () => {
    const { code, says, text } = await doctor({
      ...keys,
      HOST: 'nosuch.invalid',
      DATABASE_URL: 'postgres://someone:hunter2@127.0.0.1:1/signet',
    });
    expect(code).toBe(1);
    expect(says['database']).toBe(
      'fail 127.0.0.1:1/signet cannot be used: connect ECONNREFUSED 127.0.0.1:1; check that the server runs, and its address in DATABASE_URL',
    );
    expect(says['host']).toMatch(/^fail nosuch\.invalid is no address of this machine; set HOST/);
    expect(text).not.toContain('hunter2');
  });

  test('beside a running server: its data is left alone, its port in use no fault; keys that others can read are told', async () => {
    mkdirSync(join(folder, 'db'));
    writeFileSync(join(folder, 'internal-key'), 'x'.repeat(40), { mode: 0o644 });
    const unlock = lockDataDir(folder);
    const running = createServer().listen(0, '127.0.0.1');
    await once(running, 'listening');
    const { port } = running.address() as AddressInfo;
    const { code, says } = await doctor({ DATA_DIR: folder, PORT: String(port), MASTER_KEY });
    running.close();
    unlock();
    expect(code).toBe(0);
    expect(says['database']).toContain(
      `ok the embedded database is in use by process ${process.pid}`,
    );
    expect(says['port']).toMatch(/^warn \d+ is in use on 127\.0\.0\.1; .*a running Signet may be/);
    expect(says['internal key']).toMatch(/^warn .*chmod 600/);
  });

  test('a folder that can be none fails', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, says } = await doctor({ DATA_DIR: file, PORT: '0' });
    expect(code).toBe(1);
    expect(says['data folder']).toMatch(/^fail .* cannot be made or written: .*; set DATA_DIR/);
  });
});
