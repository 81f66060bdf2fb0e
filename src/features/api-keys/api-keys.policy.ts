/** Which keys a caller may hand out, rotate and revoke. */
import { assertHolds } from '#features/roles/roles.policy.ts';
import type { Context } from '#kernel/context.ts';
import { ApiKeyChainTooLong, ApiKeyNotFound, ApiKeyNotOwn } from './api-keys.errors.ts';
import type { ApiKeyRow } from './api-keys.model.ts';
import { MAX_CHAIN, makersOf } from './api-keys.queries.ts';

/** A key at the end of the longest chain makes no other: it would be refused from the start. */
export async function assertMayMakeKeys(ctx: Context): Promise<void> {
  const { kind, id, tenantId } = ctx.actor;
  if (kind !== 'api-key' || id === null || tenantId !== ctx.tenantId) return;
  const makers = await makersOf(ctx, id);
  if (makers.filter((maker) => maker.kind === 'api-key').length + 1 >= MAX_CHAIN)
    throw new ApiKeyChainTooLong(MAX_CHAIN);
}

/**
 * The caller must hold what the key grants. Another key gets no secret of a key that it did not
 * make: it would outlive its own revocation in it.
 */
export async function assertMayRotate(ctx: Context, apiKey: ApiKeyRow): Promise<void> {
  const own = await isOwn(ctx, apiKey);
  if (!own) assertMayKnow(ctx);
  if (!own && ctx.actor.kind === 'api-key') throw new ApiKeyNotOwn();
  assertHolds(ctx, apiKey.scopes);
}

/** Nobody stops what may do more than they, but everybody may stop themselves and what they made. */
export async function assertMayRevoke(ctx: Context, apiKey: ApiKeyRow): Promise<void> {
  if (await isOwn(ctx, apiKey)) return;
  assertMayKnow(ctx);
  assertHolds(ctx, apiKey.scopes);
}

/** Who may not read keys is not told which there are. */
function assertMayKnow(ctx: Context): void {
  if (!ctx.actor.scopes.has('api-keys:read')) throw new ApiKeyNotFound();
}

/** Whether the key is the caller, or was made by them or by a key that they made. */
async function isOwn(ctx: Context, apiKey: ApiKeyRow): Promise<boolean> {
  const { kind, id } = ctx.actor;
  if (kind === 'user') return apiKey.createdById === id;
  if (kind !== 'api-key' || id === null) return false;
  if (apiKey.id === id) return true;
  return (await makersOf(ctx, apiKey.id)).some((maker) => maker.id === id);
}
