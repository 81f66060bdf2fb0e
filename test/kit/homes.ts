/**
 * Where a test's data lives: a copy of one migrated template. Without TEST_DATABASE_URL a folder of
 * the embedded database; with it a database on that PostgreSQL server, which two processes can share.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  appendFileSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openDatabase } from '#kernel/db/database.ts';
import { SHIPPED_MIGRATIONS } from '#kernel/db/migrate.ts';

/** The owner's address of a PostgreSQL server whose role may create databases. */
export const serverUrl = process.env['TEST_DATABASE_URL'];

export interface Home {
  /** What the environment of a process must hold to live here. */
  readonly env: { readonly DATA_DIR: string; readonly DATABASE_URL?: string };
  remove(): Promise<void>;
}

/** Makes the template unless an earlier run with the same migrations did. Runs alone, before all tests. */
export async function makeTemplate(): Promise<void> {
  if (serverUrl) await makeTemplateDatabase(serverUrl);
  else await makeTemplateFolder();
}

/** A migrated database of its own. */
export async function createHome(): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-test-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  if (!serverUrl) {
    cpSync(templateFolder(), folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
    return { env: { DATA_DIR: folder }, remove: async () => removeFolder() };
  }
  const name = `signet_test_${randomUUID().replaceAll('-', '')}`;
  await administer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${templateDatabase()}`);
  return {
    env: { DATA_DIR: folder, DATABASE_URL: databaseUrl(serverUrl, name) },
    async remove() {
      await dropDatabase(serverUrl as string, name);
      removeFolder();
    },
  };
}

/** With whoever is still connected, unless that is autovacuum, which only a plain DROP may send away. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  try {
    await administer(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    await administer(url, `DROP DATABASE IF EXISTS ${name}`);
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** Runs a statement on the server, outside of everything that is tested; one at a time. */
export async function administer(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // CREATE DATABASE fails while another session copies the same template.
    await client.query("SELECT pg_advisory_lock(hashtext('signet tests'))");
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function makeTemplateFolder(): Promise<void> {
  const folder = templateFolder();
  if (existsSync(folder)) return;
  mkdirSync(join(folder, '..'), { recursive: true });
  const draft = mkdtempSync(`${folder}.`);
  try {
    const config = { dataDir: draft, databasePoolSize: 1, databasePooling: 'session' } as const;
    await (await openDatabase(config, silent)).close();
    // As much as a test needs: what is there is zeroed at each start.
    appendFileSync(join(draft, 'db', 'postgresql.conf'), '\nshared_buffers = 16MB\n');
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

async function makeTemplateDatabase(url: string): Promise<void> {
  const name = templateDatabase();
  const draft = `${name}_${process.pid}`;
  await administer(url, `CREATE DATABASE ${draft}`);
  try {
    const database = await openDatabase(
      {
        databaseUrl: databaseUrl(url, draft),
        dataDir: tmpdir(),
        databasePoolSize: 1,
        databasePooling: 'session',
      },
      silent,
    );
    await database.close();
    await administer(url, `ALTER DATABASE ${draft} RENAME TO ${name}`);
  } catch (error) {
    await dropDatabase(url, draft);
    if ((error as { code?: string }).code !== DUPLICATE_DATABASE) throw error;
  }
}

const DUPLICATE_DATABASE = '42P04';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/signet-test', import.meta.url));

function templateFolder(): string {
  return join(CACHE, fingerprint());
}

function templateDatabase(): string {
  return `signet_template_${fingerprint()}`;
}

function databaseUrl(server: string, name: string): string {
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

/** Changes with the migrations, and with the embedded database's own format. */
function fingerprint(): string {
  const hash = createHash('sha256').update(PGLITE_VERSION).update('shared_buffers = 16MB');
  for (const name of readdirSync(SHIPPED_MIGRATIONS).sort()) {
    const file = join(SHIPPED_MIGRATIONS, name, 'migration.sql');
    if (existsSync(file)) hash.update(name).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

const PGLITE_VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
  }
).dependencies['@electric-sql/pglite'] as string;
