/**
 * Clients that register themselves (RFC 7591): whether a tenant takes them and what they may have, and
 * the initial access tokens that let them in. How one registers is in registered-clients.commands.ts;
 * the requests are the protocol's.
 */
import { z } from 'zod';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertHolds } from '#features/roles/roles.policy.ts';
import { creatorKind } from '#kernel/actor.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { defined } from '#kernel/defined.ts';
import { InvalidInput, VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { expectedVersion } from '#kernel/text.ts';
import { InitialAccessTokenNotFound } from './client-registrations.errors.ts';
import {
  type ClientRegistrationPolicyRow,
  clientRegistrationPolicy,
  DEFAULT_REGISTRATION,
  type InitialAccessTokenRow,
  initialAccessToken,
  initialAccessTokenId,
  newInitialAccessToken,
  TOKEN_LIFE,
} from './client-registrations.model.ts';
import { assertAllowed } from './client-registrations.policy.ts';
import {
  clientRegistrationPolicyOf,
  getInitialAccessToken,
  TOKEN_COLUMNS,
} from './client-registrations.queries.ts';

export interface NewInitialAccessToken {
  readonly initialAccessToken: InitialAccessTokenRow;
  /** Shown once. */
  readonly token: string;
}

const DEFAULT_MAX_CLIENTS = 1;

export const updateClientRegistrationPolicy = command({
  name: 'client-registration-policy.update',
  summary:
    'Changes whether clients may register themselves and what they may have then. What is left out stays.',
  scope: 'clients:write',
  maxAge: 900,
  severity: 'WARNING',
  input: z.strictObject({ ...clientRegistrationPolicy, version: expectedVersion }),
  errors: [VersionMismatch],
  targets: ({ tenantId }: ClientRegistrationPolicyRow) => [
    { type: 'tenant' as const, id: tenantId },
  ],
  about: ['tenant'],
  tells: { changes: z.object(clientRegistrationPolicy) },
  details: (_, { version: _version, ...changes }) => ({ changes: defined(changes) }),
  async run(ctx, { version, audiences, ...changes }) {
    const { tenantId } = ctx;
    const { grantTypes, identityScopes, apiScopes } = DEFAULT_REGISTRATION;
    const fresh = [tenantId, grantTypes, identityScopes, apiScopes, ctx.clock.now()];
    await ctx.db.query(MAKE_POLICY, fresh);
    const before = await clientRegistrationPolicyOf(ctx);
    if (version !== undefined && version !== before.version)
      throw new VersionMismatch('The policy of client registration');
    const after = { ...before, ...defined(changes) };
    if (audiences) await storeAudiences(ctx, audiences);
    await ctx.db.query(UPDATE_POLICY, [
      tenantId,
      after.enabled,
      after.grantTypes,
      after.identityScopes,
      after.apiScopes,
      ctx.clock.now(),
    ]);
    return clientRegistrationPolicyOf(ctx);
  },
});

/** Also takes the lock under which the version is compared. */
const MAKE_POLICY = `
INSERT INTO client_registration_policies (tenant_id, grant_types, identity_scopes, api_scopes, updated_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id) DO UPDATE SET updated_at = client_registration_policies.updated_at`;

const UPDATE_POLICY = `
UPDATE client_registration_policies SET enabled = $2, grant_types = $3, identity_scopes = $4,
  api_scopes = $5, version = version + 1, updated_at = $6
WHERE tenant_id = $1`;

/** These and no others. Throws `InvalidInput` for an identifier that the tenant does not have. */
async function storeAudiences(ctx: Context, identifiers: readonly string[]): Promise<void> {
  const found = await ctx.db.query<{ identifier: string }>(REPLACE_AUDIENCES, [
    ctx.tenantId,
    identifiers,
  ]);
  const known = new Set(found.map(({ identifier }) => identifier));
  const unknown = identifiers.findIndex((identifier) => !known.has(identifier));
  if (unknown >= 0)
    throw new InvalidInput([
      { path: `audiences.${unknown}`, message: 'is the identifier of no API resource here' },
    ]);
}

const REPLACE_AUDIENCES = `
WITH wanted AS (
  SELECT id, identifier FROM api_resources WHERE tenant_id = $1 AND identifier = ANY ($2::text[]) FOR KEY SHARE
), gone AS (
  DELETE FROM client_registration_audiences
  WHERE tenant_id = $1 AND resource_id NOT IN (SELECT id FROM wanted)
), added AS (
  INSERT INTO client_registration_audiences (tenant_id, resource_id)
  SELECT $1, id FROM wanted ON CONFLICT DO NOTHING
)
SELECT identifier FROM wanted`;

export const createInitialAccessToken = command({
  name: 'initial-access-token.create',
  summary:
    'Creates a token with which clients register themselves. It is in this answer and nowhere else.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: z.strictObject(newInitialAccessToken),
  errors: [OutranksCaller],
  targets: (made: NewInitialAccessToken) => [
    { type: 'initialtoken' as const, id: made.initialAccessToken.id },
  ],
  about: ['initialtoken'],
  tells: { maxClients: told.count, apiScopes: told.names, expiresAt: z.iso.datetime() },
  details: ({ initialAccessToken: { maxClients, apiScopes, expiresAt } }) => ({
    maxClients,
    apiScopes,
    expiresAt: expiresAt.toISOString(),
  }),
  async run(ctx, { name, maxClients = DEFAULT_MAX_CLIENTS, apiScopes = [], expiresAt }) {
    const now = ctx.clock.now();
    const end = expiresAt ?? new Date(now.getTime() + TOKEN_LIFE.usual);
    assertInTime(end, now);
    assertAllowed(await clientRegistrationPolicyOf(ctx), { apiScopes });
    assertHolds(ctx, apiScopes);
    const { token, hash } = initialAccessToken();
    const [row] = await ctx.db.query<InitialAccessTokenRow>(INSERT_TOKEN, [
      ctx.tenantId,
      newId(),
      name,
      hash,
      apiScopes,
      maxClients,
      creatorKind(ctx.actor, ctx.tenantId),
      ctx.actor.id,
      now,
      end,
    ]);
    return { initialAccessToken: row as InitialAccessTokenRow, token };
  },
});

function assertInTime(end: Date, now: Date): void {
  const left = end.getTime() - now.getTime();
  if (left > 0 && left <= TOKEN_LIFE.most) return;
  throw new InvalidInput([
    { path: 'expiresAt', message: 'must be in the future, at most 90 days from now' },
  ]);
}

const INSERT_TOKEN = `
INSERT INTO initial_access_tokens AS t (tenant_id, id, name, hash, api_scopes, max_clients,
  created_by_kind, created_by_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${TOKEN_COLUMNS}`;

export const revokeInitialAccessToken = command({
  name: 'initial-access-token.revoke',
  summary:
    'Revokes an initial access token: no client registers with it any more. Those that did stay.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: initialAccessTokenId }),
  errors: [InitialAccessTokenNotFound],
  about: ['initialtoken'],
  targets: ({ id }: InitialAccessTokenRow) => [{ type: 'initialtoken' as const, id }],
  refusedTargets: ({ id }) => [{ type: 'initialtoken' as const, id }],
  async run(ctx, { id }) {
    await ctx.db.query(
      `UPDATE initial_access_tokens SET revoked_at = coalesce(revoked_at, $3)
       WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, id, ctx.clock.now()],
    );
    const row = await getInitialAccessToken(ctx, id);
    if (!row) throw new InitialAccessTokenNotFound();
    return row;
  },
});
