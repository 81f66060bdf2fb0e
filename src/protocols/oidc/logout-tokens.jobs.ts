/** Telling clients that a session is over (OpenID Connect Back-Channel Logout 1.0), until they have heard. */
import { type LogoutToken, sendLogoutToken } from '#features/sessions/logout-tokens.ts';
import type { Services } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import { type Job, job } from '#kernel/jobs/job.ts';
import { systemContext } from '#kernel/system-context.ts';
import { serving } from './current.ts';
import type { Issuers } from './providers.ts';
import { sidOf } from './sessions.engine.ts';

/** Each attempt says a new token, since they are good for two minutes (2.4). */
export function sendLogoutTokens(issuers: Issuers): Job<LogoutToken> {
  return job({
    ...sendLogoutToken,
    atOnce: 10,
    run: (services, order, signal) =>
      services.db.inTenant(order.tenantId, () => tell(services, issuers, order, signal)),
  });
}

async function tell(
  services: Services,
  issuers: Issuers,
  { tenantId, sessionId, userId, clientId }: LogoutToken,
  signal: AbortSignal,
): Promise<void> {
  const ctx = systemContext(services, tenantId, signal);
  await serving(ctx, async () => {
    const { tellOfLogout } = await issuers.of(ctx);
    const client = encodeId('client', clientId);
    await tellOfLogout(client, encodeId('user', userId), sidOf(sessionId, client));
  });
}
