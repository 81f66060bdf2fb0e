/**
 * Owns what an issuer says by itself: that somebody's session is over (OpenID Connect Back-Channel
 * Logout 1.0, 2.4 to 2.6). Keys are asked for when the first one comes; pages in browsers never do.
 */
import type { JWTVerifyGetKey } from 'jose';
import { customFetch } from 'oauth4webapi';
import type { Connected } from './issuer.ts';
import { SignInError } from './sign-in-error.ts';

/** Whose sessions are over: the one of this `sid`; or all of this `sub` that began before, in ms. */
export type Ended = { readonly sid: string } | { readonly sub: string; readonly before: number };

/** Null for what is no such token. Throws SignInError: `unavailable` without the keys. */
export type ReadLogoutToken = (to: Connected, token: string) => Promise<Ended | null>;

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
/** Seconds that clocks may differ, and that a token may be old: it is sent again for minutes, not hours. */
const LEEWAY = 60;
const OLDEST = 600;
/** Characters; no signature of anything longer is computed. */
const LONGEST = 16_384;

export function logoutTokens(): ReadLogoutToken {
  let keys: JWTVerifyGetKey | null = null;
  return async ({ server, client, requests }, token) => {
    if (token.length > LONGEST) return null;
    // A page in a browser never comes here, and need not have it.
    const jose = await import('jose');
    keys ??= jose.createRemoteJWKSet(new URL(server.jwks_uri ?? ''), {
      cooldownDuration: 10_000,
      [jose.customFetch]: (url: string, init: object) => requests[customFetch](url, init),
    });
    try {
      const { payload } = await jose.jwtVerify(token, keys, {
        issuer: server.issuer,
        audience: client.client_id,
        algorithms: ALGORITHMS,
        typ: 'logout+jwt',
        clockTolerance: LEEWAY,
        maxTokenAge: OLDEST,
        requiredClaims: ['exp', 'iat', 'jti', 'events'],
      });
      return endedBy(payload);
    } catch (error) {
      if (error instanceof jose.errors.JOSEError && !OF_KEYS.has(error.code)) return null;
      throw new SignInError('unavailable', 'The keys of the issuer are not to be had', error);
    }
  };
}

/** What jose says when it could not ask; all its other errors are about the token. */
const OF_KEYS = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']);

/** 2.6: the event, a session or a person, and no nonce, which would make an ID token of it. */
function endedBy(claims: Readonly<Record<string, unknown>>): Ended | null {
  const { events, sid, sub, nonce, iat } = claims;
  const isEvent = typeof events === 'object' && events !== null && EVENT in events;
  if (!isEvent || nonce !== undefined) return null;
  if (isName(sid)) return { sid };
  // It says a second; what began within that one is over too.
  return sid === undefined && isName(sub) ? { sub, before: Number(iat) * 1000 + 999 } : null;
}

/** Short enough for a key of a store. */
function isName(text: unknown): text is string {
  return typeof text === 'string' && text.length > 0 && text.length <= 80;
}
