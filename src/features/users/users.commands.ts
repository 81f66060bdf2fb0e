/**
 * Users: the people of a tenant's directory. This room owns a user's profile, e-mail address and
 * status; what a user may do belongs to roles, membership to groups, how they sign in to other rooms.
 */

import { z } from 'zod';
import { LastOwner, OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers, keepAnOwner } from '#features/roles/roles.policy.ts';
import { endPasswordLinks } from '#features/self-service/mailed-links.commands.ts';
import { endSessions } from '#features/sessions/sessions.commands.ts';
import { endOpenSignIns } from '#features/sign-in/open-sign-ins.commands.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { onUnique } from '#kernel/db/database-errors.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { expectedVersion, nameKey } from '#kernel/text.ts';
import { changeUser, emailTaken, lockUser } from './profiles.commands.ts';
import { EmailTaken, UserNotFound } from './users.errors.ts';
import { email, emailKey, searchTokens, type UserRow, userId, userProfile } from './users.model.ts';
import { getUser, USER_COLUMNS } from './users.queries.ts';

interface DeletedUser {
  readonly id: string;
}

const user = (row: UserRow) => [{ type: 'user' as const, id: row.id }];
const inputUser = (input: { id: string }) => [{ type: 'user' as const, id: input.id }];

/** What a new user is made of. */
export const newUser = {
  email,
  displayName: userProfile.displayName.optional(),
  givenName: userProfile.givenName.optional(),
  familyName: userProfile.familyName.optional(),
  locale: userProfile.locale.optional(),
  attributes: userProfile.attributes.optional(),
};

const newUserInput = z.strictObject(newUser);

export const createUser = command({
  name: 'user.create',
  summary: 'Creates a user.',
  scope: 'users:write',
  input: newUserInput,
  errors: [EmailTaken],
  targets: user,
  run: insertUser,
});

/** Throws `EmailTaken`. Part of the transaction that is open. */
export async function insertUser(
  ctx: Context,
  input: z.output<typeof newUserInput>,
): Promise<UserRow> {
  const values = [
    ctx.tenantId,
    newId(),
    input.email,
    emailKey(input.email),
    input.displayName ?? null,
    input.displayName ? nameKey(input.displayName) : null,
    input.givenName ?? null,
    input.familyName ?? null,
    input.locale ?? null,
    JSON.stringify(input.attributes ?? {}),
    ctx.clock.now(),
    searchTokens(input),
  ];
  try {
    const [row] = await ctx.db.query<UserRow>(INSERT_USER, values);
    return row as UserRow;
  } catch (error) {
    throw onUnique(error, emailTaken);
  }
}

/** The user and its search words in one statement: this is the hottest write of the directory. */
const INSERT_USER = `
WITH created AS (
  INSERT INTO users (tenant_id, id, email, email_key, display_name, name_key, given_name, family_name,
    locale, attributes, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) RETURNING *
), tokens AS (
  INSERT INTO user_search_tokens (tenant_id, token, user_id) SELECT $1, unnest($12::text[]), $2
)
SELECT ${USER_COLUMNS} FROM created u`;

export const updateUser = command({
  name: 'user.update',
  summary: "Changes a user's profile. Fields that are left out stay; null clears.",
  scope: 'users:write',
  input: z.strictObject({
    id: userId,
    email: email.optional(),
    displayName: userProfile.displayName.nullish(),
    givenName: userProfile.givenName.nullish(),
    familyName: userProfile.familyName.nullish(),
    locale: userProfile.locale.nullish(),
    attributes: userProfile.attributes.optional(),
    version: expectedVersion,
  }),
  errors: [UserNotFound, EmailTaken, VersionMismatch, OutranksCaller],
  targets: user,
  refusedTargets: inputUser,
  tells: { fields: told.fields },
  details: (_, { id: _id, version: _version, ...changes }) => ({
    fields: Object.keys(changes).sort(),
  }),
  async run(ctx, { id, version, ...changes }) {
    const before = await lockUser(ctx, id, version);
    await assertMayChangeUsers(ctx, [id]);
    return changeUser(ctx, before, changes);
  },
});

export const suspendUser = command({
  name: 'user.suspend',
  summary: 'Suspends a user: everything that acts for them is refused within a second.',
  scope: 'users:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: userId, version: expectedVersion }),
  errors: [UserNotFound, VersionMismatch, OutranksCaller, LastOwner],
  targets: user,
  refusedTargets: inputUser,
  run: (ctx, input) => setStatus(ctx, input, 'SUSPENDED'),
});

export const activateUser = command({
  name: 'user.activate',
  summary: 'Lets a suspended user act again.',
  scope: 'users:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: userId, version: expectedVersion }),
  errors: [UserNotFound, VersionMismatch, OutranksCaller, LastOwner],
  targets: user,
  refusedTargets: inputUser,
  run: (ctx, input) => setStatus(ctx, input, 'ACTIVE'),
});

export const deleteUser = command({
  name: 'user.delete',
  summary: 'Deletes a user with their memberships and role assignments.',
  scope: 'users:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: userId, version: expectedVersion }),
  errors: [UserNotFound, VersionMismatch, OutranksCaller, LastOwner],
  targets: (_: DeletedUser, input) => inputUser(input),
  refusedTargets: inputUser,
  run: (ctx, { id, version }) =>
    keepAnOwner(ctx, async () => {
      await lockUser(ctx, id, version);
      await assertMayChangeUsers(ctx, [id]);
      await ctx.db.prisma.user.deleteMany({ where: { tenantId: ctx.tenantId, id } });
      return { id };
    }),
});

async function setStatus(
  ctx: Context,
  { id, version }: { id: string; version?: number | undefined },
  status: UserRow['status'],
): Promise<UserRow> {
  return keepAnOwner(ctx, async () => {
    const before = await lockUser(ctx, id, version);
    await assertMayChangeUsers(ctx, [id]);
    if (before.status === status) return before;
    await ctx.db.prisma.user.updateMany({
      where: { tenantId: ctx.tenantId, id },
      data: { status, version: { increment: 1 }, updatedAt: ctx.clock.now() },
    });
    // They must not come back to life with the user.
    if (status === 'SUSPENDED') {
      await endSessions(ctx, id, 'USER_CLOSED');
      await endOpenSignIns(ctx, id);
      await endPasswordLinks(ctx, id);
    }
    return (await getUser(ctx, id)) as UserRow;
  });
}
