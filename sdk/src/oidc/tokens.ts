/** Owns what an application holds once somebody has signed in, and its renewal. */
import {
  getValidatedIdTokenClaims,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import type { Connected } from './issuer.ts';
import { told } from './sign-in-error.ts';

/** What the ID token says; docs/guides/claims.md tells what each claim means. */
export interface IdentityClaims {
  readonly sub: string;
  readonly iss: string;
  readonly name?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly auth_time?: number;
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly [claim: string]: unknown;
}

/** JSON, so that it can be kept. */
export interface Tokens {
  readonly accessToken: string;
  /** Milliseconds since the epoch, by our own clock. */
  readonly expiresAt: number;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
  readonly claims: IdentityClaims;
}

/** Before its end, so that it is good when it arrives. */
const EARLY_MS = 30_000;
const DEFAULT_SECONDS = 300;

export function isFresh({ expiresAt }: Pick<Tokens, 'expiresAt'>): boolean {
  return Date.now() < expiresAt - EARLY_MS;
}

/** When what was just answered ends; half of a life that is very short is left unused. */
export function endOf({ expires_in: seconds = DEFAULT_SECONDS }: TokenEndpointResponse): number {
  return Date.now() + Math.max(seconds * 1000, EARLY_MS + seconds * 500);
}

/** Throws SignInError; `invalid_grant` says that signing in again is all that is left. */
export function renewed(to: Connected, before: Tokens, resource?: string): Promise<Tokens> {
  const { server, client, auth, requests } = to;
  return told(async () => {
    const response = await refreshTokenGrantRequest(
      server,
      client,
      auth,
      before.refreshToken ?? '',
      { ...requests, ...(resource ? { additionalParameters: { resource } } : {}) },
    );
    return tokensOf(await processRefreshTokenResponse(server, client, response), before);
  });
}

/** What is not said anew stays as it was. */
export function tokensOf(answer: TokenEndpointResponse, before?: Tokens): Tokens {
  const claims = getValidatedIdTokenClaims(answer) ?? before?.claims;
  if (!claims) throw new Error('an ID token is asked for with the scope openid');
  return {
    accessToken: answer.access_token,
    expiresAt: endOf(answer),
    refreshToken: answer.refresh_token ?? before?.refreshToken ?? null,
    idToken: answer.id_token ?? before?.idToken ?? null,
    claims: claims as IdentityClaims,
  };
}
