/** Reads of groups: one, lists, who is in them and whose they are. */
import { USER_BRIEF, USER_COLUMNS } from '#features/users/users.queries.ts';
import type { Context } from '#kernel/context.ts';
import {
  type ListShape,
  type Page,
  type PageRequest,
  page,
  prefixOf,
  rowsById,
} from '#kernel/db/keyset.ts';
import type { GroupRow } from './groups.model.ts';

/** The readable columns of the alias `g`, under their GraphQL names. */
export const GROUP_COLUMNS = `g.tenant_id AS "tenantId", g.id, g.name, g.description, g.version,
  g.created_at AS "createdAt", g.updated_at AS "updatedAt"`;

export interface GroupFilter {
  readonly namePrefix?: string | null | undefined;
}

const byId: ListShape = {
  name: 'groups',
  select: GROUP_COLUMNS,
  brief: ['name'],
  from: 'groups g',
  tenant: 'g.tenant_id',
  order: [{ column: 'g.id', property: 'id', type: 'uuid' }],
};

/** A prefix is a range of the key, which is unique, so the list is in the key's order. */
const byName: ListShape = {
  ...byId,
  name: 'groups-by-name',
  select: `${GROUP_COLUMNS}, g.name_key AS "nameKey"`,
  order: [{ column: 'g.name_key', property: 'nameKey', type: 'text' }],
};

/** The groups that a user is in; the parent's column is `m.user_id`. */
export const groupsOfUsers: ListShape = {
  ...byId,
  name: 'groups-of-user',
  from: 'group_members m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id',
  tenant: 'm.tenant_id',
  order: [{ column: 'm.group_id', property: 'id', type: 'uuid' }],
};

/** The users in a group; the parent's column is `m.group_id`. */
export const usersOfGroups: ListShape = {
  name: 'users-of-group',
  select: USER_COLUMNS,
  brief: USER_BRIEF,
  from: 'group_members m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id',
  tenant: 'm.tenant_id',
  order: [{ column: 'm.user_id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function groupsById(ctx: Context, ids: readonly string[]): Promise<GroupRow[]> {
  return rowsById<GroupRow>(ctx, byId, ids);
}

export async function getGroup(ctx: Context, id: string): Promise<GroupRow | null> {
  const [row] = await ctx.db.query<GroupRow>(
    `SELECT ${GROUP_COLUMNS} FROM groups g WHERE g.tenant_id = $1 AND g.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

export function listGroups(
  ctx: Context,
  filter: GroupFilter,
  request: PageRequest,
): Promise<Page<GroupRow>> {
  if (filter.namePrefix == null) return page<GroupRow>(ctx, byId, [], request);
  return page<GroupRow>(
    ctx,
    byName,
    [prefixOf('filter.namePrefix', 'g.name_key', filter.namePrefix)],
    request,
  );
}
