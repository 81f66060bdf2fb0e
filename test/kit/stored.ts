/** What the database holds, past all doors: for tests of what must, or must not, be stored. */

import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { House, Instance } from './house.ts';

/** Rows as the run-time role sees them in a tenant's name (uuid). */
export function rows<Row>(
  house: Instance,
  tenantId: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { db } = house.services;
  return db.inTenant(tenantId, () => db.query<Row>(text, values));
}

/** Runs statements as the owner of the tables, in one transaction, in a tenant's name. */
export async function asOwner(
  house: Instance,
  tenantId: string,
  ...statements: readonly string[]
): Promise<void> {
  const { db } = house.services;
  await db.transaction(
    async () => {
      await db.query('SET LOCAL ROLE NONE');
      for (const statement of statements) await db.query(statement);
    },
    { tenantId },
  );
}

/**
 * Every row of every table that the run-time role may read, in every tenant's name: `table {json}`,
 * sorted. The job queue's own tables (`pgboss.`) change by themselves.
 */
export async function everythingStored(house: House): Promise<string[]> {
  const tables = await rows<{ name: string }>(
    house,
    PLATFORM_TENANT_ID,
    `SELECT c.oid::regclass::text AS name FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('public', 'pgboss') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND has_table_privilege(c.oid, 'SELECT')`,
  );
  const tenants = await rows<{ id: string }>(house, PLATFORM_TENANT_ID, 'SELECT id FROM tenants');
  const found: string[] = [];
  for (const { id } of tenants)
    for (const { name } of tables) {
      const lines = await rows<{ line: string }>(
        house,
        id,
        `SELECT row_to_json(t)::text AS line FROM ${name} t`,
      );
      found.push(...lines.map(({ line }) => `${name} ${line}`));
    }
  return found.sort();
}
