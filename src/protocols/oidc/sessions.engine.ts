/**
 * The engine's session follows ours: whether anybody is signed in, who, how and since when is said by
 * the cookie of the tenant alone. Of its own the engine keeps which clients were signed in to.
 */
import { createHash } from 'node:crypto';
import type { KoaContextWithOIDC, Session } from 'oidc-provider';
import { signOut } from '#features/sessions/sessions.commands.ts';
import { expiredCookie } from '#features/sessions/sessions.model.ts';
import { encodeId } from '#kernel/ids.ts';
import { current } from './current.ts';
import type { Provider } from './engine.ts';

type Fields = {
  accountId?: string | undefined;
  loginTs?: number | undefined;
  acr?: string | undefined;
  amr?: string[] | undefined;
  uid: string;
  authorizations?: unknown;
};

export function followOurSessions(provider: Provider, slug: string): void {
  const { Session } = provider;
  const get = Session.get.bind(Session);
  Session.get = async (koa: KoaContextWithOIDC) => followed(await get(koa));
  Session.prototype.destroy = destroyBoth(Session.prototype.destroy, slug);
  const named = Session.prototype as unknown as NamesSessions;
  named.ensureClientContainer = function (clientId) {
    this.sidFor(clientId, sidOf(this.uid, clientId));
  };
}

interface NamesSessions {
  readonly uid: string;
  sidFor(clientId: string, sid: string): void;
  ensureClientContainer(clientId: string): void;
}

/**
 * What a client knows a session by: another name for each client, so that two of them cannot tell that
 * one person uses both, and the same whenever it is asked for.
 */
export function sidOf(sessionId: string, clientId: string): string {
  const digest = createHash('sha256').update(`sid ${sessionId} ${clientId}`).digest();
  return digest.subarray(0, 16).toString('base64url');
}

function followed(session: Session): Session {
  const { actor } = current();
  const fields = session as unknown as Fields;
  const { authentication, id } = actor;
  const sessionId = authentication?.sessionId;
  if (actor.kind !== 'user' || !authentication || !sessionId || id === null) {
    if (fields.accountId !== undefined) fields.authorizations = undefined;
    fields.accountId = undefined;
    fields.loginTs = undefined;
    fields.acr = undefined;
    fields.amr = undefined;
    return session;
  }
  // Another person, or the same in another session: what was before is none of theirs.
  if (fields.uid !== sessionId) fields.authorizations = undefined;
  fields.uid = sessionId;
  fields.accountId = encodeId('user', id);
  fields.loginTs = Math.floor(authentication.authTime.getTime() / 1000);
  fields.acr = authentication.acr;
  fields.amr = [...authentication.amr];
  return session;
}

/** RP-initiated logout ends ours too. */
function destroyBoth(destroy: Session['destroy'], slug: string): Session['destroy'] {
  return async function (this: Session) {
    const ctx = current();
    if (ctx.actor.kind === 'user') await signOut(ctx, {});
    ctx.setCookie(expiredCookie(slug));
    await destroy.call(this);
  };
}
