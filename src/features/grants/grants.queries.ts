/** Reads of grants: by id, for every token that names one. Never cached here. */
import type { Context } from '#kernel/context.ts';
import { type GrantRow, OFFLINE } from './grants.model.ts';

export const GRANT_COLUMNS = `g.tenant_id AS "tenantId", g.id, g.user_id AS "userId", g.client_id AS "clientId",
  g.session_id AS "sessionId", g.scopes, g.resource_scopes AS "resourceScopes", g.claims,
  g.created_at AS "createdAt", g.expires_at AS "expiresAt", g.revoked_at AS "revokedAt"`;

type Reader = Pick<Context, 'db' | 'tenantId'>;

/** Whatever became of it; null when the tenant has none with this id. */
export async function grantById(ctx: Reader, id: string): Promise<GrantRow | null> {
  const [row] = await ctx.db.query<GrantRow>(
    `SELECT ${GRANT_COLUMNS} FROM oauth_grants g WHERE g.tenant_id = $1 AND g.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

/**
 * The grant, if tokens of it are good now: neither revoked nor over, of an active user and a client
 * that is not disabled, and in a live session unless it was given to outlive it. One statement.
 */
export async function liveGrant(
  ctx: Reader & Pick<Context, 'clock'>,
  id: string,
): Promise<GrantRow | null> {
  const [row] = await ctx.db.query<GrantRow>(LIVE, [ctx.tenantId, id, ctx.clock.now()]);
  return row ?? null;
}

/**
 * A condition on the grant `g`: it is live at the moment that the parameter `now` tells. A session that
 * was swept is not live either.
 */
export const isLive = (
  now: string,
) => `g.revoked_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > ${now})
  AND EXISTS (SELECT FROM users u WHERE u.tenant_id = g.tenant_id AND u.id = g.user_id AND u.status = 'ACTIVE')
  AND EXISTS (SELECT FROM oauth_clients c WHERE c.tenant_id = g.tenant_id AND c.id = g.client_id AND c.disabled_at IS NULL)
  AND (g.session_id IS NULL OR '${OFFLINE}' = ANY (g.scopes) OR EXISTS (
    SELECT FROM sessions s WHERE s.tenant_id = g.tenant_id AND s.id = g.session_id
      AND s.ended_at IS NULL AND s.idle_expires_at > ${now}))`;

const LIVE = `
SELECT ${GRANT_COLUMNS} FROM oauth_grants g WHERE g.tenant_id = $1 AND g.id = $2 AND ${isLive('$3')}`;
