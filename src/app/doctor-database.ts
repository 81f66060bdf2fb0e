/**
 * The doctor's look at the database: there, new enough, ours to use, migrated, in time, prepared for
 * the coming month, and readable with the master key. In one transaction that may only read.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import type { Config } from '#kernel/config.ts';
import { DataDirInUse } from '#kernel/db/data-dir-lock.ts';
import { type EmbeddedServer, startEmbeddedServer } from '#kernel/db/embedded-server.ts';
import { ownerConnection } from '#kernel/db/migrate.ts';
import { databaseProblem, reason } from './doctor-advice.ts';
import { examineContents, examineMigrator } from './doctor-contents.ts';
import type { Finding } from './doctor-finding.ts';

const OLDEST_POSTGRES = 15;
const CLOCK_SECONDS = 30;
const quiet = { warn: () => undefined, error: () => undefined };

export async function examineDatabase(config: Config): Promise<Finding[]> {
  if (config.databaseUrl) return examinePostgres(config, config.databaseUrl);
  const check = 'database';
  if (!existsSync(join(config.dataDir, 'db')))
    return [{ check, state: 'ok', says: 'the embedded database is made by the next start' }];
  let server: EmbeddedServer;
  try {
    server = await startEmbeddedServer(config.dataDir, quiet);
  } catch (error) {
    if (error instanceof DataDirInUse) return [inUse(config, error)];
    const says = `the embedded database in ${config.dataDir} does not open: ${reason(error)}; restore it from a backup`;
    return [{ check, state: 'fail', says }];
  }
  try {
    const client = await ownerConnection(server);
    return await examineServer(config, client).finally(() => client.end());
  } finally {
    await server.close();
  }
}

/** Not a fault: it has one user at a time, and that is the server. */
function inUse(config: Config, { message: who }: DataDirInUse): Finding {
  const holder = /in use by (.+?);/.exec(who)?.[1] ?? 'another process';
  const says = `the embedded database is in use by ${holder}, so it could not be looked at; a running server answers at http://localhost:${config.port}/readyz, or stop it and ask again`;
  return { check: 'database', state: 'ok', says };
}

async function examinePostgres(config: Config, url: string): Promise<Finding[]> {
  const database = { check: 'database', variable: 'DATABASE_URL', url };
  const found = await connecting(database, (client) => examineServer(config, client));
  if (!config.migrationDatabaseUrl) return found;
  const check = 'migration role';
  const migrator = { check, variable: 'MIGRATION_DATABASE_URL', url: config.migrationDatabaseUrl };
  const owner = await connecting(migrator, async (client) => [
    await examineMigrator(check, client),
  ]);
  return [...found, ...owner];
}

async function connecting(
  { check, variable, url }: { check: string; variable: string; url: string },
  look: (client: pg.Client) => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    const client = await ownerConnection({ connectionString: url });
    return await look(client).finally(() => client.end());
  } catch (error) {
    return [{ check, state: 'fail', says: databaseProblem(variable, url, error) }];
  }
}

async function examineServer(config: Config, client: pg.Client): Promise<Finding[]> {
  await client.query('BEGIN READ ONLY');
  const server = [await version(client), await clock(client)];
  return [...server, ...(await examineContents(config, client))];
}

async function version(client: pg.Client): Promise<Finding> {
  const check = 'database';
  const { rows } = await client.query("SELECT current_setting('server_version_num')::int AS n");
  const major = Math.floor((rows[0] as { n: number }).n / 10_000);
  const says = `PostgreSQL ${major}`;
  if (major >= OLDEST_POSTGRES) return { check, state: 'ok', says };
  return { check, state: 'fail', says: `${says} is too old; use ${OLDEST_POSTGRES} or later` };
}

/** The server keeps the database's time, so a difference harms only what compares our logs. */
async function clock(client: pg.Client): Promise<Finding> {
  const check = 'clock';
  const asked = Date.now();
  const { rows } = await client.query('SELECT clock_timestamp() AS now');
  const ours = (asked + Date.now()) / 2;
  const seconds = Math.round(((rows[0] as { now: Date }).now.getTime() - ours) / 100) / 10;
  const says = `the database's clock differs by ${Math.abs(seconds)} s`;
  if (Math.abs(seconds) <= CLOCK_SECONDS) return { check, state: 'ok', says };
  return { check, state: 'warn', says: `${says}; let both hosts keep time by NTP` };
}
