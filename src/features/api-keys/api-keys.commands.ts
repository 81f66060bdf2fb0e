/**
 * API keys: credentials of machines. This room owns their secrets (hashed), scopes, expiry and
 * rotation. What a key may do now is computed where it is presented (api-keys.queries.ts).
 */

import { z } from 'zod';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertHolds } from '#features/roles/roles.policy.ts';
import { creatorKind } from '#kernel/actor.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { isPlatformScope } from '#kernel/scopes.ts';
import {
  ApiKeyChainTooLong,
  ApiKeyExpired,
  ApiKeyNotFound,
  ApiKeyNotOwn,
  ApiKeyRevoked,
  TooManySecrets,
} from './api-keys.errors.ts';
import {
  type ApiKeyRow,
  apiKeyExpiry,
  apiKeyId,
  apiKeyName,
  apiKeyScopes,
  newSecret,
  prefixOf,
  rotationOverlap,
} from './api-keys.model.ts';
import { assertMayMakeKeys, assertMayRevoke, assertMayRotate } from './api-keys.policy.ts';
import { API_KEY_COLUMNS } from './api-keys.queries.ts';

export interface NewApiKey {
  readonly apiKey: ApiKeyRow;
  /** Shown once. */
  readonly secret: string;
}

const DEFAULT_OVERLAP = 86_400;
/** Secrets of one key that work at the same time. */
const MAX_SECRETS = 5;
const key = (row: ApiKeyRow) => [{ type: 'key' as const, id: row.id }];
const inputKey = (row: { id: string }) => [{ type: 'key' as const, id: row.id }];

export const createApiKey = command({
  name: 'api-key.create',
  summary: 'Creates an API key. Its secret is in this answer and nowhere else.',
  scope: 'api-keys:write',
  severity: 'NOTICE',
  input: z.strictObject({
    name: apiKeyName,
    scopes: apiKeyScopes,
    expiresAt: apiKeyExpiry.optional(),
  }),
  errors: [OutranksCaller, ApiKeyChainTooLong],
  about: ['key'],
  targets: (made: NewApiKey) => key(made.apiKey),
  tells: { scopes: told.names, expiresAt: z.iso.datetime().nullable() },
  details: (made: NewApiKey) => ({
    scopes: [...made.apiKey.scopes],
    expiresAt: made.apiKey.expiresAt?.toISOString() ?? null,
  }),
  async run(ctx, { name, scopes, expiresAt }) {
    const now = ctx.clock.now();
    if (expiresAt && expiresAt <= now)
      throw new InvalidInput([{ path: 'expiresAt', message: 'must be in the future' }]);
    const foreign = scopes.findIndex(
      (s) => isPlatformScope(s) && ctx.tenantId !== PLATFORM_TENANT_ID,
    );
    if (foreign >= 0)
      throw new InvalidInput([
        { path: `scopes.${foreign}`, message: "exists only in the platform's own tenant" },
      ]);
    assertHolds(ctx, scopes);
    await assertMayMakeKeys(ctx);
    const id = newId();
    const { secret, hash } = newSecret(id);
    const [apiKey] = await ctx.db.query<ApiKeyRow>(INSERT_KEY, [
      ctx.tenantId,
      id,
      name,
      prefixOf(id),
      scopes,
      creatorKind(ctx.actor, ctx.tenantId),
      ctx.actor.id,
      now,
      expiresAt ?? null,
      newId(),
      hash,
    ]);
    return { apiKey: apiKey as ApiKeyRow, secret };
  },
});

const INSERT_KEY = `
WITH created AS (
  INSERT INTO api_keys (tenant_id, id, name, prefix, scopes, created_by_kind, created_by_id, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *
), secret AS (
  INSERT INTO api_key_secrets (tenant_id, id, api_key_id, hash, created_at) VALUES ($1, $10, $2, $11, $8)
)
SELECT ${API_KEY_COLUMNS} FROM created k`;

export const rotateApiKey = command({
  name: 'api-key.rotate',
  summary: 'Gives an API key a new secret; earlier ones keep working for the overlap.',
  scope: 'api-keys:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: apiKeyId, overlapSeconds: rotationOverlap }),
  errors: [
    ApiKeyNotFound,
    ApiKeyRevoked,
    ApiKeyExpired,
    ApiKeyNotOwn,
    OutranksCaller,
    TooManySecrets,
  ],
  about: ['key'],
  targets: (made: NewApiKey) => key(made.apiKey),
  refusedTargets: inputKey,
  async run(ctx, { id, overlapSeconds = DEFAULT_OVERLAP }) {
    const apiKey = await lockKey(ctx, id);
    const now = ctx.clock.now();
    await assertMayRotate(ctx, apiKey);
    if (apiKey.revokedAt) throw new ApiKeyRevoked();
    if (apiKey.expiresAt && apiKey.expiresAt <= now) throw new ApiKeyExpired();
    const { secret, hash } = newSecret(id);
    await ctx.db.query(
      `UPDATE api_key_secrets SET expires_at = least(expires_at, $3::timestamptz)
       WHERE tenant_id = $1 AND api_key_id = $2`,
      [ctx.tenantId, id, new Date(now.getTime() + overlapSeconds * 1000)],
    );
    const [live] = await ctx.db.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM api_key_secrets WHERE tenant_id = $1 AND api_key_id = $2 AND expires_at > $3',
      [ctx.tenantId, id, now],
    );
    if (live && live.count >= MAX_SECRETS) throw new TooManySecrets(MAX_SECRETS);
    await ctx.db.query(
      'INSERT INTO api_key_secrets (tenant_id, id, api_key_id, hash, created_at) VALUES ($1, $2, $3, $4, $5)',
      [ctx.tenantId, newId(), id, hash, now],
    );
    return { apiKey, secret };
  },
});

export const revokeApiKey = command({
  name: 'api-key.revoke',
  summary: 'Revokes an API key and those that it made: refused everywhere within a second.',
  scope: 'api-keys:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: apiKeyId }),
  errors: [ApiKeyNotFound, OutranksCaller],
  about: ['key'],
  targets: key,
  refusedTargets: inputKey,
  async run(ctx, { id }) {
    await assertMayRevoke(ctx, await lockKey(ctx, id));
    const [row] = await ctx.db.query<ApiKeyRow>(
      `UPDATE api_keys k SET revoked_at = coalesce(revoked_at, $3)
       WHERE k.tenant_id = $1 AND k.id = $2 RETURNING ${API_KEY_COLUMNS}`,
      [ctx.tenantId, id, ctx.clock.now()],
    );
    return row as ApiKeyRow;
  },
});

async function lockKey(ctx: Context, id: string): Promise<ApiKeyRow> {
  const [row] = await ctx.db.query<ApiKeyRow>(
    `SELECT ${API_KEY_COLUMNS} FROM api_keys k WHERE k.tenant_id = $1 AND k.id = $2 FOR UPDATE`,
    [ctx.tenantId, id],
  );
  if (!row) throw new ApiKeyNotFound();
  return row;
}
