/** Reads of what registration is about: the policy, the initial access tokens, and what was presented. */
import type { Context } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, page, rowsById } from '#kernel/db/keyset.ts';
import {
  type ClientRegistrationPolicyRow,
  type ClientRegistrationRow,
  DEFAULT_REGISTRATION,
  hashToken,
  type InitialAccessTokenRow,
} from './client-registrations.model.ts';

type Reader = Pick<Context, 'db' | 'tenantId'>;

export const POLICY_COLUMNS = `p.tenant_id AS "tenantId", p.enabled, p.grant_types AS "grantTypes",
  p.identity_scopes AS "identityScopes", p.api_scopes AS "apiScopes",
  ARRAY(SELECT r.identifier FROM client_registration_audiences a
    JOIN api_resources r ON r.tenant_id = a.tenant_id AND r.id = a.resource_id
    WHERE a.tenant_id = p.tenant_id ORDER BY r.identifier) AS audiences, p.version`;

/** Every tenant has one, most of them the default. Never cached here. */
export async function clientRegistrationPolicyOf({
  db,
  tenantId,
}: Reader): Promise<ClientRegistrationPolicyRow> {
  const [row] = await db.query<ClientRegistrationPolicyRow>(
    `SELECT ${POLICY_COLUMNS} FROM client_registration_policies p WHERE p.tenant_id = $1`,
    [tenantId],
  );
  return row ?? { tenantId, ...DEFAULT_REGISTRATION };
}

export const TOKEN_COLUMNS = `t.tenant_id AS "tenantId", t.id, t.name, t.api_scopes AS "apiScopes",
  t.max_clients AS "maxClients", t.clients_made AS "clientsMade", t.created_by_kind AS "createdByKind",
  t.created_by_id AS "createdById", t.created_at AS "createdAt", t.expires_at AS "expiresAt",
  t.revoked_at AS "revokedAt"`;

const byId: ListShape = {
  name: 'initial-access-tokens',
  select: TOKEN_COLUMNS,
  from: 'initial_access_tokens t',
  tenant: 't.tenant_id',
  order: [{ column: 't.id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function initialAccessTokensById(
  ctx: Context,
  ids: readonly string[],
): Promise<InitialAccessTokenRow[]> {
  return rowsById<InitialAccessTokenRow>(ctx, byId, ids);
}

export async function getInitialAccessToken(
  { db, tenantId }: Reader,
  id: string,
): Promise<InitialAccessTokenRow | null> {
  const [row] = await db.query<InitialAccessTokenRow>(
    `SELECT ${TOKEN_COLUMNS} FROM initial_access_tokens t WHERE t.tenant_id = $1 AND t.id = $2`,
    [tenantId, id],
  );
  return row ?? null;
}

export function listInitialAccessTokens(
  ctx: Context,
  request: PageRequest,
): Promise<Page<InitialAccessTokenRow>> {
  return page<InitialAccessTokenRow>(ctx, byId, [], request);
}

/** Whichever it is, also one that is over: whether it is good is asked when it is spent. */
export async function presentedInitialAccessToken(
  { db, tenantId }: Reader,
  token: string,
): Promise<InitialAccessTokenRow | null> {
  const [row] = await db.query<InitialAccessTokenRow>(
    `SELECT ${TOKEN_COLUMNS} FROM initial_access_tokens t WHERE t.tenant_id = $1 AND t.hash = $2`,
    [tenantId, hashToken(token)],
  );
  return row ?? null;
}

/** Null for a client that only administrators manage. */
export async function clientRegistrationOf(
  { db, tenantId }: Reader,
  clientId: string,
): Promise<ClientRegistrationRow | null> {
  const [row] = await db.query<ClientRegistrationRow>(
    `SELECT client_id AS "clientId", hash, api_scopes AS "apiScopes"
     FROM oauth_client_registrations WHERE tenant_id = $1 AND client_id = $2`,
    [tenantId, clientId],
  );
  return row ?? null;
}
