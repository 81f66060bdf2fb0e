/** What the migrations promise beyond what Prisma's diff can see: policies, grants, checks, partial indexes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowTests } from './rows.suite.ts';
import { column, type Stored, storedHomes } from './stored.ts';

interface Table {
  name: string;
  partition: boolean;
  forced: boolean;
  infrastructure: boolean;
  policies: number;
  all_policies: number;
}

describe.each(storedHomes)('the schema on $name', ({ open }) => {
  let db: Stored;

  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('every table is isolated by tenant or says that it is infrastructure', async () => {
    await db.actAs('owner');
    const tables = await db.rows<Table>(`
      SELECT n.nspname || '.' || c.relname AS name,
        c.relispartition AS partition,
        c.relrowsecurity AND c.relforcerowsecurity AS forced,
        coalesce(obj_description(c.oid, 'pg_class'), '') LIKE 'infrastructure: %' AS infrastructure,
        (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polroles = '{0}'
          AND pg_get_expr(p.polqual, c.oid) LIKE '%current_tenant()%'
          AND pg_get_expr(p.polqual, c.oid) = pg_get_expr(p.polwithcheck, c.oid)) AS policies,
        (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid) AS all_policies
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
      ORDER BY 1`);
    const faults = tables.filter((table) => {
      if (table.infrastructure) return false;
      if (table.partition) return !(table.forced && table.all_policies === 0);
      return !(table.forced && table.policies === 1);
    });
    expect(faults).toEqual([]);
    expect(tables.filter((table) => table.policies === 1).map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'public.tenants',
        'public.users',
        'public.audit_events',
        'public.data_keys',
      ]),
    );
  });

  test('the one other policy lets the lookup function see secrets', async () => {
    await db.actAs('owner');
    expect(
      await db.rows(
        "SELECT tablename, roles::text, cmd FROM pg_policies WHERE policyname <> 'tenant_isolation' ORDER BY 1",
      ),
    ).toEqual([{ tablename: 'api_key_secrets', roles: '{signet_definer}', cmd: 'SELECT' }]);
  });

  test('the run-time role has these rights on tables and no others', async () => {
    await db.actAs('owner');
    const grants = await db.rows<{ name: string; rights: string }>(`
      SELECT c.relname AS name, string_agg(lower(left(a.privilege_type, 1)), '' ORDER BY a.privilege_type) AS rights
      FROM pg_class c, aclexplode(c.relacl) a
      WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 'signet_app'::regrole GROUP BY 1 ORDER BY 1`);
    // d(elete) i(nsert) s(elect) u(pdate)
    expect(Object.fromEntries(grants.map((grant) => [grant.name, grant.rights]))).toEqual({
      api_key_secrets: 'disu',
      api_keys: 'isu',
      api_resource_scopes: 'disu',
      api_resources: 'disu',
      audit_archives: 's',
      audit_checkpoints: 'is',
      audit_events: 'is',
      audit_keys: 'is',
      audit_leaves: 'is',
      audit_reconciled: 'isu',
      audit_targets: 'is',
      audit_tiles: 'isu',
      audit_trees: 'isu',
      backup_codes: 'disu',
      challenges: 'disu',
      client_registration_audiences: 'dis',
      client_registration_policies: 'isu',
      data_keys: 'isu',
      factors: 'disu',
      group_members: 'dis',
      group_roles: 'dis',
      groups: 'disu',
      idempotency_keys: 'disu',
      initial_access_tokens: 'disu',
      log_stream_deliveries: 'disu',
      log_stream_wakes: 'disu',
      log_stream_work: 'disu',
      log_streams: 'disu',
      messages: 'disu',
      oauth_client_audiences: 'dis',
      oauth_client_registrations: 'dis',
      oauth_client_secrets: 'disu',
      oauth_clients: 'disu',
      oauth_codes: 'disu',
      oauth_consents: 'disu',
      oauth_grants: 'disu',
      oauth_interactions: 'disu',
      oauth_sessions: 'disu',
      oauth_spent: 'dis',
      oauth_tokens: 'disu',
      one_time_links: 'disu',
      outbox: 'dis',
      outbox_cursors: 'isu',
      passwords: 'disu',
      rate_limits: 'disu',
      roles: 'disu',
      sessions: 'disu',
      sign_in_flows: 'disu',
      sign_in_policies: 'isu',
      signing_key_policies: 'isu',
      signing_keys: 'isu',
      subject_keys: 'dis',
      tenants: 'is',
      user_roles: 'dis',
      user_search_tokens: 'dis',
      users: 'disu',
    });
    const [definer] = await db.rows<{ columns: string }>(
      `SELECT string_agg(c.relname || '.' || t.attname, ' ' ORDER BY t.attname) AS columns
       FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
       WHERE a.grantee = 'signet_definer'::regrole AND a.privilege_type = 'SELECT'`,
    );
    expect(definer?.columns).toBe(
      'api_key_secrets.api_key_id api_key_secrets.expires_at api_key_secrets.hash api_key_secrets.tenant_id',
    );
  });

  test('no role bypasses row-level security, and no function runs as another role but these', async () => {
    await db.actAs('owner');
    expect(
      await db.rows(
        `SELECT rolname FROM pg_roles WHERE rolname IN ('signet_app', 'signet_definer')
         AND (rolbypassrls OR rolsuper OR rolcanlogin OR rolcreaterole OR rolcreatedb)`,
      ),
    ).toEqual([]);
    expect(
      await db.rows(
        `SELECT proname AS name, pg_get_userbyid(proowner) = 'signet_definer' AS definer,
           has_function_privilege('signet_app', oid, 'EXECUTE') AS app,
           EXISTS (SELECT FROM unnest(proconfig) c WHERE c LIKE 'search_path=%pg_temp') AS path_is_fixed,
           EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0) AS everybody
         FROM pg_proc WHERE prosecdef AND pronamespace IN ('public'::regnamespace, 'pgboss'::regnamespace) ORDER BY 1`,
      ),
    ).toEqual([
      {
        name: 'audit_ensure_partitions',
        definer: false,
        app: true,
        path_is_fixed: true,
        everybody: false,
      },
      {
        name: 'credential_lookup',
        definer: true,
        app: true,
        path_is_fixed: true,
        everybody: false,
      },
    ]);
    const [schema] = await db.rows<{ may_create: boolean }>(
      `SELECT has_schema_privilege('signet_app', 'public', 'CREATE') OR has_schema_privilege('signet_definer', 'public', 'CREATE')
         OR has_schema_privilege('signet_app', 'pgboss', 'CREATE') AS may_create`,
    );
    expect(schema?.may_create).toBe(false);
  });

  test('search columns are ordered by bytes', async () => {
    await db.actAs('owner');
    const columns = await db.rows(
      `SELECT c.relname || '.' || a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       WHERE a.attcollation = 'pg_catalog."C"'::regcollation AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
    );
    expect(column(columns, 'name')).toEqual(
      expect.arrayContaining([
        'groups.name_key',
        'roles.name_key',
        'user_search_tokens.token',
        'users.email_key',
        'users.name_key',
      ]),
    );
  });

  rowTests(() => db);
});
