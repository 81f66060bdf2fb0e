/** For which APIs tokens are made (RFC 8707): those of the tenant, and our own. */
import type { Client, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { resourcesOf } from '#features/resources/resources.queries.ts';
import { isPlatformScope, isScope } from '#kernel/scopes.ts';
import { current } from './current.ts';
import { loadEngine } from './engine.ts';

/** The longest life of an access token for our own API: what it may do is asked each time anyway. */
const OWN_SECONDS = 900;

/** The `aud` of tokens for our own API, in this tenant only. */
export function ownApi(issuer: string): string {
  return `${issuer}/api`;
}

/** Asked for by its scopes, our own API need not be named. */
export async function defaultResource(
  { oidc }: KoaContextWithOIDC,
  client: Client,
  oneOf?: readonly string[] | undefined,
): Promise<string | readonly string[] | undefined> {
  if (oneOf) return oneOf;
  const own = new Set(apiScopesOf(client));
  const asked = oidc.params?.['scope'];
  const scopes = typeof asked === 'string' ? asked.split(' ') : [];
  const wanted = scopes.some((scope) => own.has(scope)) || (isByItself(oidc) && own.size > 0);
  return wanted ? ownApi(oidc.issuer) : undefined;
}

/** Throws `invalid_target` for what does not exist, and for what this client may not ask for. */
export async function resourceServer(
  { oidc }: KoaContextWithOIDC,
  identifier: string,
  client: Client,
): Promise<ResourceServer> {
  if (identifier === ownApi(oidc.issuer)) {
    const own = ownServer(client, identifier);
    await assertAskable(oidc, client, own.scope);
    wantAll(oidc, own.scope);
    return own;
  }
  const audiences = client['signet_audiences'] as readonly string[] | undefined;
  const resource = audiences?.includes(identifier)
    ? (await resourcesOf(current(), current().tenantId, [identifier]))[0]
    : null;
  if (!resource) {
    const { errors } = await loadEngine();
    throw new errors.InvalidTarget('this client may ask for no tokens of this resource');
  }
  if (!resource.allowOffline && isRefresh(oidc)) {
    const { errors } = await loadEngine();
    throw new errors.InvalidTarget('refresh tokens bring no tokens of this resource');
  }
  const { tokenSeconds: seconds, signingAlg: alg } = resource;
  const scope = resource.scopes.map(({ name }) => name).join(' ');
  await assertAskable(oidc, client, scope);
  wantAll(oidc, scope);
  if (resource.tokenFormat === 'JWT') return jwt({ scope, audience: identifier, seconds, alg });
  return {
    scope,
    audience: identifier,
    accessTokenTTL: seconds,
    accessTokenFormat: 'opaque',
  } as ResourceServer;
}

/** Our own API, as it stands to this client. */
export function ownServer(client: Client, audience: string): ResourceServer {
  const scope = apiScopesOf(client).join(' ');
  return jwt({ scope, audience, seconds: OWN_SECONDS, alg: 'ES256' });
}

/** A person is asked about scopes: of an API without any they would be told nothing, and it would get their token. */
async function assertAskable(
  { route, params }: KoaContextWithOIDC['oidc'],
  client: Client,
  scope: string,
): Promise<void> {
  if (client['signet_first_party'] === true || scope === '' || !BEFORE_PEOPLE.has(route)) return;
  const asked = String(params?.['scope'] ?? '').split(' ');
  if (scope.split(' ').some((one) => asked.includes(one))) return;
  const { errors } = await loadEngine();
  throw new errors.InvalidTarget(
    'scope must hold one of the resource, so that the person can be asked',
  );
}

const BEFORE_PEOPLE = new Set([
  'authorization',
  'device_authorization',
  'pushed_authorization_request',
]);

function isByItself({ route, params }: KoaContextWithOIDC['oidc']): boolean {
  return route === 'token' && params?.['grant_type'] === 'client_credentials';
}

function isRefresh({ route, params }: KoaContextWithOIDC['oidc']): boolean {
  return route === 'token' && params?.['grant_type'] === 'refresh_token';
}

/** RFC 6749, 3.3: a service that names no scope means all that it has. */
function wantAll(oidc: KoaContextWithOIDC['oidc'], scope: string): void {
  if (isByItself(oidc) && oidc.params && oidc.params['scope'] === undefined)
    oidc.params['scope'] = scope;
}

function jwt(of: {
  scope: string;
  audience: string;
  seconds: number;
  alg: 'ES256' | 'RS256' | 'EdDSA';
}): ResourceServer {
  return {
    scope: of.scope,
    audience: of.audience,
    accessTokenTTL: of.seconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: of.alg } },
  } as ResourceServer;
}

const ofClient = new WeakMap<Client, readonly string[]>();

/** What this client may do in our own API, as far as that still exists. */
export function apiScopesOf(client: Client): readonly string[] {
  const known = ofClient.get(client);
  if (known) return known;
  const granted = (client['signet_api_scopes'] as readonly string[] | undefined) ?? [];
  const scopes = granted.filter((scope) => isScope(scope) && !isPlatformScope(scope));
  ofClient.set(client, scopes);
  return scopes;
}
