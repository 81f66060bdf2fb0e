/**
 * OpenID Connect Back-Channel Logout 1.0: the engine says what a client is told, we say when. What ends
 * a session orders it (features/sessions/logout-tokens.ts), whoever ends it, and jobs send it.
 */
import type { Client } from 'oidc-provider';
import { sendLogoutToken } from '#features/sessions/logout-tokens.ts';
import { decodeId } from '#kernel/ids.ts';
import { current } from './current.ts';
import { type Provider, paramsOf } from './engine.ts';

/** Sends a client its logout token, or throws; does nothing for one that is gone or wants none. */
export type TellOfLogout = (clientId: string, sub: string, sid: string) => Promise<void>;

/** The engine's own method, which its types leave out. */
interface Tells {
  backchannelLogout(this: Client, sub: string, sid: string): Promise<void>;
}

export function backchannelLogout(provider: Provider): TellOfLogout {
  const prototype = provider.Client.prototype as unknown as Tells;
  const tell = prototype.backchannelLogout;
  prototype.backchannelLogout = orderInstead;
  return async (clientId, sub, sid) => {
    const client = await provider.Client.find(clientId);
    if (client?.['backchannelLogoutUri']) await tell.call(client, sub, sid);
  };
}

/** A person who stays signed in here, but not at the client that sent them. */
async function orderInstead(this: Client, sub: string): Promise<void> {
  if (paramsOf()?.['logout']) return;
  const { actor, jobs, tenantId } = current();
  const sessionId = actor.authentication?.sessionId;
  const [userId, clientId] = [decodeId('user', sub), decodeId('client', this.clientId)];
  if (!sessionId || userId === null || clientId === null) return;
  await jobs.send(sendLogoutToken, { tenantId, sessionId, userId, clientId });
}
