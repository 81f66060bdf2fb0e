/** Reads of tenants. The platform's own tenant sees all of them, every other one sees itself. */
import { anonymous } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import {
  type Condition,
  type ListShape,
  type Page,
  type PageRequest,
  page,
  rowsById,
} from '#kernel/db/keyset.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { TenantNotOpen } from './tenants.errors.ts';
import { type TenantRow, type TenantStatusName, tenantSlug } from './tenants.model.ts';

export const TENANT_COLUMNS = `t.id, t.slug, t.host, t.issuer, t.name, t.status, t.version,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt"`;

export interface TenantFilter {
  readonly slug?: string | null | undefined;
  readonly status?: TenantStatusName | null | undefined;
}

const byId: ListShape = {
  name: 'tenants',
  select: TENANT_COLUMNS,
  from: 'tenants t',
  tenant: null,
  order: [{ column: 't.id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function tenantsById(ctx: Context, ids: readonly string[]): Promise<TenantRow[]> {
  if (ctx.door !== 'platform') return rowsById<TenantRow>(ctx, byId, ids);
  return ctx.db.inTenant(PLATFORM_TENANT_ID, () => rowsById<TenantRow>(ctx, byId, ids));
}

/** The tenant, if the effective tenant may see it: itself, or any for the platform's own. */
export async function getTenant(ctx: Context, id: string): Promise<TenantRow | null> {
  const [row] = await ctx.db.query<TenantRow>(
    `SELECT ${TENANT_COLUMNS} FROM tenants t WHERE t.id = $1`,
    [id],
  );
  return row ?? null;
}

/** For operators: any tenant, whatever tenant was chosen. The caller's scope was checked before. */
export function findTenant(ctx: Context, id: string): Promise<TenantRow | null> {
  return ctx.db.inTenant(PLATFORM_TENANT_ID, () => getTenant(ctx, id));
}

/** The open tenant of this name, for strangers who come to sign in; null when there is none. */
export async function tenantBySlug(ctx: Context, slug: string): Promise<TenantRow | null> {
  const [row] = await ctx.db.inTenant(PLATFORM_TENANT_ID, () =>
    ctx.db.query<TenantRow>(
      `SELECT ${TENANT_COLUMNS} FROM tenants t WHERE t.slug = $1 AND t.status = 'ACTIVE'`,
      [slug],
    ),
  );
  return row ?? null;
}

/**
 * Strangers have no tenant: this one is the one that they name. Whoever belongs to another tenant is
 * a stranger there. Throws `TenantNotOpen`.
 */
export async function inTenantBySlug<T>(
  outer: Context,
  slug: string,
  run: (ctx: Context) => Promise<T>,
): Promise<T> {
  const found = await tenantBySlug(outer, slug);
  // At the host of a tenant there is no other one.
  const elsewhere = outer.site !== null && outer.site !== found?.id;
  if (!found || elsewhere) throw new TenantNotOpen();
  const actor = outer.actor.tenantId === found.id ? outer.actor : anonymous;
  const ctx = { ...outer, actor, tenantId: found.id };
  return ctx.db.inTenant(found.id, () => run(ctx));
}

/** For operators: reads as the platform's own tenant whatever tenant was chosen. */
export function listTenants(
  ctx: Context,
  filter: TenantFilter,
  request: PageRequest,
): Promise<Page<TenantRow>> {
  const conditions: Condition[] = [];
  if (filter.slug != null)
    conditions.push({ sql: 't.slug = ?', values: [tenantSlug.safeParse(filter.slug).data ?? ''] });
  if (filter.status != null) conditions.push({ sql: 't.status = ?', values: [filter.status] });
  const platform = { ...ctx, tenantId: PLATFORM_TENANT_ID };
  return ctx.db.inTenant(PLATFORM_TENANT_ID, async () => {
    const found = await page<TenantRow>(platform, byId, conditions, request);
    // Counted later, when the chosen tenant is bound again.
    return { ...found, total: () => ctx.db.inTenant(PLATFORM_TENANT_ID, found.total) };
  });
}
