/** Reads of roles: one, lists, whose they are, and what they add up to. */

import type { Context } from '#kernel/context.ts';
import {
  type ListShape,
  type Page,
  type PageRequest,
  page,
  prefixOf,
  rowsById,
} from '#kernel/db/keyset.ts';
import { type RoleRow, scopesOf } from './roles.model.ts';

/** The readable columns of the alias `r`, under their GraphQL names. */
export const ROLE_COLUMNS = `r.tenant_id AS "tenantId", r.id, r.name, r.description, r.scopes,
  r.built_in AS "builtIn", r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;

export interface RoleFilter {
  readonly namePrefix?: string | null | undefined;
}

const byId: ListShape = {
  name: 'roles',
  select: ROLE_COLUMNS,
  brief: ['name'],
  from: 'roles r',
  tenant: 'r.tenant_id',
  order: [{ column: 'r.id', property: 'id', type: 'uuid' }],
};

/** A prefix is a range of the key, which is unique, so the list is in the key's order. */
const byName: ListShape = {
  ...byId,
  name: 'roles-by-name',
  select: `${ROLE_COLUMNS}, r.name_key AS "nameKey"`,
  order: [{ column: 'r.name_key', property: 'nameKey', type: 'text' }],
};

/** The roles assigned to a user directly; the parent's column is `ur.user_id`. */
export const rolesOfUsers: ListShape = {
  ...byId,
  name: 'roles-of-user',
  from: 'user_roles ur JOIN roles r ON r.tenant_id = ur.tenant_id AND r.id = ur.role_id',
  tenant: 'ur.tenant_id',
  order: [{ column: 'ur.role_id', property: 'id', type: 'uuid' }],
};

/** The roles that a group gives to its members; the parent's column is `gr.group_id`. */
export const rolesOfGroups: ListShape = {
  ...byId,
  name: 'roles-of-group',
  from: 'group_roles gr JOIN roles r ON r.tenant_id = gr.tenant_id AND r.id = gr.role_id',
  tenant: 'gr.tenant_id',
  order: [{ column: 'gr.role_id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function rolesById(ctx: Context, ids: readonly string[]): Promise<RoleRow[]> {
  return rowsById<RoleRow>(ctx, byId, ids);
}

export async function getRole(ctx: Context, id: string): Promise<RoleRow | null> {
  const [row] = await ctx.db.query<RoleRow>(
    `SELECT ${ROLE_COLUMNS} FROM roles r WHERE r.tenant_id = $1 AND r.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

export function listRoles(
  ctx: Context,
  filter: RoleFilter,
  request: PageRequest,
): Promise<Page<RoleRow>> {
  if (filter.namePrefix == null) return page<RoleRow>(ctx, byId, [], request);
  return page<RoleRow>(
    ctx,
    byName,
    [prefixOf('filter.namePrefix', 'r.name_key', filter.namePrefix)],
    request,
  );
}

/**
 * What users may do: the union of what their roles grant, own and through groups, whatever their
 * status. One statement for any number of users; every id that was asked for has an entry.
 */
export async function effectiveScopes(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  userIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  const one = userIds.length === 1;
  const rows = await ctx.db.query<HeldRole & { userId: string }>(one ? HELD_BY_ONE : HELD_BY_MANY, [
    ctx.tenantId,
    one ? userIds[0] : userIds,
  ]);
  const scopes = new Map(userIds.map((id) => [id, new Set<string>()]));
  for (const { userId, ...role } of rows)
    for (const scope of scopesOf(role)) scopes.get(userId)?.add(scope);
  return scopes;
}

const held = (whose: string) => `
SELECT had.user_id AS "userId", r.scopes, r.built_in AS "builtIn" FROM (
  SELECT ur.user_id, ur.role_id FROM user_roles ur
  WHERE ur.tenant_id = $1 AND ur.user_id ${whose}
  UNION
  SELECT m.user_id, gr.role_id FROM group_members m
  JOIN group_roles gr ON gr.tenant_id = m.tenant_id AND gr.group_id = m.group_id
  WHERE m.tenant_id = $1 AND m.user_id ${whose}
) had JOIN roles r ON r.tenant_id = $1 AND r.id = had.role_id`;

const HELD_BY_MANY = held('= ANY ($2::uuid[])');
/** What is asked most. PostgreSQL keeps no plan for an array whose length it does not know, and plans
 * anew each time, which takes three times as long as the answer. */
const HELD_BY_ONE = held('= $2::uuid');

export type HeldRole = Pick<RoleRow, 'scopes' | 'builtIn'>;

/** For a statement about one user anyway: an expression for what they hold, of type `HeldRole[]`. `$1` is the tenant. */
export const heldRoles = (user: string) => `
(SELECT coalesce(json_agg(json_build_object('scopes', h.scopes, 'builtIn', h."builtIn")), '[]')
 FROM (${held(`= ${user}`)}) h)`;

/** What being in a group grants. */
export async function scopesOfGroup(ctx: Context, groupId: string): Promise<Set<string>> {
  const rows = await ctx.db.query<HeldRole>(
    `SELECT r.scopes, r.built_in AS "builtIn" FROM group_roles gr
     JOIN roles r ON r.tenant_id = gr.tenant_id AND r.id = gr.role_id
     WHERE gr.tenant_id = $1 AND gr.group_id = $2`,
    [ctx.tenantId, groupId],
  );
  return new Set(rows.flatMap((role) => scopesOf(role)));
}
