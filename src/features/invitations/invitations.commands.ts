/**
 * Invitations: accounts that somebody else makes. This room owns who is invited and how often; the
 * link is one-time-links', accepting it self-service's, the user users'.
 */

import { z } from 'zod';
import { passwordOf } from '#features/passwords/passwords.queries.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers } from '#features/roles/roles.policy.ts';
import { mailLink } from '#features/self-service/mailed-links.commands.ts';
import { insertUser, newUser } from '#features/users/users.commands.ts';
import { EmailTaken, UserNotFound } from '#features/users/users.errors.ts';
import { type UserRow, userId } from '#features/users/users.model.ts';
import { getUser, holdUser } from '#features/users/users.queries.ts';
import { command } from '#kernel/commands/command.ts';
import { told } from '#kernel/events/event-types.ts';
import { AlreadyJoined, UserSuspended } from './invitations.errors.ts';

const target = (id: string) => [{ type: 'user' as const, id }];

export const inviteUser = command({
  name: 'invitation.create',
  summary: 'Creates a user and sends them an invitation, good for a week, to choose a password.',
  scope: 'users:write',
  input: z.strictObject(newUser),
  errors: [EmailTaken],
  about: ['user'],
  targets: ({ id }: UserRow) => target(id),
  // Whoever keeps a copy of the directory learns of every user by the same event.
  also: ({ id }) => [{ type: 'user.create', targets: target(id) }],
  async run(ctx, input): Promise<UserRow> {
    const user = await insertUser(ctx, input);
    await mailLink(ctx, 'INVITATION', user, { by: 'ADMINISTRATOR' });
    return user;
  },
});

interface Resent {
  readonly user: UserRow;
  readonly linkSent: boolean;
}

export const resendInvitation = command({
  name: 'invitation.resend',
  summary: 'Sends a user who has no password a new invitation, which ends the earlier one.',
  scope: 'users:write',
  input: z.strictObject({ id: userId }),
  errors: [UserNotFound, AlreadyJoined, UserSuspended, OutranksCaller],
  targets: ({ user }: Resent) => target(user.id),
  refusedTargets: ({ id }) => target(id),
  about: ['user'],
  tells: { linkSent: told.linkSent },
  details: ({ linkSent }) => ({ linkSent }),
  async run(ctx, { id }): Promise<Resent> {
    await holdUser(ctx, id);
    const [user, person] = [await getUser(ctx, id), await passwordOf(ctx, id)];
    if (!user || !person) throw new UserNotFound();
    await assertMayChangeUsers(ctx, [id]);
    if (person.passwordHash !== null) throw new AlreadyJoined();
    if (user.status !== 'ACTIVE') throw new UserSuspended();
    return { user, linkSent: await mailLink(ctx, 'INVITATION', user, { by: 'ADMINISTRATOR' }) };
  },
});
