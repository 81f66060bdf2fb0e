/**
 * Directories to measure on, made by SQL: set-based, as the owner of the tables, who sees only the
 * tenant that the session is bound to, as everybody does. The same numbers give the same rows.
 */
import pg from 'pg';
import { migrate, ownerConnection, SHIPPED_MIGRATIONS } from '#kernel/db/migrate.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';

export interface Directory {
  /** Tenants 1 to `tenants`, with `usersEach` users, but tenant 1 with `users`. */
  readonly tenants: number;
  readonly usersEach: number;
  readonly users: number;
}

/** How many groups a user is in, and how many roles a group has. */
export const SHAPE = { groupsOfUser: 3, rolesOfGroup: 2, rolesOfTenant: 20, usersOfGroup: 30 };

/** The id of the n-th row of its kind: a UUIDv7 of long ago, so that what is made later sorts after. */
export function seededId(n: number): string {
  const time = (EPOCH_MS + n).toString(16).padStart(12, '0');
  const tail = n.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
}

const EPOCH_MS = 1_700_000_000_000;

/** Applies the migrations to an empty database. */
export async function migrated(url: string): Promise<void> {
  const owner = await ownerConnection({ connectionString: url });
  try {
    await migrate(owner, SHIPPED_MIGRATIONS, { info: () => {}, warn: () => {} });
  } finally {
    await owner.end();
  }
}

/** Applies the migrations to an empty database and fills it. */
export async function seed(url: string, directory: Directory): Promise<void> {
  await migrated(url);
  const owner = await ownerConnection({ connectionString: url });
  try {
    await owner.query("SET synchronous_commit = 'off'");
    await owner.query("SET session_replication_role = 'replica'").catch(ignoreMissingRight);
    await owner.query(FUNCTIONS);
    await bind(owner, PLATFORM_TENANT_ID);
    await owner.query(TENANTS, [directory.tenants]);
    await owner.query('CALL bench.fill($1, $2, $3)', [
      directory.tenants,
      directory.users,
      directory.usersEach,
    ]);
    for (const table of TABLES) await owner.query(`VACUUM (ANALYZE) ${table}`);
    await owner.query('CHECKPOINT').catch(ignoreMissingRight);
  } finally {
    await owner.end();
  }
}

const TABLES = `tenants users user_search_tokens groups group_members roles group_roles user_roles
  api_keys audit_events audit_targets`.split(/[ ,\n]+/);

async function bind(client: pg.Client, tenantId: string): Promise<void> {
  await client.query("SELECT set_config('app.tenant_id', $1, false)", [tenantId]);
}

/** Without foreign keys being checked row by row it is faster; without a checkpoint before, the first
 * rounds are noisier. Neither is needed. */
function ignoreMissingRight(error: unknown): void {
  if (!(error instanceof pg.DatabaseError) || error.code !== '42501') throw error;
}

const TENANTS = `
INSERT INTO tenants (id, slug, issuer, name)
SELECT bench.id(n), 't' || n, 'https://t' || n || '.example', 'Tenant ' || n FROM generate_series(1, $1::int) n`;

