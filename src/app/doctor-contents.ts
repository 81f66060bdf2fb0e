/** The doctor's look into the database: rights, migrations, months of the audit log, keys. */
import type pg from 'pg';
import type { Config } from '#kernel/config.ts';
import { localKeyProvider } from '#kernel/crypto/key-provider.ts';
import { keyrings } from '#kernel/crypto/keyrings.ts';
import { pendingMigrations, SHIPPED_MIGRATIONS } from '#kernel/db/migrate.ts';
import { RUNTIME_ROLE } from '#kernel/db/session.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { ensureSecrets } from '#kernel/secrets.ts';
import type { Finding } from './doctor-finding.ts';

/** What is looked at, of the newest tenants. */
const TENANTS = 1_000;

export async function examineContents(config: Config, client: pg.Client): Promise<Finding[]> {
  const migrations = await migrationState(client);
  const role = await roleState(config, client);
  const found = [role, migrations];
  if (role.state === 'fail' || migrations.state !== 'ok') return found;
  await client.query(`SET LOCAL ROLE ${RUNTIME_ROLE}`);
  return [...found, await months(client), await dataKeys(config, client)];
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

interface Role {
  readonly name: string;
  readonly free: boolean;
  readonly made: boolean;
  readonly member: boolean;
}

async function roleState(config: Config, client: pg.Client): Promise<Finding> {
  const check = 'role';
  const { rows } = await client.query(ROLE, [RUNTIME_ROLE]);
  const { name, free, made, member } = rows[0] as Role;
  if (!made) {
    const says = `${RUNTIME_ROLE} is made by the first migration; the role that migrates needs CREATEROLE`;
    return { check, state: 'warn', says };
  }
  if (!member) {
    const says = `${name} may not act as ${RUNTIME_ROLE}; as a superuser: GRANT ${RUNTIME_ROLE} TO ${name}`;
    return { check, state: 'fail', says };
  }
  if (free && config.databaseUrl) {
    const says = `${name} is above row-level security; give DATABASE_URL a role that is neither SUPERUSER nor BYPASSRLS`;
    return { check, state: 'warn', says };
  }
  return { check, state: 'ok', says: `acts as ${RUNTIME_ROLE}` };
}

// The privilege 'SET' is new in PostgreSQL 16; before it, a member may.
const ROLE = `
SELECT session_user AS name, rolsuper OR rolbypassrls AS free,
  to_regrole($1) IS NOT NULL AS made,
  CASE WHEN to_regrole($1) IS NULL THEN false
    ELSE pg_has_role(session_user, to_regrole($1),
      CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
  END AS member
FROM pg_roles WHERE rolname = session_user`;

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

/** A master key that opens nothing would show only when somebody needs what it sealed. */
async function dataKeys(config: Config, client: pg.Client): Promise<Finding> {
  const check = 'master key';
  const { masterKey } = ensureSecrets(config);
  const store = {
    async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      return (await client.query(text, [...values])).rows as Row[];
    },
    async inTenant<T>(tenantId: string | null, fn: () => Promise<T>): Promise<T> {
      await client.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId ?? '']);
      return fn();
    },
  };
  const rings = keyrings(store, localKeyProvider(masterKey, config.previousMasterKeys), TENANTS);
  const tenants = await store.inTenant(PLATFORM_TENANT_ID, () =>
    store.query<{ id: string }>(`SELECT id FROM tenants ORDER BY id DESC LIMIT ${TENANTS}`),
  );
  let opened = 0;
  for (const { id: tenant } of tenants) {
    const keys = await store.inTenant(tenant, () =>
      store.query<{ id: string }>('SELECT id FROM data_keys WHERE tenant_id = $1', [tenant]),
    );
    for (const { id } of keys) {
      try {
        await rings.find(tenant, id);
        opened += 1;
      } catch {
        const says = `does not open a data key of tenant ${tenant}; set MASTER_KEY to the key that was used before, or name that in PREVIOUS_MASTER_KEYS`;
        return { check, state: 'fail', says };
      }
    }
  }
  return { check, state: 'ok', says: `opens the data keys of every tenant (${opened})` };
}
