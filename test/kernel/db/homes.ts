/** Databases to test against: always the embedded one; PostgreSQL too when TEST_DATABASE_URL names one. */
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { DatabaseConfig } from '#kernel/db/database.ts';
import { SHIPPED_MIGRATIONS } from '#kernel/db/migrate.ts';
import { dropDatabase } from '../../kit/homes.ts';

export interface Home {
  readonly name: string;
  readonly embedded: boolean;
  /** An empty database of its own. */
  create(): Promise<{ config: DatabaseConfig; remove(): Promise<void> }>;
}

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const serverUrl = process.env['TEST_DATABASE_URL'];

const embedded: Home = {
  name: 'the embedded database',
  embedded: true,
  async create() {
    const dataDir = scratchFolder();
    return {
      config: { dataDir, databasePoolSize: 1, databasePooling: 'session' },
      remove: async () => rmSync(dataDir, { recursive: true, force: true }),
    };
  },
};

export function postgres(databasePooling: 'session' | 'transaction', url: string): Home {
  return {
    name: `PostgreSQL, pooled by ${databasePooling}`,
    embedded: false,
    async create() {
      const name = `signet_test_${randomUUID().replaceAll('-', '')}`;
      await administer(url, `CREATE DATABASE ${name}`);
      const databaseUrl = Object.assign(new URL(url), { pathname: `/${name}` }).href;
      return {
        config: { databaseUrl, dataDir: tmpdir(), databasePoolSize: 5, databasePooling },
        remove: () => dropDatabase(url, name),
      };
    },
  };
}

export const homes: Home[] = [
  embedded,
  ...(serverUrl ? [postgres('session', serverUrl), postgres('transaction', serverUrl)] : []),
];

/** Runs statements on the server, outside of everything that is tested. */
export async function administer(url: string, text: string, values?: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text, values).finally(() => client.end());
}

export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'signet-db-'));
}

/** A folder of migrations: `files` maps names to SQL. */
export function migrationsFolder(files: Record<string, string>): string {
  const folder = scratchFolder();
  for (const [name, sql] of Object.entries(files)) writeMigration(folder, name, sql);
  return folder;
}

export function writeMigration(folder: string, name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'migration.sql'), sql);
}

/** The program's migrations, then one that makes the session's default time zone a strange one. */
export function shippedAndStrange(): string {
  const folder = migrationsFolder({ '99999999999999_strange': STRANGE });
  cpSync(SHIPPED_MIGRATIONS, folder, { recursive: true });
  return folder;
}

const STRANGE = `
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), 'America/New_York');
  EXECUTE format('ALTER ROLE %I IN DATABASE %I SET timezone = %L', session_user, current_database(), 'America/New_York');
END $$;`;
