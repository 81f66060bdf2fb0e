/** Owns what a route may ask of a token beyond that it is good. */
import { type AccessTokenClaims, scopesOf } from './claims.ts';
import { TokenError } from './token-error.ts';

export interface Demands {
  /** All of them. */
  readonly scopes?: readonly string[];
  /** How the person has signed in, at least: `mfa` for two factors. */
  readonly acr?: string;
  /** Seconds since they did, at most. */
  readonly maxAge?: number;
}

/** The better ones satisfy the lesser. */
const ACR_ORDER = ['pwd', 'mfa'];

/** Throws TokenError (403, `insufficient_scope`), which names all that the route needs. */
export function requireScopes(claims: AccessTokenClaims, ...scopes: readonly string[]): void {
  const given = new Set(scopesOf(claims));
  const missing = scopes.filter((scope) => !given.has(scope));
  if (missing.length > 0)
    throw new TokenError('insufficient_scope', `The token lacks the scope ${missing.join(' ')}`, {
      asks: { scope: scopes.join(' ') },
    });
}

/** Throws TokenError (401, RFC 9470): the client signs the person in again with these `acr_values`. */
export function requireAcr(claims: AccessTokenClaims, acr: string): void {
  const rank = ACR_ORDER.indexOf(acr);
  const good = rank < 0 ? [acr] : ACR_ORDER.slice(rank);
  if (claims.acr === undefined || !good.includes(claims.acr))
    throw new TokenError(
      'insufficient_user_authentication',
      `The person must have signed in with ${acr}`,
      { asks: { acr_values: acr } },
    );
}

/** Throws TokenError (401, RFC 9470): the client signs the person in again with this `max_age`. */
export function requireMaxAge(
  claims: AccessTokenClaims,
  seconds: number,
  now: number = Date.now(),
): void {
  const { auth_time: since } = claims;
  if (since === undefined || since + seconds < Math.floor(now / 1000))
    throw new TokenError(
      'insufficient_user_authentication',
      `The person must have signed in within the last ${seconds} seconds`,
      { asks: { max_age: String(seconds) } },
    );
}

/** `now` in milliseconds. Throws TokenError for the first that is not met. */
export function requireAll(claims: AccessTokenClaims, demands: Demands, now: number): void {
  const { scopes, acr, maxAge } = demands;
  if (scopes) requireScopes(claims, ...scopes);
  if (acr !== undefined) requireAcr(claims, acr);
  if (maxAge !== undefined) requireMaxAge(claims, maxAge, now);
}
