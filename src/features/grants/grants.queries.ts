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

/** Beside the grant `g`: what it stands on, as far as that is good when the parameter `now` tells. */
export const grantHolders = (now: string) => `
LEFT JOIN users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id AND u.status = 'ACTIVE'
LEFT JOIN oauth_clients c ON c.tenant_id = g.tenant_id AND c.id = g.client_id AND c.disabled_at IS NULL
LEFT JOIN sessions s ON s.tenant_id = g.tenant_id AND s.id = g.session_id
  AND s.ended_at IS NULL AND s.idle_expires_at > ${now}`;

/** A session that was swept is not live either. */
export const isLive = (now: string) => `u.id IS NOT NULL AND c.id IS NOT NULL
  AND g.revoked_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > ${now})
  AND (g.session_id IS NULL OR '${OFFLINE}' = ANY (g.scopes) OR s.id IS NOT NULL)`;

const LIVE = `
SELECT ${GRANT_COLUMNS} FROM oauth_grants g ${grantHolders('$3')}
WHERE g.tenant_id = $1 AND g.id = $2 AND ${isLive('$3')}`;
