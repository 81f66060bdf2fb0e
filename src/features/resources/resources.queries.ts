/** Reads of API resources: one, lists, and by identifier for the token endpoint. */
import type { Context, Services } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, page, rowsById } from '#kernel/db/keyset.ts';
import type { ResourceRow } from './resources.model.ts';

/** The readable columns of the alias `r`, under their GraphQL names. */
export const RESOURCE_COLUMNS = `r.tenant_id AS "tenantId", r.id, r.identifier, r.name,
  r.token_format AS "tokenFormat", r.token_seconds AS "tokenSeconds", r.signing_alg AS "signingAlg",
  r.allow_offline AS "allowOffline", r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt",
  (SELECT coalesce(json_agg(json_build_object('name', s.name, 'description', s.description) ORDER BY s.name), '[]')
   FROM api_resource_scopes s WHERE s.tenant_id = r.tenant_id AND s.resource_id = r.id) AS scopes`;

const byId: ListShape = {
  name: 'resources',
  select: RESOURCE_COLUMNS,
  from: 'api_resources r',
  tenant: 'r.tenant_id',
  order: [{ column: 'r.id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function resourcesById(ctx: Context, ids: readonly string[]): Promise<ResourceRow[]> {
  return rowsById<ResourceRow>(ctx, byId, ids);
}

export async function getResource(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  id: string,
): Promise<ResourceRow | null> {
  const [row] = await ctx.db.query<ResourceRow>(
    `SELECT ${RESOURCE_COLUMNS} FROM api_resources r WHERE r.tenant_id = $1 AND r.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

export function listResources(ctx: Context, request: PageRequest): Promise<Page<ResourceRow>> {
  return page<ResourceRow>(ctx, byId, [], request);
}

/**
 * The resources of these identifiers that the tenant has, with their scopes, in one statement. Never
 * cached here.
 */
export function resourcesOf(
  { db }: Pick<Services, 'db'>,
  tenantId: string,
  identifiers: readonly string[],
): Promise<ResourceRow[]> {
  return db.inTenant(tenantId, () =>
    db.query<ResourceRow>(
      `SELECT ${RESOURCE_COLUMNS} FROM api_resources r
       WHERE r.tenant_id = $1 AND r.identifier = ANY ($2::text[]) ORDER BY r.identifier`,
      [tenantId, identifiers],
    ),
  );
}
