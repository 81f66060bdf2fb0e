/** Clients as the engine knows them: metadata of RFC 7591, with the digests of secrets for secrets. */
import type { AllClientMetadata, Client } from 'oidc-provider';
import type { RegisteredClient } from '#features/clients/clients.queries.ts';
import { presentedClient } from '#features/clients/clients.store.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { current } from './current.ts';
import type { ModelAdapter, Provider } from './engine.ts';

/** What we know of a client beyond what the engine asks; under names that RFC 7591 leaves free. */
export const OWN_METADATA = [
  'signet_first_party',
  'signet_type',
  'signet_publisher',
  'signet_api_scopes',
  'signet_audiences',
  'signet_refresh_rotation',
  'signet_refresh_idle_seconds',
  'signet_refresh_seconds',
] as const;

export const clients: ModelAdapter = {
  async find(clientId) {
    const ctx = current();
    const id = decodeId('client', clientId);
    const client = id === null ? null : await presentedClient(ctx, ctx.tenantId, id);
    if (!client || client.disabledAt !== null) return undefined;
    const metadata = known.get(client) ?? metadataOf(client);
    known.set(client, metadata);
    return metadata;
  },
};

/** For as long as the client is remembered. */
const known = new WeakMap<RegisteredClient, AllClientMetadata>();

/** No name of a scope is empty. */
const NONE = ' ';

/** The engine makes a digest of the metadata to find out whether it knows them: the object tells as well. */
export function rememberClients({ Client }: Provider): void {
  const find = Client.find.bind(Client);
  const made = new WeakMap<object, Client>();
  Client.find = async (id) => {
    const metadata = await clients.find?.(id);
    if (!metadata) return undefined;
    const client = made.get(metadata) ?? (await find(id));
    if (!client) return undefined;
    // Without a list the engine would take all that there are.
    if (client.scope === undefined) Object.assign(client, { scope: NONE });
    made.set(metadata, client);
    return client;
  };
}

function metadataOf(client: RegisteredClient): AllClientMetadata {
  const codes = client.grantTypes.includes('authorization_code');
  const metadata = {
    client_id: encodeId('client', client.id),
    client_name: client.name,
    application_type: client.type === 'NATIVE' ? 'native' : 'web',
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    grant_types: [...client.grantTypes],
    response_types: codes ? ['code'] : [],
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    client_secret: secretsOf(client),
    jwks: client.jwks ?? undefined,
    jwks_uri: client.jwksUri ?? undefined,
    scope: client.identityScopes.join(' ') || undefined,
    id_token_signed_response_alg: client.idTokenAlg,
    dpop_bound_access_tokens: client.requireDpop || undefined,
    require_pushed_authorization_requests: client.requirePar || undefined,
    logo_uri: client.logoUri ?? undefined,
    client_uri: client.clientUri ?? undefined,
    policy_uri: client.policyUri ?? undefined,
    tos_uri: client.termsUri ?? undefined,
    backchannel_logout_uri: client.backchannelLogoutUri ?? undefined,
    backchannel_logout_session_required: client.backchannelLogoutUri ? true : undefined,
    signet_first_party: client.firstParty,
    signet_type: client.type,
    signet_publisher: client.publisher,
    signet_api_scopes: [...client.apiScopes],
    signet_audiences: [...client.audiences],
    signet_refresh_rotation: client.refreshRotation,
    signet_refresh_idle_seconds: client.refreshIdleSeconds,
    signet_refresh_seconds: client.refreshSeconds,
  };
  const known = Object.entries(metadata).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as unknown as AllClientMetadata;
}

/** Any of several live ones will do: `compareClientSecret` knows how they are written here. */
function secretsOf({ tokenEndpointAuthMethod: by, secrets }: RegisteredClient): string | undefined {
  if (!by.startsWith('client_secret')) return undefined;
  return secrets.map(({ hash }) => hash.toString('base64url')).join(' ') || 'none';
}
