/** Owns the way to the issuer and back: authorization code with PKCE (OAuth 2.1, section 4.1). */
import {
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  processAuthorizationCodeResponse,
  validateAuthResponse,
} from 'oauth4webapi';
import type { Connected } from './issuer.ts';
import { told } from './sign-in-error.ts';
import { type Tokens, tokensOf } from './tokens.ts';

export interface FlowOptions {
  /** Exactly as the client was registered with it. */
  readonly redirectUri: string;
  /** Default `openid profile email`. */
  readonly scope?: string;
  /** The API that access tokens are for (RFC 8707); scopes of Signet's own API need none. */
  readonly resource?: string;
}

export interface SignInOptions {
  /** A path of your own site to be at afterwards. */
  readonly returnTo?: string;
  /** `none`: do not ask, `login_required` is an answer. `login`: ask whoever is signed in again. */
  readonly prompt?: 'none' | 'login' | 'consent';
  /** `mfa` wishes for two factors. */
  readonly acrValues?: string;
  /** Seconds since the person has signed in, at most. */
  readonly maxAge?: number;
  readonly loginHint?: string;
  /** Languages, the best first, such as `de en`. */
  readonly uiLocales?: string;
}

/** What must be kept, and nobody else may see, until the way back. JSON. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
  readonly maxAge: number | null;
}

/** Throws SignInError. */
export async function begin(
  { server, client }: Connected,
  { redirectUri, scope = 'openid profile email', resource }: FlowOptions,
  asked: SignInOptions,
): Promise<{ readonly location: string; readonly begun: Begun }> {
  const begun: Begun = {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
    returnTo: ownPath(asked.returnTo),
    maxAge: asked.maxAge ?? null,
  };
  const parameters = {
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    resource,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
    prompt: asked.prompt,
    acr_values: asked.acrValues,
    max_age: asked.maxAge,
    login_hint: asked.loginHint,
    ui_locales: asked.uiLocales,
  };
  return { location: withParameters(server.authorization_endpoint ?? '', parameters), begun };
}

/** What the way back is good for. Throws SignInError. */
export function redeem(
  { server, client, auth, requests }: Connected,
  { redirectUri, resource }: FlowOptions,
  { back, begun }: { readonly back: URLSearchParams; readonly begun: Begun },
): Promise<Tokens> {
  return told(async () => {
    // With `iss` (RFC 9207): what another issuer answers is not taken for this one's.
    const parameters = validateAuthResponse(server, client, back, begun.state);
    const response = await authorizationCodeGrantRequest(
      server,
      client,
      auth,
      parameters,
      redirectUri,
      begun.verifier,
      { ...requests, ...(resource ? { additionalParameters: { resource } } : {}) },
    );
    const answer = await processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: begun.nonce,
      requireIdToken: true,
      ...(begun.maxAge === null ? {} : { maxAge: begun.maxAge }),
    });
    return tokensOf(answer);
  });
}

/** Where the session at the issuer is ended (OpenID Connect RP-Initiated Logout). */
export function signOutLocation(
  { server, client }: Connected,
  {
    idToken,
    returnTo,
  }: { readonly idToken: string | null; readonly returnTo?: string | undefined },
): string {
  return withParameters(server.end_session_endpoint ?? '', {
    client_id: client.client_id,
    id_token_hint: idToken ?? undefined,
    post_logout_redirect_uri: returnTo,
  });
}

/** Nothing that leads to another site, however it is written. */
function ownPath(path = '/'): string {
  const base = 'https://own.invalid';
  const url = URL.canParse(path, base) ? new URL(path, base) : null;
  // `/.//other.example` is a path, and without its dot another site.
  if (!path.startsWith('/') || url?.origin !== base || url.pathname.startsWith('//'))
    throw new TypeError('returnTo must be a path of your own site, such as /orders');
  return `${url.pathname}${url.search}${url.hash}`;
}

function withParameters(
  endpoint: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): string {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}
