/**
 * Who may grant what. Nobody gives, takes or touches more than they hold themselves, and a tenant
 * that has an active owner keeps one. Both rules are exact under races: what is compared is read
 * under the locks that the change itself needs.
 */
import type { Context } from '#kernel/context.ts';
import { isPlatformScope } from '#kernel/scopes.ts';
import { LastOwner, OutranksCaller } from './roles.errors.ts';
import { effectiveScopes, scopesOfGroup } from './roles.queries.ts';

/**
 * Throws OutranksCaller unless the caller holds every one of the scopes. The platform's operators
 * may delegate any scope of a tenant, at their own door only.
 */
export function assertHolds(ctx: Context, scopes: Iterable<string>): void {
  const held = ctx.actor.scopes;
  const delegates = ctx.door === 'platform' && held.has('platform:tenants');
  const missing = [...new Set(scopes)].filter(
    (scope) => !held.has(scope) && !(delegates && !isPlatformScope(scope)),
  );
  if (missing.length === 0) return;
  // What others may do is for those who may read roles.
  throw new OutranksCaller(held.has('roles:read') ? missing.sort() : []);
}

/**
 * A user may be changed only by a caller who holds all that the user may do: else a help desk could
 * take over an owner by changing their address. Call it under the lock of the users' rows.
 */
export async function assertMayChangeUsers(
  ctx: Context,
  userIds: readonly string[],
): Promise<void> {
  const held = await effectiveScopes(ctx, userIds);
  assertHolds(
    ctx,
    [...held.values()].flatMap((scopes) => [...scopes]),
  );
}

/** The same for a group: it hands what its roles grant to whoever is in it. */
export async function assertMayChangeGroup(ctx: Context, groupId: string): Promise<void> {
  assertHolds(ctx, await scopesOfGroup(ctx, groupId));
}

/**
 * Runs a change that may end somebody's ownership; throws LastOwner if the tenant had an active
 * owner before and has none after. Take it before any other lock, inside the transaction.
 *
 * Such changes of one tenant come one after the other by the lock on its owner role. Under READ
 * COMMITTED each count is a statement of its own, so that it sees what was committed while waiting.
 * NO KEY UPDATE, so that making an owner, whose foreign key asks for KEY SHARE, need not wait.
 */
export async function keepAnOwner<T>(ctx: Context, change: () => Promise<T>): Promise<T> {
  const [owner] = await ctx.db.query<{ id: string }>(
    `SELECT r.id FROM roles r
     WHERE r.tenant_id = $1 AND r.built_in = 'owner' FOR NO KEY UPDATE`,
    [ctx.tenantId],
  );
  const had = owner !== undefined && (await hasActiveOwner(ctx, owner.id));
  const changed = await change();
  if (had && !(await hasActiveOwner(ctx, owner.id))) throw new LastOwner();
  return changed;
}

/** Directly or through a group. */
async function hasActiveOwner(ctx: Context, ownerRoleId: string): Promise<boolean> {
  const [row] = await ctx.db.query<{ found: boolean }>(
    `SELECT EXISTS (
       SELECT FROM user_roles ur
       JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id
       WHERE ur.tenant_id = $1 AND ur.role_id = $2 AND u.status = 'ACTIVE'
     ) OR EXISTS (
       SELECT FROM group_roles gr
       JOIN group_members m ON m.tenant_id = gr.tenant_id AND m.group_id = gr.group_id
       JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
       WHERE gr.tenant_id = $1 AND gr.role_id = $2 AND u.status = 'ACTIVE'
     ) AS found`,
    [ctx.tenantId, ownerRoleId],
  );
  return row?.found === true;
}
