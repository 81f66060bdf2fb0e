/** X23, K10: instances that start together migrate once; one that dies in the middle loses nothing. */
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { migrate, ownerConnection, SHIPPED_MIGRATIONS } from '#kernel/db/migrate.ts';
import { administer, dropDatabase, type Home, serverUrl } from '../kit/homes.ts';
import { until } from '../kit/until.ts';
import { report, scaled } from '../operations/faults.ts';
import { type ServerProcess, spawnServer, startServer } from '../operations/server-process.ts';

const url = serverUrl as string;
const shipped = readdirSync(SHIPPED_MIGRATIONS)
  .filter((name) => /^\d/.test(name))
  .sort();
const ROUNDS = scaled(1, 5);
const databases: string[] = [];
const servers: ServerProcess[] = [];
afterAll(async () => {
  for (const server of servers) await server.end('SIGKILL');
  for (const name of databases) await dropDatabase(url, name);
});

/** An empty database, not a copy of the template. */
async function emptyHome(): Promise<Pick<Home, 'env'> & { env: { DATABASE_URL: string } }> {
  const name = `signet_test_${randomUUID().replaceAll('-', '')}`;
  databases.push(name);
  await administer(url, `CREATE DATABASE ${name}`);
  const databaseUrl = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  return { env: { DATA_DIR: tmpdir(), DATABASE_URL: databaseUrl } };
}

async function begin(home: Pick<Home, 'env'>): Promise<ServerProcess> {
  const server = await spawnServer({ home });
  servers.push(server);
  return server;
}

async function applied(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
  );
  return rows.map(({ name }) => name);
}

const count = (text: string, what: string) => text.split(what).length - 1;

test('X23 K10 of two instances that find an empty database one migrates, and both become ready', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const home = await emptyHome();
    const both = await Promise.all([begin(home), begin(home)]);
    await Promise.all(both.map((server) => server.ready()));
    const logs = both.map((server) => server.output()).join('');
    expect(count(logs, 'migration applied')).toBe(shipped.length);
    const owner = await ownerConnection({ connectionString: home.env.DATABASE_URL });
    expect(await applied(owner)).toEqual(shipped);
    await owner.end();
    for (const server of both) expect((await server.end('SIGTERM')).code).toBe(0);
  }
});

test('X23 K10 an instance that is killed in the middle of a migration is followed by the other', async ({
  task,
}) => {
  const home = await emptyHome();
  const owner = await ownerConnection({ connectionString: home.env.DATABASE_URL });
  await migrate(owner, firstMigration(), { info: () => undefined, warn: () => undefined });
  const tenant = randomUUID();
  await owner.query(
    "INSERT INTO tenants (id, slug, name, issuer) VALUES ($1, 'old', 'Old', 'https://old.example.com')",
    [tenant],
  );
  await owner.query(
    `INSERT INTO users (tenant_id, id, email, email_key)
     SELECT $1::uuid, gen_random_uuid(), n || '@example.com', n || '@example.com' FROM generate_series(1, 1000) n`,
    [tenant],
  );

  // Somebody reads the table that the second migration wants for itself: it waits in the middle.
  const reader = new pg.Client({ connectionString: home.env.DATABASE_URL });
  reader.on('error', () => undefined);
  await reader.connect();
  await reader.query('BEGIN; LOCK TABLE users IN ACCESS SHARE MODE');
  const both = await Promise.all([begin(home), begin(home)]);
  await until(async () => {
    const { rows } = await owner.query(
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'signet-migrate'
         AND wait_event_type = 'Lock' AND query NOT LIKE '%advisory%'`,
    );
    return rows.length > 0;
  });
  await until(() => both.some((server) => server.output().includes('waiting for the migrations')));
  const waiting = both.find((server) => server.output().includes('waiting for the migrations'));
  const migrating = both.find((server) => server !== waiting) as ServerProcess;
  expect((await migrating.end('SIGKILL')).signal).toBe('SIGKILL');
  // Nobody tells PostgreSQL that its client is gone before it writes to it.
  await reader.query('COMMIT');
  await reader.end();
  await (waiting as ServerProcess).ready();

  expect(await applied(owner)).toEqual(shipped);
  await owner.query("SELECT set_config('app.tenant_id', $1, false)", [tenant]);
  const { rows } = await owner.query<{ n: number }>('SELECT count(*)::int AS n FROM users');
  report(task, 'X23', { killed: 1, 'users kept of 1000': Number(rows[0]?.n) });
  expect(rows).toEqual([{ n: 1000 }]);
  const restarted = await startServer({ home });
  expect((await restarted.end('SIGTERM')).code).toBe(0);
  expect((await (waiting as ServerProcess).end('SIGTERM')).code).toBe(0);
  await owner.end();
});

/** A folder with the first migration only: a database of the first release. */
function firstMigration(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signet-migrations-'));
  const [first] = shipped as [string];
  cpSync(join(SHIPPED_MIGRATIONS, first), join(folder, first), { recursive: true });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
