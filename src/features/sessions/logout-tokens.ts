/**
 * Who must hear that a session is over: the clients that a person signed in to within it and that can
 * be told (OpenID Connect Back-Channel Logout 1.0). The order to tell each of them is part of the
 * transaction that ends the session; how it is told belongs to the protocol.
 */
import type { Context } from '#kernel/context.ts';
import type { Order } from '#kernel/jobs/job.ts';

/** Ids, as they are stored. */
export interface LogoutToken {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly clientId: string;
}

/** One order a client and session, so that one that does not answer keeps nobody waiting. */
export const sendLogoutToken: Order<LogoutToken> = { name: 'logout-token.send' };

/** Inside the transaction that ends these sessions. */
export async function orderLogoutTokens(
  ctx: Context,
  sessionIds: readonly string[],
): Promise<void> {
  if (sessionIds.length === 0) return;
  const orders = await ctx.db.query<LogoutToken>(WHOM, [ctx.tenantId, sessionIds]);
  for (const order of orders) await ctx.jobs.send(sendLogoutToken, order);
}

/** Grants stay when they are revoked: what was taken back before is told of as well. */
const WHOM = `
SELECT DISTINCT g.tenant_id AS "tenantId", g.session_id AS "sessionId", g.user_id AS "userId",
  g.client_id AS "clientId"
FROM oauth_grants g
JOIN oauth_clients c ON c.tenant_id = g.tenant_id AND c.id = g.client_id
WHERE g.tenant_id = $1 AND g.session_id = ANY ($2::uuid[])
  AND c.backchannel_logout_uri IS NOT NULL AND c.disabled_at IS NULL`;
