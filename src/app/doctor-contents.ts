/** The doctor's look into the database: rights, migrations, months of the audit log, keys. */
import type pg from 'pg';
import type { Config } from '#kernel/config.ts';
import { pendingMigrations, SHIPPED_MIGRATIONS } from '#kernel/db/migrate.ts';
import { RUNTIME_ROLE } from '#kernel/db/session.ts';
import { findSecrets } from '#kernel/secrets.ts';
import { examineEvidence } from './doctor-evidence.ts';
import type { Finding } from './doctor-finding.ts';
import { examineKeys } from './doctor-keys.ts';
import { migratingRole, runtimeRole } from './doctor-roles.ts';

export async function examineContents(config: Config, client: pg.Client): Promise<Finding[]> {
  const migrations = await migrationState(client);
  // Who serves and migrates is given what it lacks by the migrations themselves, if it may.
  const role =
    migrations.state === 'warn' && servesAndMigrates(config)
      ? await migratingRole('role', client)
      : await runtimeRole(config, client);
  const found = [role, migrations];
  if (role.state === 'fail' || migrations.state !== 'ok') return found;
  await client.query(`SET LOCAL ROLE ${RUNTIME_ROLE}`);
  // Undefined when its file is missing or spoiled, which the look at the files tells.
  const masterKey = findSecrets(config).masterKey.value;
  const keys = masterKey ? [await examineKeys({ ...config, masterKey }, client)] : [];
  return [...found, await months(client), await examineEvidence(client), ...keys];
}

/** A second address may lead around PgBouncer, for the same role. */
function servesAndMigrates({ databaseUrl, migrationDatabaseUrl }: Config): boolean {
  if (!databaseUrl || !migrationDatabaseUrl) return true;
  return new URL(databaseUrl).username === new URL(migrationDatabaseUrl).username;
}

/** The finding of the connection that only migrates. */
export async function examineMigrator(check: string, client: pg.Client): Promise<Finding> {
  const { state } = await migrationState(client);
  return state === 'warn' ? migratingRole(check, client) : { check, state: 'ok', says: 'connects' };
}

async function migrationState(client: pg.Client): Promise<Finding> {
  const check = 'migrations';
  try {
    const pending = await pendingMigrations((text) => client.query(text), SHIPPED_MIGRATIONS);
    if (pending.length === 0) return { check, state: 'ok', says: 'all applied' };
    const says = `pending: ${pending.join(', ')}; the next start applies them`;
    return { check, state: 'warn', says };
  } catch (error) {
    return { check, state: 'fail', says: (error as Error).message };
  }
}

async function months(client: pg.Client): Promise<Finding> {
  const check = 'audit months';
  const { rows } = await client.query(MISSING_MONTHS);
  const missing = rows.map((row) => (row as { name: string }).name);
  if (missing.length === 0) return { check, state: 'ok', says: 'this and the next are prepared' };
  const says = `${missing.join(', ')} missing; run a process with ROLES=jobs, which makes them (until then events lie in audit_events_default)`;
  return { check, state: 'warn', says };
}

const MISSING_MONTHS = `
SELECT name FROM (
  SELECT 'audit_events_' || to_char(now() AT TIME ZONE 'UTC' + make_interval(months => n), 'YYYY_MM') AS name
  FROM generate_series(0, 1) n
) AS wanted WHERE to_regclass(name) IS NULL`;
