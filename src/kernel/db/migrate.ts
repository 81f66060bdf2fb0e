/**
 * Applies the migrations, in the order of their names, each in one transaction together with its
 * entry in `_prisma_migrations`: killed at any moment, the database holds a migration wholly or not
 * at all. Instances that start together take turns, and the second finds nothing left to do. What
 * was applied is never edited; a checksum tells.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { translated } from './database-errors.ts';
import { TIMEOUTS } from './session.ts';

/** The migrations of this program. */
export const SHIPPED_MIGRATIONS = fileURLToPath(
  new URL('../../../prisma/migrations', import.meta.url),
);

export class MigrationEdited extends Error {
  override readonly name = 'MigrationEdited';
  readonly code = 'MIGRATION_EDITED';
  constructor(migration: string) {
    super(
      `Migration ${migration} was edited after it was applied to this database; restore its file and write the change as a new migration`,
    );
  }
}

export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed';
  readonly code = 'MIGRATION_FAILED';
  constructor(migration: string, cause: Error, line: number | null) {
    const where = line === null ? '' : ` at line ${line}`;
    const { code, hint } = cause as { code?: string; hint?: string };
    // The first right that is missing hides the others.
    const more = code === '42501' ? ' (`npm run doctor` names everything that is missing)' : '';
    const says = (hint ? `${cause.message}. ${hint}` : cause.message) + more;
    super(
      `Migration ${migration} failed${where} and was rolled back, nothing of it remains: ${says}`,
      { cause },
    );
  }
}

interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

type Ask = (text: string) => Promise<{ rows: unknown[] }>;

// Any constant, as long as nobody else locks by it: "sgnt".
const LOCK = 0x73676e74;

/** A connection as the owner of the tables, with all the time it needs. End it when done. */
export async function ownerConnection(
  home: pg.ClientConfig | { clientConfig(): pg.ClientConfig },
): Promise<pg.Client> {
  const client = new pg.Client({
    ...('clientConfig' in home ? home.clientConfig() : home),
    application_name: 'signet-migrate',
    connectionTimeoutMillis: TIMEOUTS.connect,
  });
  // Whoever awaits a statement hears of a lost connection by it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(
      "SET timezone = 'UTC'; SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0",
    );
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw translated(error);
  }
}

/** Applies what is pending; returns the names. Throws `MigrationEdited` or `MigrationFailed`. */
export async function migrate(owner: pg.Client, folder: string, log: Log): Promise<string[]> {
  const ask: Ask = (text) => owner.query(text);
  // Most starts find nothing to do: they need neither the lock nor an owner's rights.
  if ((await pendingMigrations(ask, folder)).length === 0) return [];
  await lock(owner, log);
  try {
    await owner.query(TABLE);
    const names: string[] = [];
    for (const migration of await pending(ask, folder)) {
      await apply(owner, migration);
      log.info({ migration: migration.name }, 'migration applied');
      names.push(migration.name);
    }
    return names;
  } finally {
    await owner.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
  }
}

/** Names of the migrations in `folder` that the database behind `ask` does not have. */
export async function pendingMigrations(ask: Ask, folder: string): Promise<string[]> {
  return (await pending(ask, folder)).map(({ name }) => name);
}

async function pending(ask: Ask, folder: string): Promise<Migration[]> {
  const applied = await appliedMigrations(ask);
  return readMigrations(folder).filter(({ name, checksum }) => {
    const known = applied.get(name);
    if (known !== undefined && known !== checksum) throw new MigrationEdited(name);
    return known === undefined;
  });
}

async function appliedMigrations(ask: Ask): Promise<Map<string, string>> {
  const { rows: tables } = await ask("SELECT to_regclass('_prisma_migrations') AS found");
  if ((tables[0] as { found: unknown }).found === null) return new Map();
  const { rows } = await ask(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  return new Map(
    (rows as { migration_name: string; checksum: string }[]).map((row) => [
      row.migration_name,
      row.checksum,
    ]),
  );
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'migration.sql')))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

async function lock(owner: pg.Client, log: Log): Promise<void> {
  const { rows } = await owner.query('SELECT pg_try_advisory_lock($1) AS locked', [LOCK]);
  if ((rows[0] as { locked: boolean }).locked) return;
  log.info({}, 'waiting for the migrations of another instance');
  await owner.query('SELECT pg_advisory_lock($1)', [LOCK]);
}

async function apply(owner: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await owner.query('BEGIN');
    await owner.query(sql);
    if (owner.getTransactionStatus() !== 'T') {
      throw new Error('it ended its own transaction; remove BEGIN and COMMIT from the file');
    }
    await owner.query(ENTRY, [randomUUID(), checksum, name]);
    await owner.query('COMMIT');
  } catch (error) {
    await owner.query('ROLLBACK').catch(() => undefined);
    throw new MigrationFailed(name, error as Error, lineOf(sql, error));
  }
}

function lineOf(sql: string, error: unknown): number | null {
  const position = Number((error as { position?: string }).position);
  return position > 0 ? sql.slice(0, position).split('\n').length : null;
}

// Prisma's own table, so that its tools can read the history. Names and checksums are no secret,
// and the run-time role must tell whether something is pending.
const TABLE = `
CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
);
GRANT SELECT ON _prisma_migrations TO PUBLIC`;

const ENTRY = `
INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
VALUES ($1, $2, $3, now(), 1)`;
