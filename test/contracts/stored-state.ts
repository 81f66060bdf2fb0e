/** What is stored, as one checksum a table and tenant: two that are equal say that nothing changed. */
import { NO_TENANT } from '#kernel/context.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { House } from '../kit/house.ts';

/**
 * What a refused call may write: that it was refused (the audit log and its tree, the keys that seal
 * its personal part, the outbox) and its idempotency key.
 */
const MAY_GROW = new Set([
  'audit_checkpoints',
  'audit_events',
  'audit_keys',
  'audit_leaves',
  'audit_targets',
  'audit_tiles',
  'audit_trees',
  'data_keys',
  'subject_keys',
  'outbox',
  'outbox_cursors',
  'idempotency_keys',
  'rate_limits',
]);

export type StoredState = Readonly<Record<string, string>>;

/** Of the given tenants (uuids) and the platform's own; when a key was last used does not count. */
export async function storedState(
  house: House,
  tenantIds: readonly string[],
): Promise<StoredState> {
  const { db } = house.services;
  const tables = (await ownedTables(house)).filter((table) => !MAY_GROW.has(table));
  const all = tables.map(summary).join(' UNION ALL ');
  const state: Record<string, string> = {};
  for (const tenantId of [...tenantIds, PLATFORM_TENANT_ID, NO_TENANT]) {
    const sums = await db.inTenant(tenantId, () => db.query<Summary>(all));
    for (const { name, rows, sum } of sums)
      state[`${name} of ${tenantId}`] = `${rows} rows, ${sum}`;
  }
  return state;
}

interface Summary {
  readonly name: string;
  readonly rows: string;
  readonly sum: string;
}

function summary(table: string): string {
  return `SELECT '${table}' AS name, count(*) AS rows, md5(coalesce(string_agg(r, E'\\n' ORDER BY r), '')) AS sum
    FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS r FROM ${table} t) AS all_rows`;
}

/** Every table that tenants own, by the catalogue. */
export async function ownedTables(house: House): Promise<readonly string[]> {
  const rows = await house.services.db.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
       AND c.relrowsecurity ORDER BY c.relname`,
  );
  return rows.map(({ name }) => name);
}
