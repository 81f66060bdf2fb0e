/**
 * Groups: named sets of users. This room owns a tenant's groups and who is in them; which roles a
 * group carries, and what being in it therefore grants, belongs to roles.
 *
 * Locks are taken in one order everywhere: the owner role, the role or group, the user.
 */

import { z } from 'zod';
import { LastOwner, OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeGroup, keepAnOwner } from '#features/roles/roles.policy.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { userId } from '#features/users/users.model.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { onUnique } from '#kernel/db/database-errors.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { expectedVersion, nameKey } from '#kernel/text.ts';
import { GroupNameTaken, GroupNotFound, NotAMember } from './groups.errors.ts';
import { type GroupRow, groupDescription, groupId, groupName } from './groups.model.ts';
import { GROUP_COLUMNS } from './groups.queries.ts';

const nameTaken = { groups_tenant_id_name_key_key: () => new GroupNameTaken() };
const group = (row: GroupRow) => [{ type: 'group' as const, id: row.id }];
const inputGroup = (input: { id: string }) => [{ type: 'group' as const, id: input.id }];
const membership = (input: { groupId: string; userId: string }) => [
  { type: 'group' as const, id: input.groupId },
  { type: 'user' as const, id: input.userId },
];

interface DeletedGroup {
  readonly id: string;
}
interface RemovedMember {
  readonly group: GroupRow;
}
interface AddedMember extends RemovedMember {
  /** False when the user was in it already. */
  readonly changed: boolean;
}

export const createGroup = command({
  name: 'group.create',
  summary: 'Creates a group.',
  scope: 'groups:write',
  input: z.strictObject({ name: groupName, description: groupDescription.optional() }),
  errors: [GroupNameTaken],
  targets: group,
  async run(ctx, { name, description }) {
    try {
      const [row] = await ctx.db.query<GroupRow>(
        `INSERT INTO groups AS g (tenant_id, id, name, name_key, description, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING ${GROUP_COLUMNS}`,
        [ctx.tenantId, newId(), name, nameKey(name), description ?? null, ctx.clock.now()],
      );
      return row as GroupRow;
    } catch (error) {
      throw onUnique(error, nameTaken);
    }
  },
});

export const updateGroup = command({
  name: 'group.update',
  summary: 'Changes a group. Fields that are left out stay; null clears.',
  scope: 'groups:write',
  input: z.strictObject({
    id: groupId,
    name: groupName.optional(),
    description: groupDescription.nullish(),
    version: expectedVersion,
  }),
  errors: [GroupNotFound, GroupNameTaken, VersionMismatch, OutranksCaller],
  targets: group,
  refusedTargets: inputGroup,
  tells: { fields: told.fields },
  details: (_, { id: _id, version: _version, ...changes }) => ({
    fields: Object.keys(changes).sort(),
  }),
  async run(ctx, { id, version, ...changes }) {
    const before = await lockGroup(ctx, id, version);
    await assertMayChangeGroup(ctx, id);
    const name = changes.name ?? before.name;
    const description =
      changes.description === undefined ? before.description : changes.description;
    try {
      const [row] = await ctx.db.query<GroupRow>(
        `UPDATE groups g SET name = $3, name_key = $4, description = $5, version = g.version + 1,
           updated_at = $6
         WHERE g.tenant_id = $1 AND g.id = $2 RETURNING ${GROUP_COLUMNS}`,
        [ctx.tenantId, id, name, nameKey(name), description, ctx.clock.now()],
      );
      return row as GroupRow;
    } catch (error) {
      throw onUnique(error, nameTaken);
    }
  },
});

export const deleteGroup = command({
  name: 'group.delete',
  summary: 'Deletes a group; its members lose what its roles granted.',
  scope: 'groups:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: groupId, version: expectedVersion }),
  errors: [GroupNotFound, VersionMismatch, OutranksCaller, LastOwner],
  targets: (_: DeletedGroup, input) => inputGroup(input),
  refusedTargets: inputGroup,
  run: (ctx, { id, version }) =>
    keepAnOwner(ctx, async () => {
      await lockGroup(ctx, id, version);
      await assertMayChangeGroup(ctx, id);
      await ctx.db.query('DELETE FROM groups WHERE tenant_id = $1 AND id = $2', [ctx.tenantId, id]);
      return { id };
    }),
});

