/** Reads of clients: for administrators, and with the hashes of their secrets for the token endpoint. */
import type { Context, Services } from '#kernel/context.ts';
import {
  type Condition,
  type ListShape,
  type Page,
  type PageRequest,
  page,
  prefixOf,
  rowsById,
} from '#kernel/db/keyset.ts';
import type { ClientRow, ClientSecret, ClientSettings, ClientType } from './clients.model.ts';

/** Where each setting is stored. */
export const SETTING_COLUMNS: Readonly<Record<keyof ClientSettings, string>> = {
  name: 'name',
  type: 'type',
  firstParty: 'first_party',
  publisher: 'publisher',
  redirectUris: 'redirect_uris',
  postLogoutRedirectUris: 'post_logout_redirect_uris',
  grantTypes: 'grant_types',
  tokenEndpointAuthMethod: 'token_endpoint_auth_method',
  jwks: 'jwks',
  jwksUri: 'jwks_uri',
  identityScopes: 'identity_scopes',
  apiScopes: 'api_scopes',
  idTokenAlg: 'id_token_alg',
  refreshRotation: 'refresh_rotation',
  refreshIdleSeconds: 'refresh_idle_seconds',
  refreshSeconds: 'refresh_seconds',
  requireDpop: 'require_dpop',
  requirePar: 'require_par',
  logoUri: 'logo_uri',
  clientUri: 'client_uri',
  policyUri: 'policy_uri',
  termsUri: 'terms_uri',
  backchannelLogoutUri: 'backchannel_logout_uri',
};

const settings = Object.entries(SETTING_COLUMNS).map(
  ([name, column]) => `c.${column} AS "${name}"`,
);

/** The readable columns of the alias `c`, under their GraphQL names. */
export const CLIENT_COLUMNS = `c.tenant_id AS "tenantId", c.id, ${settings.join(', ')},
  ARRAY(SELECT r.identifier FROM oauth_client_audiences a
    JOIN api_resources r ON r.tenant_id = a.tenant_id AND r.id = a.resource_id
    WHERE a.tenant_id = c.tenant_id AND a.client_id = c.id ORDER BY r.identifier) AS audiences,
  c.disabled_at AS "disabledAt", c.version, c.created_by_kind AS "createdByKind",
  c.created_by_id AS "createdById", c.created_at AS "createdAt", c.updated_at AS "updatedAt"`;

export interface ClientFilter {
  readonly namePrefix?: string | null | undefined;
  readonly type?: ClientType | null | undefined;
}

const byId: ListShape = {
  name: 'clients',
  select: CLIENT_COLUMNS,
  from: 'oauth_clients c',
  tenant: 'c.tenant_id',
  order: [{ column: 'c.id', property: 'id', type: 'uuid' }],
};

/** A prefix is a range of the key, so the list is in the key's order. */
const byName: ListShape = {
  ...byId,
  name: 'clients-by-name',
  select: `${CLIENT_COLUMNS}, c.name_key AS "nameKey"`,
  order: [
    { column: 'c.name_key', property: 'nameKey', type: 'text' },
    { column: 'c.id', property: 'id', type: 'uuid' },
  ],
};

/** Those of these that there are, for `node` and `nodes`. */
export function clientsById(ctx: Context, ids: readonly string[]): Promise<ClientRow[]> {
  return rowsById<ClientRow>(ctx, byId, ids);
}

export async function getClient(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  id: string,
): Promise<ClientRow | null> {
  const [row] = await ctx.db.query<ClientRow>(
    `SELECT ${CLIENT_COLUMNS} FROM oauth_clients c WHERE c.tenant_id = $1 AND c.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

/** The same, for a change of it: nobody else changes it before the transaction ends. */
export async function lockClient(ctx: Context, id: string): Promise<ClientRow | null> {
  const [row] = await ctx.db.query<ClientRow>(
    `SELECT ${CLIENT_COLUMNS} FROM oauth_clients c WHERE c.tenant_id = $1 AND c.id = $2 FOR UPDATE`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

export function listClients(
  ctx: Context,
  { namePrefix, type }: ClientFilter,
  request: PageRequest,
): Promise<Page<ClientRow>> {
  const ofType: Condition[] = type == null ? [] : [{ sql: 'c.type = ?', values: [type] }];
  if (namePrefix == null) return page<ClientRow>(ctx, byId, ofType, request);
  const named = prefixOf('filter.namePrefix', 'c.name_key', namePrefix);
  return page<ClientRow>(ctx, byName, [named, ...ofType], request);
}

/** A client as the token endpoint sees it. */
export interface RegisteredClient extends ClientRow {
  /** Those that work at the moment of the question, the oldest first. */
  readonly secrets: readonly ClientSecret[];
}

/**
 * The client with its live secrets, in one statement; also one that is disabled (`disabledAt`), which
 * the caller refuses. Null when the tenant has none with this id. Never cached here.
 */
export async function clientOf(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  tenantId: string,
  id: string,
): Promise<RegisteredClient | null> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<ClientRow & { hashes: { hash: string; expiresAt: string | null }[] }>(FIND, [
      tenantId,
      id,
      clock.now(),
    ]),
  );
  if (!row) return null;
  const { hashes, ...client } = row;
  const secrets = hashes.map(({ hash, expiresAt }) => ({
    hash: Buffer.from(hash, 'hex'),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  }));
  return { ...client, secrets };
}

const FIND = `
SELECT ${CLIENT_COLUMNS},
  (SELECT coalesce(json_agg(json_build_object('hash', encode(s.hash, 'hex'), 'expiresAt', s.expires_at) ORDER BY s.id), '[]')
   FROM oauth_client_secrets s WHERE s.tenant_id = c.tenant_id AND s.client_id = c.id
     AND (s.expires_at IS NULL OR s.expires_at > $3)) AS hashes
FROM oauth_clients c WHERE c.tenant_id = $1 AND c.id = $2`;
