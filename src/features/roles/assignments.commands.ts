/**
 * Who has which role: assigned to a user, or to a group for all of its members. Who is in a group
 * belongs to groups.
 *
 * Locks are taken in one order everywhere: the owner role, the role or group, the user.
 */

import { z } from 'zod';
import { GroupNotFound } from '#features/groups/groups.errors.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import type { Target } from '#kernel/events/event.ts';
import { told } from '#kernel/events/event-types.ts';
import { id } from '#kernel/ids.ts';
import { LastOwner, NotAssigned, OutranksCaller, RoleNotFound } from './roles.errors.ts';
import { type RoleRow, roleId, scopesOf } from './roles.model.ts';
import { assertHolds, assertMayChangeGroup, keepAnOwner } from './roles.policy.ts';
import { ROLE_COLUMNS } from './roles.queries.ts';

const assignment = z
  .strictObject({
    roleId,
    userId: id('user').nullish().describe('The user who gets or loses it; or give groupId.'),
    groupId: id('group')
      .nullish()
      .describe('The group whose members get or lose it; or give userId.'),
  })
  .refine(({ userId, groupId }) => (userId == null) !== (groupId == null), {
    path: ['userId'],
    message: 'or groupId must be given, and not both',
  });
type Assignment = z.output<typeof assignment>;

interface Unassigned {
  readonly role: RoleRow;
}
interface Assigned extends Unassigned {
  /** False when the user or group had it already. */
  readonly changed: boolean;
}

const assignmentTargets = (input: Assignment): Target[] => {
  const { type, id } = subjectOf(input);
  return [
    { type: 'role', id: input.roleId },
    { type, id },
  ];
};

export const assignRole = command({
  name: 'role.assign',
  summary:
    'Assigns a role to a user, or to a group for all of its members. Twice is as good as once.',
  scope: 'roles:write',
  severity: 'NOTICE',
  input: assignment,
  errors: [RoleNotFound, UserNotFound, GroupNotFound, OutranksCaller],
  about: ['role', 'user', 'group'],
  targets: (_: Assigned, input) => assignmentTargets(input),
  refusedTargets: assignmentTargets,
  tells: { changed: told.changed },
  details: ({ changed }) => ({ changed }),
  async run(ctx, input) {
    const found = await holdRole(ctx, input.roleId);
    await assertMayAssign(ctx, found, input);
    const changed = await change(ctx, input, assignSql, [ctx.clock.now()]);
    return { role: found, changed };
  },
});

export const unassignRole = command({
  name: 'role.unassign',
  summary: 'Takes an assigned role away from a user or a group.',
  scope: 'roles:write',
  severity: 'NOTICE',
  input: assignment,
  errors: [RoleNotFound, UserNotFound, GroupNotFound, NotAssigned, OutranksCaller, LastOwner],
  about: ['role', 'user', 'group'],
  targets: (_: Unassigned, input) => assignmentTargets(input),
  refusedTargets: assignmentTargets,
  async run(ctx, input) {
    const found = await holdRole(ctx, input.roleId);
    const unassign = async () => {
      await assertMayAssign(ctx, found, input);
      if (!(await change(ctx, input, unassignSql))) throw new NotAssigned();
      return { role: found };
    };
    return found.builtIn === 'owner' ? keepAnOwner(ctx, unassign) : unassign();
  },
});

/** The role of the tenant, which cannot be deleted before the transaction ends. */
async function holdRole(ctx: Context, id: string): Promise<RoleRow> {
  const [row] = await ctx.db.query<RoleRow>(
    `SELECT ${ROLE_COLUMNS} FROM roles r WHERE r.tenant_id = $1 AND r.id = $2 FOR KEY SHARE`,
    [ctx.tenantId, id],
  );
  if (!row) throw new RoleNotFound();
  return row;
}

async function assertMayAssign(ctx: Context, granted: RoleRow, input: Assignment): Promise<void> {
  assertHolds(ctx, scopesOf(granted));
  if (input.groupId != null) await assertMayChangeGroup(ctx, input.groupId);
}

interface Subject {
  readonly type: 'user' | 'group';
  readonly id: string;
}

function subjectOf({ userId, groupId }: Assignment): Subject {
  return userId == null ? { type: 'group', id: groupId as string } : { type: 'user', id: userId };
}

/** Whether there was anything to change. Throws when the tenant has no such user or group. */
async function change(
  ctx: Context,
  input: Assignment,
  sql: Readonly<Record<Subject['type'], string>>,
  more: readonly unknown[] = [],
): Promise<boolean> {
  const { type, id } = subjectOf(input);
  const [row] = await ctx.db.query<{ found: boolean; changed: boolean }>(sql[type], [
    ctx.tenantId,
    id,
    input.roleId,
    ...more,
  ]);
  if (!row?.found) throw type === 'user' ? new UserNotFound() : new GroupNotFound();
  return row.changed;
}

/** The subject is held by the same statement, so that it cannot go away in between. */
const statement = (type: Subject['type'], write: string) => `
WITH subject AS (
  SELECT id FROM ${type}s WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE
), changed AS (${write} RETURNING 1)
SELECT EXISTS (SELECT FROM subject) AS found, EXISTS (SELECT FROM changed) AS changed`;

const assign = (type: Subject['type']) =>
  statement(
    type,
    `INSERT INTO ${type}_roles (tenant_id, ${type}_id, role_id, created_at)
     SELECT $1, id, $3::uuid, $4::timestamptz FROM subject ON CONFLICT DO NOTHING`,
  );
const unassign = (type: Subject['type']) =>
  statement(
    type,
    `DELETE FROM ${type}_roles
     WHERE tenant_id = $1 AND ${type}_id IN (SELECT id FROM subject) AND role_id = $3`,
  );

const assignSql = { user: assign('user'), group: assign('group') };
const unassignSql = { user: unassign('user'), group: unassign('group') };