export const addGroupMember = command({
  name: 'group.add-member',
  summary: 'Puts a user into a group. Twice is as good as once.',
  scope: 'groups:write',
  input: z.strictObject({ groupId, userId }),
  errors: [GroupNotFound, UserNotFound, OutranksCaller],
  about: ['group', 'user'],
  targets: (_: AddedMember, input) => membership(input),
  refusedTargets: membership,
  tells: { changed: told.changed },
  details: ({ changed }) => ({ changed }),
  async run(ctx, input) {
    const found = await holdGroup(ctx, input.groupId);
    await assertMayChangeGroup(ctx, found.id);
    const changed = await change(ctx, ADD_MEMBER, input, [ctx.clock.now()]);
    return { group: found, changed };
  },
});

export const removeGroupMember = command({
  name: 'group.remove-member',
  summary: 'Takes a user out of a group.',
  scope: 'groups:write',
  input: z.strictObject({ groupId, userId }),
  errors: [GroupNotFound, UserNotFound, NotAMember, OutranksCaller, LastOwner],
  about: ['group', 'user'],
  targets: (_: RemovedMember, input) => membership(input),
  refusedTargets: membership,
  run: (ctx, input) =>
    keepAnOwner(ctx, async () => {
      const found = await holdGroup(ctx, input.groupId);
      await assertMayChangeGroup(ctx, found.id);
      if (!(await change(ctx, REMOVE_MEMBER, input))) throw new NotAMember();
      return { group: found };
    }),
});

/** The group of the tenant, which cannot be deleted before the transaction ends. */
async function holdGroup(ctx: Context, id: string): Promise<GroupRow> {
  const [row] = await ctx.db.query<GroupRow>(
    `SELECT ${GROUP_COLUMNS} FROM groups g WHERE g.tenant_id = $1 AND g.id = $2 FOR KEY SHARE`,
    [ctx.tenantId, id],
  );
  if (!row) throw new GroupNotFound();
  return row;
}

/** The group, for a change of it or its end; the version is compared under the lock. */
async function lockGroup(ctx: Context, id: string, version: number | undefined): Promise<GroupRow> {
  const [row] = await ctx.db.query<GroupRow>(
    `SELECT ${GROUP_COLUMNS} FROM groups g WHERE g.tenant_id = $1 AND g.id = $2 FOR UPDATE`,
    [ctx.tenantId, id],
  );
  if (!row) throw new GroupNotFound();
  if (version !== undefined && version !== row.version) throw new VersionMismatch('The group');
  return row;
}

/** Whether there was anything to change. Throws when the tenant has no such user. */
async function change(
  ctx: Context,
  sql: string,
  { groupId, userId }: { groupId: string; userId: string },
  more: readonly unknown[] = [],
): Promise<boolean> {
  const [row] = await ctx.db.query<{ found: boolean; changed: boolean }>(sql, [
    ctx.tenantId,
    groupId,
    userId,
    ...more,
  ]);
  if (!row?.found) throw new UserNotFound();
  return row.changed;
}

/** The user is held by the same statement, so that they cannot go away in between. */
const membershipSql = (write: string) => `
WITH person AS (
  SELECT id FROM users WHERE tenant_id = $1 AND id = $3 FOR KEY SHARE
), changed AS (${write} RETURNING 1)
SELECT EXISTS (SELECT FROM person) AS found, EXISTS (SELECT FROM changed) AS changed`;

const ADD_MEMBER = membershipSql(`
  INSERT INTO group_members (tenant_id, group_id, user_id, created_at)
  SELECT $1, $2::uuid, id, $4::timestamptz FROM person ON CONFLICT DO NOTHING`);

const REMOVE_MEMBER = membershipSql(`
  DELETE FROM group_members
  WHERE tenant_id = $1 AND group_id = $2 AND user_id IN (SELECT id FROM person)`);
