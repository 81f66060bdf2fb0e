/** How the engine is set up for one tenant: what is on, what is off, and which of ours it asks. */
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { PrivateJwk } from '#features/keys/keys.model.ts';
import { TAGS } from '#protocols/hosted/language.ts';
import { adapterOf } from './adapter.ts';
import { CLAIMS, findAccount, keepAllowedClaims } from './claims.ts';
import { assertClientAssertion } from './client-assertions.ts';
import { OWN_METADATA } from './clients.adapter.ts';
import { confirmDevicePage, deviceDonePage, userCodePage } from './device.page.ts';
import { PROOF_ALGS } from './dpop-proofs.ts';
import type { Engine } from './engine.ts';
import { grantWithoutAsking } from './grants.ts';
import { ACR_VALUES, policyOf } from './interaction-policy.ts';
import { errorPage, loggedOutPage, logoutPage } from './pages.ts';
import { refreshSeconds } from './refresh-lives.ts';
import { defaultResource, ownApi, resourceServer } from './resources.ts';
import { mayIntrospect, mayRevoke } from './structured-tokens.ts';
import { tokenClaims } from './token-claims.ts';
import type { VerifiedTokens } from './verified-tokens.ts';

export interface IssuerSettings {
  readonly slug: string;
  readonly issuer: string;
  readonly keys: readonly PrivateJwk[];
}

/** What all issuers of a process have in common. */
export interface IssuerMeans {
  readonly verified: VerifiedTokens;
  /** For what clients name by its address. */
  readonly fetch: typeof fetch;
  /** What nonces of proofs are made of (RFC 9449, 8): 32 bytes, the same on every instance. */
  readonly nonceSecret: Buffer;
}

const ALGS = ['RS256', 'ES256', 'EdDSA'] as const;
/** RFC 9864 has a name of its own for what was EdDSA; newer clients say only that one. */
const CLIENT_ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;
const AUTH_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
] as const;
const DAY = 86_400;

/** Under the issuer. */
export const ROUTES = {
  authorization: '/oauth2/authorize',
  token: '/oauth2/token',
  jwks: '/oauth2/jwks',
  userinfo: '/oauth2/userinfo',
  introspection: '/oauth2/introspect',
  revocation: '/oauth2/revoke',
  end_session: '/oauth2/logout',
  pushed_authorization_request: '/oauth2/par',
  device_authorization: '/oauth2/device',
  // People type it.
  code_verification: '/device',
} as const;

export function configurationOf(
  engine: Engine,
  { slug, issuer, keys }: IssuerSettings,
  { fetch, nonceSecret }: IssuerMeans,
): Configuration {
  return {
    adapter: adapterOf,
    jwks: { keys: keys.map((key) => ({ ...key })) as never },
    routes: ROUTES,
    cookies: cookiesOf(slug, issuer),
    findAccount,
    loadExistingGrant: grantWithoutAsking,
    claims: { ...CLAIMS, iss: null, sid: null } as never,
    scopes: ['openid', 'offline_access', ...Object.keys(CLAIMS)],
    acrValues: [...ACR_VALUES],
    // People expect names in ID tokens, whatever else was asked for.
    conformIdTokenClaims: false,
    extraTokenClaims: tokenClaims,
    extraClientMetadata: { properties: [...OWN_METADATA] },
    clientAuthMethods: [...AUTH_METHODS],
    assertJwtClientAuthClaimsAndHeader: assertClientAssertion,
    fetch: fetch as never,
    enabledJWA: {
      idTokenSigningAlgValues: [...ALGS],
      userinfoSigningAlgValues: [...ALGS],
      introspectionSigningAlgValues: [...ALGS],
      authorizationSigningAlgValues: [...ALGS],
      clientAuthSigningAlgValues: [...CLIENT_ALGS],
      dPoPSigningAlgValues: [...PROOF_ALGS],
    },
    responseTypes: ['code'],
    pkce: { required: () => true },
    clockTolerance: 30,
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: knownOrigin,
    rotateRefreshToken: ({ oidc }) => oidc.client?.['signet_refresh_rotation'] !== false,
    issueRefreshToken: (_koa, client) => client.grantTypeAllowed('refresh_token'),
    // The grant knows its session, and every token asks its grant.
    expiresWithSession: () => false,
    interactions: {
      policy: policyOf(engine),
      url: (_koa, { uid }) => `${issuer}/interaction/${uid}`,
    },
    renderError: errorPage,
    discovery: toldBeside(issuer),
    ttl: LIVES,
    features: featuresOf(nonceSecret),
  };
}

