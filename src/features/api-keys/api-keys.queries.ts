/** Reads of API keys: lists for people, and what a presented secret may do right now. */
import { effectiveScopes } from '#features/roles/roles.queries.ts';
import type { CreatorKind } from '#kernel/actor.ts';
import type { Context, Services } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, page, rowsById } from '#kernel/db/keyset.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { type ApiKeyRow, hashSecret } from './api-keys.model.ts';

export const API_KEY_COLUMNS = `k.tenant_id AS "tenantId", k.id, k.name, k.prefix, k.scopes,
  k.created_by_kind AS "createdByKind", k.created_by_id AS "createdById", k.created_at AS "createdAt",
  k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt", k.revoked_at AS "revokedAt"`;

const byId: ListShape = {
  name: 'api-keys',
  select: API_KEY_COLUMNS,
  from: 'api_keys k',
  tenant: 'k.tenant_id',
  order: [{ column: 'k.id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function apiKeysById(ctx: Context, ids: readonly string[]): Promise<ApiKeyRow[]> {
  return rowsById<ApiKeyRow>(ctx, byId, ids);
}

export async function getApiKey(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  id: string,
): Promise<ApiKeyRow | null> {
  const [row] = await ctx.db.query<ApiKeyRow>(
    `SELECT ${API_KEY_COLUMNS} FROM api_keys k WHERE k.tenant_id = $1 AND k.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

export function listApiKeys(ctx: Context, request: PageRequest): Promise<Page<ApiKeyRow>> {
  return page<ApiKeyRow>(ctx, byId, [], request);
}

export interface PresentedKey {
  readonly tenantId: string;
  readonly id: string;
  readonly scopes: ReadonlySet<string>;
  readonly tenantStatus: 'ACTIVE' | 'SUSPENDED' | 'DELETED';
  /** The earliest end among the secret, the key and those that made it; null without one. */
  readonly expiresAt: Date | null;
}

/** Null when no live key has this secret. Never cached here. */
export async function findPresentedKey(
  services: Services,
  secret: string,
): Promise<PresentedKey | null> {
  const { db } = services;
  const [found] = await db.inTenant(null, () =>
    db.query<{ tenant_id: string; api_key_id: string; expires_at: Date | null }>(
      'SELECT tenant_id, api_key_id, expires_at FROM credential_lookup($1)',
      [hashSecret(secret)],
    ),
  );
  if (!found) return null;
  const tenantId = found.tenant_id;
  return db.inTenant(tenantId, async () => {
    const now = services.clock.now();
    if (found.expires_at && found.expires_at <= now) return null;
    const rights = await rightsOf(services, tenantId, found.api_key_id);
    const [tenant] = await db.query<{ status: PresentedKey['tenantStatus'] }>(
      'SELECT status FROM tenants WHERE id = $1',
      [tenantId],
    );
    if (!rights || !tenant) return null;
    return {
      tenantId,
      id: found.api_key_id,
      scopes: rights.scopes,
      tenantStatus: tenant.status,
      expiresAt: earlier(found.expires_at, rights.expiresAt),
    };
  });
}

interface Rights {
  readonly scopes: ReadonlySet<string>;
  readonly expiresAt: Date | null;
}

/** How many keys may have made each other, one after the other; what is beyond grants nothing. */
export const MAX_CHAIN = 8;

/** The keys of this tenant that made this one, each by the next: the nearest first. */
export async function makersOf(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  keyId: string,
): Promise<{ id: string; kind: CreatorKind }[]> {
  return ctx.db.query(
    `WITH RECURSIVE maker AS (
       SELECT created_by_id AS id, created_by_kind AS kind, 1 AS distance
       FROM api_keys WHERE tenant_id = $1 AND id = $2
       UNION ALL
       SELECT k.created_by_id, k.created_by_kind, m.distance + 1
       FROM maker m JOIN api_keys k ON k.tenant_id = $1 AND k.id = m.id
       WHERE m.kind = 'api-key' AND m.distance < ${MAX_CHAIN}
     )
     SELECT id, kind FROM maker WHERE kind IN ('api-key', 'platform-api-key') ORDER BY distance`,
    [ctx.tenantId, keyId],
  );
}

/** What the key holds, cut down to what its maker holds now. Null when it or its maker is gone. */
async function rightsOf(
  services: Services,
  tenantId: string,
  keyId: string,
  depth = 0,
): Promise<Rights | null> {
  const row = await getApiKey({ db: services.db, tenantId }, keyId);
  const now = services.clock.now();
  if (!row || row.revokedAt || (row.expiresAt && row.expiresAt <= now) || depth >= MAX_CHAIN)
    return null;
  const maker = await makerOf(services, row, depth);
  if (!maker) return null;
  const held = row.scopes.filter((scope) => maker.scopes === 'all' || maker.scopes.has(scope));
  return { scopes: new Set(held), expiresAt: earlier(row.expiresAt, maker.expiresAt) };
}

async function makerOf(
  services: Services,
  row: ApiKeyRow,
  depth: number,
): Promise<{ scopes: ReadonlySet<string> | 'all'; expiresAt: Date | null } | null> {
  const { createdByKind: kind, createdById: id } = row;
  if (kind === 'internal' || kind === 'system') return { scopes: 'all', expiresAt: null };
  if (id === null) return null;
  const ofPlatform = kind === 'platform-user' || kind === 'platform-api-key';
  const tenantId = ofPlatform ? PLATFORM_TENANT_ID : row.tenantId;
  const rights = await services.db.inTenant(tenantId, () =>
    kind === 'user' || kind === 'platform-user'
      ? userRights(services, tenantId, id)
      : rightsOf(services, tenantId, id, ofPlatform ? 0 : depth + 1),
  );
  if (!rights || !ofPlatform) return rights;
  // A platform operator delegates any scope of a tenant, as long as they may act in tenants at all.
  return rights.scopes.has('platform:tenants') ? { ...rights, scopes: 'all' } : null;
}

async function userRights(
  services: Services,
  tenantId: string,
  userId: string,
): Promise<Rights | null> {
  const [user] = await services.db.query<{ status: string }>(
    'SELECT status FROM users WHERE tenant_id = $1 AND id = $2',
    [tenantId, userId],
  );
  if (user?.status !== 'ACTIVE') return null;
  const scopes = await effectiveScopes({ db: services.db, tenantId }, [userId]);
  return { scopes: scopes.get(userId) ?? new Set(), expiresAt: null };
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b;
  return a < b ? a : b;
}
