/** What ends with sessions: grants of clients, and so refresh tokens; and whom that is told. */
import { type GrantsOfUser, revokeGrants } from '#features/grants/grants.commands.ts';
import type { Context } from '#kernel/context.ts';
import { orderLogoutTokens } from './logout-tokens.ts';
import type { EndReason } from './sessions.model.ts';

interface Ended {
  readonly sessionIds: readonly string[];
  readonly reason: EndReason;
  /** When it is not about single sessions: everything that the user gave, in whatever session. */
  readonly everything?: GrantsOfUser;
}

/**
 * A person who signs out of one session leaves alone what they gave to outlive it (OpenID Connect
 * Core, 11). Whoever ends a session for them, or ends them all, means what came of them too. Other
 * factors end only what was given in the sessions that end. Part of the transaction that is open.
 */
export async function endGrants(
  ctx: Context,
  { sessionIds, reason, everything }: Ended,
): Promise<void> {
  if (everything && reason !== 'FACTORS_CHANGED') await revokeGrants(ctx, everything);
  else if (sessionIds.length > 0)
    await revokeGrants(ctx, { sessionIds, offline: reason !== 'SIGNED_OUT' });
  await orderLogoutTokens(ctx, sessionIds);
}
