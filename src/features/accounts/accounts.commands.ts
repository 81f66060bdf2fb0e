/**
 * What people change of their own directory entry: names, language, and their e-mail address once they
 * have shown that it is theirs. This room owns what they may; the entry itself is users'. Status, roles
 * and attributes are not theirs to change.
 */

import { z } from 'zod';
import { queueMessage } from '#features/messages/messages.commands.ts';
import { assertMayChangeOwn, mayChangeOwn, OWN } from '#features/mfa/mfa.policy.ts';
import type { LinkPurpose } from '#features/one-time-links/one-time-links.model.ts';
import { mailLink } from '#features/self-service/mailed-links.commands.ts';
import { holdSession } from '#features/sessions/sessions.queries.ts';
import { changeUser, lockUser } from '#features/users/profiles.commands.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { email, emailKey, type UserRow, userProfile } from '#features/users/users.model.ts';
import { getUser, holdUser } from '#features/users/users.queries.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';

const about = (id: string) => [{ type: 'user' as const, id }];

export const updateAccount = command({
  name: 'account.update',
  summary:
    "Changes the caller's own names and language. Fields that are left out stay; null clears.",
  access: { scopes: [[]], person: true },
  input: z.strictObject({
    displayName: userProfile.displayName.nullish(),
    givenName: userProfile.givenName.nullish(),
    familyName: userProfile.familyName.nullish(),
    locale: userProfile.locale.nullish(),
  }),
  errors: [UserNotFound],
  targets: ({ id }: UserRow) => about(id),
  about: ['user'],
  tells: { fields: told.fields },
  details: (_, changes) => ({ fields: Object.keys(changes).sort() }),
  // Whoever keeps a copy of the directory learns of every change by the same event.
  also: ({ id }, changes) => [
    {
      type: 'user.update',
      targets: about(id),
      details: { fields: Object.keys(changes).sort() },
    },
  ],
  run: async (ctx, changes): Promise<UserRow> =>
    changeUser(ctx, await lockUser(ctx, ctx.actor.id ?? '', undefined), changes),
});

interface Requested {
  readonly userId: string;
  readonly purpose: LinkPurpose;
  readonly linkSent: boolean;
}

/**
 * Nobody else's account is looked up: whether the address is taken is told to whoever reads its mail,
 * when they follow the link. The link ends with the session that asked, and the present address hears
 * of it at once: what drives out whoever has stolen a session ends what they asked for as well.
 */
export const requestEmailChange = command({
  name: 'account.request-email',
  summary:
    "Sends a link to an address, by which it becomes the caller's e-mail address; to their present one, the link that verifies it.",
  access: OWN,
  severity: 'NOTICE',
  input: z.strictObject({ email }),
  errors: [UserNotFound, VersionMismatch],
  targets: ({ userId }: Requested) => about(userId),
  about: ['user'],
  tells: { linkSent: told.linkSent },
  details: ({ linkSent }) => ({ linkSent }),
  prepare: (ctx) => assertMayChangeOwn(ctx, 'account.request-email'),
  async run(ctx, { email: address }, userId): Promise<Requested> {
    await holdUser(ctx, userId);
    const user = await getUser(ctx, userId);
    if (!user) throw new UserNotFound();
    const sessionId = ctx.actor.authentication?.sessionId ?? null;
    // A reset or a factor that came since: on trying again they are told what to show.
    if (!sessionId || !(await holdSession(ctx, sessionId)) || !(await mayChangeOwn(ctx)))
      throw new VersionMismatch('Your account');
    if (emailKey(address) === emailKey(user.email)) {
      const linkSent = await mailLink(ctx, 'VERIFY_EMAIL', user);
      return { userId, purpose: 'VERIFY_EMAIL', linkSent };
    }
    const to = { ...user, email: address };
    const linkSent = await mailLink(ctx, 'CHANGE_EMAIL', to, { sessionId });
    if (linkSent) await tellOfWish(ctx, user);
    return { userId, purpose: 'CHANGE_EMAIL', linkSent };
  },
});

/** To the address that the account still has. Part of the transaction that is open. */
function tellOfWish(ctx: Context, { id, email, locale }: UserRow): Promise<void> {
  return queueMessage(ctx, {
    template: 'email-change-asked',
    to: { address: email },
    user: id,
    locale,
    parameters: {},
  });
}
