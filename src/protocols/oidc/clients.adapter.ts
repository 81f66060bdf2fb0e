/** Clients as the engine knows them: metadata of RFC 7591, with the digests of secrets for secrets. */
import type { AllClientMetadata, Client } from 'oidc-provider';
import type { RegisteredClient } from '#features/clients/clients.queries.ts';
import { presentedClient } from '#features/clients/clients.store.ts';
import { decodeId } from '#kernel/ids.ts';
import { known, publicMetadata } from './client-metadata.ts';
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
    const metadata = remembered.get(client) ?? metadataOf(client);
    remembered.set(client, metadata);
    return metadata;
  },
};

/** For as long as the client is remembered. */
const remembered = new WeakMap<RegisteredClient, AllClientMetadata>();

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
  const metadata = {
    ...publicMetadata(client),
    client_secret: secretsOf(client),
    scope: client.identityScopes.join(' ') || undefined,
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
  return known(metadata) as unknown as AllClientMetadata;
}

/** Any of several live ones will do: `compareClientSecret` knows how they are written here. */
function secretsOf({ tokenEndpointAuthMethod: by, secrets }: RegisteredClient): string | undefined {
  if (!by.startsWith('client_secret')) return undefined;
  return secrets.map(({ hash }) => hash.toString('base64url')).join(' ') || 'none';
}
