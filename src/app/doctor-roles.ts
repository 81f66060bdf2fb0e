/** The doctor's look at database roles: who serves must act as one, who migrates as two. */
import type pg from 'pg';
import type { Config } from '#kernel/config.ts';
import { RUNTIME_ROLE } from '#kernel/db/session.ts';
import type { Finding } from './doctor-finding.ts';

/** Those that the migrations make, or find. */
const ROLES = [RUNTIME_ROLE, 'signet_definer'];

interface Runtime {
  readonly name: string;
  readonly free: boolean;
  readonly made: boolean;
  readonly member: boolean;
}

/** Whether the connection's role can serve. */
export async function runtimeRole(config: Config, client: pg.Client): Promise<Finding> {
  const check = 'role';
  const { rows } = await client.query(RUNTIME, [RUNTIME_ROLE]);
  const { name, free, made, member } = rows[0] as Runtime;
  if (!member) {
    const first = made ? '' : `CREATE ROLE ${RUNTIME_ROLE} NOLOGIN; `;
    const says = `${name} may not act as ${RUNTIME_ROLE}; as a superuser: ${first}GRANT ${RUNTIME_ROLE} TO ${name}`;
    return { check, state: 'fail', says };
  }
  if (free && config.databaseUrl) {
    const says = `${name} is above row-level security; give DATABASE_URL a role that is neither SUPERUSER nor BYPASSRLS`;
    return { check, state: 'warn', says };
  }
  return { check, state: 'ok', says: `acts as ${RUNTIME_ROLE}` };
}

interface Migrating {
  readonly name: string;
  readonly database: string;
  /** Roles that are not there and cannot be made. */
  readonly absent: string[];
  /** Roles that are there, but not for this one. */
  readonly refused: string[];
  readonly shares: boolean;
}

/** Whether the connection's role can apply what is pending. */
export async function migratingRole(check: string, client: pg.Client): Promise<Finding> {
  const { rows } = await client.query(MIGRATING, [ROLES]);
  const { name, database, absent, refused, shares } = rows[0] as Migrating;
  const all = ROLES.join(', ');
  const fail = (problem: string, cure: string): Finding => ({
    check,
    state: 'fail',
    says: `${name} ${problem}, which the pending migrations need; as a superuser: ${cure}`,
  });
  if (absent.length > 0) {
    const make = absent.map((role) => `CREATE ROLE ${role} NOLOGIN; `).join('');
    return fail(`may not create ${absent.join(', ')}`, `${make}GRANT ${all} TO ${name}`);
  }
  if (refused.length > 0)
    return fail(`may not act as ${refused.join(', ')}`, `GRANT ${all} TO ${name}`);
  if (!shares)
    return fail('may not share schema public', `ALTER DATABASE ${database} OWNER TO ${name}`);
  return { check, state: 'ok', says: `${name} may make and act as ${all}` };
}

// The privilege 'SET' is new in PostgreSQL 16; before it, a member may.
const MAY_SET =
  "CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END";

const RUNTIME = `
SELECT quote_ident(session_user) AS name, rolsuper OR rolbypassrls AS free,
  to_regrole($1) IS NOT NULL AS made,
  rolsuper OR to_regrole($1) IS NOT NULL
    AND pg_has_role(session_user, to_regrole($1), ${MAY_SET}) AS member
FROM pg_roles WHERE rolname = session_user`;

// As the second migration does it: makes a role that is absent, and grants itself one that is there.
// Before PostgreSQL 16 CREATEROLE was enough for the grant.
const MIGRATING = `
SELECT quote_ident(session_user) AS name, quote_ident(current_database()) AS database,
  has_schema_privilege(session_user, 'public', 'CREATE WITH GRANT OPTION') AS shares,
  ARRAY(SELECT wanted FROM unnest($1::text[]) wanted
    WHERE to_regrole(wanted) IS NULL AND NOT (rolsuper OR rolcreaterole)) AS absent,
  ARRAY(SELECT wanted FROM unnest($1::text[]) wanted
    WHERE to_regrole(wanted) IS NOT NULL AND NOT (
      pg_has_role(session_user, to_regrole(wanted), ${MAY_SET})
      OR pg_has_role(session_user, to_regrole(wanted), 'MEMBER WITH ADMIN OPTION')
      OR rolcreaterole AND current_setting('server_version_num')::int < 160000)) AS refused
FROM pg_roles WHERE rolname = session_user`;
