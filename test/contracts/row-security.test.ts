/**
 * The last line of defence, seen from a running house: whatever a query of ours forgets, the
 * database shows a tenant's rows to nobody but that tenant.
 */
import { expect, test } from 'vitest';
import { NO_TENANT } from '#kernel/context.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { furnish } from './fixtures.ts';
import { ownedTables } from './stored-state.ts';

const house = await openHouse();
const make = makers(house);
const { db } = house.services;
const acme = await furnish(make, 'acme-mark');
const other = await furnish(make, 'other-mark');
const owned = (await ownedTables(house)).filter((table) => table !== 'tenants');

interface Table {
  readonly name: string;
  readonly comment: string | null;
  readonly has_tenant: boolean;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly policies: number;
}

test("D02 every table is its tenant's alone, or says that it is infrastructure", async () => {
  const tables = await db.query<Table>(
    `SELECT n.nspname || '.' || c.relname AS name, obj_description(c.oid, 'pg_class') AS comment,
       c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS has_tenant,
       (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT c.relispartition`,
  );
  const open = tables.filter(
    ({ enabled, forced, policies }) => !enabled || !forced || policies === 0,
  );
  const unexplained = open.filter(
    ({ comment, name }) => !comment?.startsWith('infrastructure:') && !name.startsWith('pgboss.'),
  );
  expect(unexplained.map(({ name }) => name)).toEqual([]);
  expect(owned.length).toBeGreaterThanOrEqual(14);
});

test("D02 statements of ours that name no tenant see one tenant's rows", async () => {
  for (const table of owned)
    for (const { tenant } of [acme, other]) {
      const rows = await db.inTenant(tenant.uuid, () =>
        db.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id FROM ${table}`),
      );
      expect([table, rows.filter((row) => row.tenant_id !== tenant.uuid)]).toEqual([table, []]);
    }
});

test('D02 without a tenant, and for a tenant that is none, there are no rows', async () => {
  for (const table of [...owned, 'tenants'])
    for (const tenantId of [null, NO_TENANT]) {
      const [row] = await db.inTenant(tenantId, () =>
        db.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${table}`),
      );
      expect([table, row?.rows]).toEqual([table, '0']);
    }
});

test("D02 the platform's tenant sees that tenants exist, and nothing of theirs", async () => {
  await db.inTenant(PLATFORM_TENANT_ID, async () => {
    const tenants = await db.query<{ id: string }>('SELECT id FROM tenants');
    expect(tenants.map(({ id }) => id)).toEqual(
      expect.arrayContaining([acme.tenant.uuid, other.tenant.uuid]),
    );
    for (const table of owned) {
      const rows = await db.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id FROM ${table}`);
      expect([table, rows.filter((row) => row.tenant_id !== PLATFORM_TENANT_ID)]).toEqual([
        table,
        [],
      ]);
    }
  });
});

test('D02 a row for another tenant cannot be written, by any table', async () => {
  for (const table of owned) {
    const [row] = await db.inTenant(other.tenant.uuid, () =>
      db.query<{ row: object }>(`SELECT to_jsonb(t) AS row FROM ${table} t LIMIT 1`),
    );
    if (!row) continue;
    const smuggled = db.inTenant(acme.tenant.uuid, () =>
      db.query(
        `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb)`,
        [JSON.stringify(row.row)],
      ),
    );
    await expect(smuggled, table).rejects.toThrow(/row-level security/);
  }
});

test('D02 the server runs as a role that owns nothing and passes no wall', async () => {
  const [role] = await db.query<Record<string, unknown>>(
    `SELECT current_user AS name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
       (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owns
     FROM pg_roles r WHERE rolname = current_user`,
  );
  expect(role).toEqual({
    name: 'signet_app',
    rolsuper: false,
    rolbypassrls: false,
    rolcreaterole: false,
    rolcreatedb: false,
    owns: 0,
  });
});