/** The words are those that `searchTokens` finds in the names and in the address. */
const FUNCTIONS = `
CREATE SCHEMA bench;

CREATE FUNCTION bench.id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(${EPOCH_MS} + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid
$$;

CREATE FUNCTION bench.given(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['Ada','Alan','Barbara','Claude','Donald','Edsger','Frances','Grace','Hedy','Ida'])[1 + n % 10]
$$;

CREATE FUNCTION bench.family(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['Lovelace','Turing','Liskov','Shannon','Knuth','Dijkstra','Allen','Hopper','Lamarr','Rhodes'])[1 + n / 10 % 10]
$$;

CREATE PROCEDURE bench.fill_tenant(tenant uuid, users int) LANGUAGE plpgsql AS $$
DECLARE
  groups int := greatest(${SHAPE.groupsOfUser}, users * ${SHAPE.groupsOfUser} / ${SHAPE.usersOfGroup});
BEGIN
  PERFORM set_config('app.tenant_id', tenant::text, false);
  INSERT INTO roles (tenant_id, id, name, name_key, scopes)
  SELECT tenant, bench.id(n), 'Role ' || n, 'role ' || n, '{users:read}' FROM generate_series(1, ${SHAPE.rolesOfTenant}) n;
  INSERT INTO groups (tenant_id, id, name, name_key)
  SELECT tenant, bench.id(n), 'Group ' || n, 'group ' || n FROM generate_series(1, groups) n;
  INSERT INTO group_roles (tenant_id, group_id, role_id)
  SELECT tenant, bench.id(n), bench.id(1 + (n * 7 + k) % ${SHAPE.rolesOfTenant})
  FROM generate_series(1, groups) n, generate_series(1, ${SHAPE.rolesOfGroup}) k;
  INSERT INTO users (tenant_id, id, email, email_key, display_name, name_key, given_name, family_name)
  SELECT tenant, bench.id(n), 'User' || n || '@example.com', 'user' || n || '@example.com',
    bench.given(n) || ' ' || bench.family(n), lower(bench.given(n) || ' ' || bench.family(n)), bench.given(n), bench.family(n)
  FROM generate_series(1, users) n;
  INSERT INTO user_search_tokens (tenant_id, token, user_id)
  SELECT tenant, word, bench.id(n) FROM generate_series(1, users) n,
    unnest(ARRAY[lower(bench.given(n)), lower(bench.family(n)), 'user' || n, 'example.com', 'user' || n || '@example.com']) word;
  INSERT INTO group_members (tenant_id, group_id, user_id)
  SELECT tenant, bench.id(1 + (n::bigint * 7919 + k * 104729) % groups), bench.id(n)
  FROM generate_series(1, users) n, generate_series(1, ${SHAPE.groupsOfUser}) k ON CONFLICT DO NOTHING;
  INSERT INTO user_roles (tenant_id, user_id, role_id)
  SELECT tenant, bench.id(n), bench.id(1 + n % ${SHAPE.rolesOfTenant}) FROM generate_series(1, users, 10) n;
  INSERT INTO api_keys (tenant_id, id, name, prefix, scopes, created_by_kind)
  SELECT tenant, bench.id(n), 'Key ' || n, 'sgnt_', '{}', 'system' FROM generate_series(1, users, 100) n;
  CALL bench.fill_log(tenant, users / 10);
END
$$;

-- The last events, a millisecond apart, each about a user.
CREATE PROCEDURE bench.fill_log(tenant uuid, events int) LANGUAGE plpgsql AS $$
DECLARE
  since bigint := extract(epoch FROM now()) * 1000 - ${EPOCH_MS} - events;
BEGIN
  INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, actor_id, targets, request_id, details, personal, leaf_hash)
  SELECT tenant, bench.id(since + n), (ARRAY['user.create','user.update','group.create'])[1 + n % 3], 'INFO', 'SUCCESS',
    to_timestamp((${EPOCH_MS} + since + n) / 1000.0), 'api-key', 'key_' || n % 10,
    jsonb_build_array(jsonb_build_object('type', 'user', 'id', 'user_' || n % 100)), '', '{}', '{}', sha256('')
  FROM generate_series(1, events) n;
  INSERT INTO audit_targets (tenant_id, target, event_id)
  SELECT tenant, 'user_' || n % 100, bench.id(since + n) FROM generate_series(1, events) n;
END
$$;

CREATE PROCEDURE bench.fill(tenants int, users int, users_each int) LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1..tenants LOOP
    CALL bench.fill_tenant(bench.id(n), CASE n WHEN 1 THEN users ELSE users_each END);
    COMMIT;
  END LOOP;
END
$$;

-- What PostGraphile's user would write for the same command: the user and an audit row.
CREATE FUNCTION bench.new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
    || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid
$$;

CREATE FUNCTION bench.create_user(tenant uuid, email text, display_name text) RETURNS users LANGUAGE sql VOLATILE AS $$
  WITH made AS (
    INSERT INTO users (tenant_id, id, email, email_key, display_name, name_key)
    VALUES (tenant, bench.new_id(), create_user.email, lower(create_user.email), create_user.display_name, lower(create_user.display_name))
    RETURNING *
  ), audited AS (
    INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets, request_id, details, personal, leaf_hash)
    SELECT tenant_id, bench.new_id(), 'user.create', 'INFO', 'SUCCESS', created_at, 'system',
      jsonb_build_array(jsonb_build_object('type', 'user', 'id', id)), '', '{}', '{}', sha256(id::text::bytea) FROM made
  )
  SELECT * FROM made
$$;`;