/** Their values are random and single-use, so nothing is gained by signing them. */
function cookiesOf(slug: string, issuer: string): Configuration['cookies'] {
  const secure = issuer.startsWith('https:');
  const prefix = secure ? '__Secure-' : '';
  const options = { httpOnly: true, sameSite: 'lax', secure, signed: false } as const;
  return {
    names: {
      session: `${prefix}o-${slug}`,
      interaction: `${prefix}oi-${slug}`,
      resume: `${prefix}or-${slug}`,
    },
    long: options,
    short: options,
  };
}

/** RFC 8414, 2, and RFC 9728, 4: what the engine does not say of itself. */
function toldBeside(issuer: string): Record<string, unknown> {
  return {
    introspection_endpoint_auth_methods_supported: AUTH_METHODS.filter((by) => by !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: [...CLIENT_ALGS],
    revocation_endpoint_auth_methods_supported: [...AUTH_METHODS],
    revocation_endpoint_auth_signing_alg_values_supported: [...CLIENT_ALGS],
    ui_locales_supported: TAGS,
    protected_resources: [ownApi(issuer)],
  };
}

/** Seconds. */
const LIVES: Configuration['ttl'] = {
  AccessToken: (_koa, token) => token.resourceServer?.accessTokenTTL ?? 900,
  ClientCredentials: (_koa, token) => token.resourceServer?.accessTokenTTL ?? 900,
  AuthorizationCode: 60,
  IdToken: 900,
  // And no longer than its tokens (grants.adapter.ts).
  Grant: 366 * DAY,
  Interaction: 3600,
  Session: DAY,
  DeviceCode: 600,
  RefreshToken: refreshSeconds,
};

function featuresOf(nonceSecret: Buffer): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: (_koa, client, token) =>
        mayIntrospect(client, {
          clientId: token.clientId ?? '',
          audience: 'aud' in token ? token.aud : undefined,
        }),
    },
    revocation: {
      enabled: true,
      allowedPolicy: (_koa, client, { clientId }) => mayRevoke(client, clientId),
    },
    pushedAuthorizationRequests: { enabled: true },
    deviceFlow: {
      enabled: true,
      charset: 'base-20',
      mask: '****-****',
      // What the device is, is told by whoever wants to be let in.
      deviceInfo: () => ({}),
      userCodeInputSource: userCodePage as never,
      userCodeConfirmSource: confirmDevicePage as never,
      successSource: deviceDonePage,
    },
    dPoP: { enabled: true, nonceSecret, requireNonce: () => false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: logoutPage,
      postLogoutSuccessSource: loggedOutPage,
    },
    backchannelLogout: { enabled: true },
    userinfo: { enabled: true },
    claimsParameter: { enabled: true, assertClaimsParameter: keepAllowedClaims },
    resourceIndicators: {
      enabled: true,
      defaultResource,
      getResourceServerInfo: resourceServer,
      useGrantedResource: () => true,
    },
  };
}

/** Scripts of a public client, served from where its redirects lead; nobody else's. */
function knownOrigin(_koa: KoaContextWithOIDC, origin: string, client: Client): boolean {
  const uris = client.redirectUris ?? [];
  return uris.some((uri) => URL.parse(uri)?.origin === origin && origin !== 'null');
}
