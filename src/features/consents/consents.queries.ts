/** Reads of consents: what a user allowed, and whether a client was allowed something. */
import type { Context } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, page, rowsById } from '#kernel/db/keyset.ts';
import type { ConsentRow } from './consents.model.ts';

const COLUMNS = `o.tenant_id AS "tenantId", o.id, o.user_id AS "userId", o.scopes,
  o.resource_scopes AS "resourceScopes", o.granted_at AS "grantedAt", o.updated_at AS "updatedAt",
  json_build_object('id', c.id, 'name', c.name, 'publisher', c.publisher, 'logoUri', c.logo_uri,
    'clientUri', c.client_uri) AS client`;

/** What users allowed; the parent's column is `o.user_id`. */
export const consentsOfUsers: ListShape = {
  name: 'consents',
  select: COLUMNS,
  from: 'oauth_consents o JOIN oauth_clients c ON c.tenant_id = o.tenant_id AND c.id = o.client_id',
  tenant: 'o.tenant_id',
  order: [{ column: 'o.id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function consentsById(ctx: Context, ids: readonly string[]): Promise<ConsentRow[]> {
  return rowsById<ConsentRow>(ctx, consentsOfUsers, ids);
}

/** Of one user, the oldest first; none for nobody. */
export function listConsents(
  ctx: Context,
  userId: string | null,
  request: PageRequest,
): Promise<Page<ConsentRow>> {
  return page<ConsentRow>(
    ctx,
    consentsOfUsers,
    [{ sql: 'o.user_id = ?', values: [userId] }],
    request,
  );
}

const FIND = `
SELECT ${COLUMNS} FROM ${consentsOfUsers.from} WHERE o.tenant_id = $1 AND o.user_id = $2 AND o.client_id = $3`;

/** What the user allowed the client; null when nothing. */
export async function consentOf(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  userId: string,
  clientId: string,
): Promise<ConsentRow | null> {
  const [row] = await ctx.db.query<ConsentRow>(FIND, [ctx.tenantId, userId, clientId]);
  return row ?? null;
}

/** The same inside a transaction, which nobody who takes the consent back can overtake. */
export async function holdConsent(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  userId: string,
  clientId: string,
): Promise<ConsentRow | null> {
  const [row] = await ctx.db.query<ConsentRow>(`${FIND} FOR SHARE OF o`, [
    ctx.tenantId,
    userId,
    clientId,
  ]);
  return row ?? null;
}
