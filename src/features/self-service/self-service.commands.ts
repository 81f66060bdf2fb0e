/**
 * What people do for themselves before they are signed in: ask for a new password, choose one by a
 * link, confirm an address, make an account. This room owns these flows; links, messages, passwords
 * and users belong to their rooms. None of them signs anybody in or passes a second factor by
 * (ASVS 6.4.3), and none tells whether there is an account.
 */

import { z } from 'zod';
import { spendLink } from '#features/one-time-links/one-time-links.commands.ts';
import type { LinkHolder, LinkPurpose } from '#features/one-time-links/one-time-links.model.ts';
import { peekLink } from '#features/one-time-links/one-time-links.queries.ts';
import {
  forgiveGuesses,
  hashGoodPassword,
  replacePassword,
} from '#features/passwords/passwords.commands.ts';
import { passwordOf } from '#features/passwords/passwords.queries.ts';
import {
  signInPolicyOf,
  tenantRulesOf,
} from '#features/sign-in-policies/sign-in-policies.queries.ts';
import { changeUser, lockUser } from '#features/users/profiles.commands.ts';
import { parse } from '#kernel/commands/run-command.ts';
import { asPerson, type Context } from '#kernel/context.ts';
import { whenAdmitted } from '#kernel/crypto/hashing-queue.ts';
import { DomainError } from '#kernel/errors.ts';
import type { EventDraft } from '#kernel/events/event.ts';
import { declareEvent, told } from '#kernel/events/event-types.ts';
import { type EventRow, prepareEvents, writeEvents } from '#kernel/events/record.ts';
import type { Bucket } from '#kernel/limits.ts';
import { order } from './asked.ts';
import { LinkNotValid, LinkWantsSignIn, RegistrationClosed } from './self-service.errors.ts';
import {
  prepareInvitationAgain,
  preparePasswordReset,
  prepareRegistration,
} from './self-service.jobs.ts';
import { chosenPassword, linkToken, registration, resetRequest } from './self-service.model.ts';

const shapes = {
  resetRequest: z.strictObject(resetRequest),
  registration: z.strictObject(registration),
  linkToken: z.strictObject(linkToken),
  chosenPassword: z.strictObject(chosenPassword),
};

/** Throws `InvalidInput` for what is no address, and `RateLimited`. */
export function requestPasswordReset(ctx: Context, raw: unknown): Promise<void> {
  return refusable(ctx, 'password.request-reset', () =>
    order(ctx, preparePasswordReset, parse(shapes.resetRequest, raw)),
  );
}

/**
 * An account of one's own; where it takes an invitation, that one once more. Throws
 * `RegistrationClosed` beside what `requestPasswordReset` throws.
 */
export function register(ctx: Context, raw: unknown): Promise<void> {
  return refusable(ctx, 'user.register', async () => {
    const wish = parse(shapes.registration, raw);
    const policy = await signInPolicyOf(ctx);
    if (policy.registration === 'OFF') throw new RegistrationClosed();
    await order(ctx, REGISTRATIONS[policy.registration], wish);
  });
}

const REGISTRATIONS = { OPEN: prepareRegistration, INVITATION: prepareInvitationAgain };

/** What came of a link. */
export interface Owned {
  /** The user's address, in its canonical form. */
  readonly email: string;
  readonly endedSessions: number;
}

/** Throws `LinkNotValid`, or `InvalidInput` for a bad password, after which the link is still good. */
export function resetPassword(ctx: Context, raw: unknown): Promise<Owned> {
  return refusable(ctx, 'password.reset', () =>
    choosePassword(ctx, { purpose: 'RESET', type: 'password.reset' }, raw),
  );
}

/** The same, for a first password. */
export function acceptInvitation(ctx: Context, raw: unknown): Promise<Owned> {
  return refusable(ctx, 'invitation.accept', () =>
    choosePassword(ctx, { purpose: 'INVITATION', type: 'invitation.accept' }, raw),
  );
}

/**
 * An address is shown to be the user's; one that they asked for becomes theirs by it, while they are
 * signed in: else a click of its reader would be enough to give them somebody else's account. Throws
 * `LinkNotValid`, and `LinkWantsSignIn` or `EmailTaken`, after which the link is still good.
 */
export function verifyEmail(ctx: Context, raw: unknown): Promise<Owned> {
  return refusable(ctx, 'user.verify-email', async () => {
    const { token } = parse(shapes.linkToken, raw);
    const moving = await peekLink(ctx, 'CHANGE_EMAIL', token);
    if (moving && !isOwnLink(ctx, moving)) throw new LinkWantsSignIn();
    const purpose = moving ? 'CHANGE_EMAIL' : 'VERIFY_EMAIL';
    return spend(ctx, { purpose, type: 'user.verify-email' }, token, async (userId) => {
      if (moving) await moveAddress(ctx, userId, moving.emailKey);
      return 0;
    });
  });
}

/** Whether whoever is signed in here is the user of the link. */
export function isOwnLink({ actor }: Context, { userId }: LinkHolder): boolean {
  return actor.kind === 'user' && actor.id === userId;
}

async function moveAddress(ctx: Context, userId: string, email: string): Promise<void> {
  const before = await lockUser(ctx, userId, undefined);
  await changeUser(ctx, before, { email }, { verified: true });
}

interface Flow {
  readonly purpose: LinkPurpose;
  /** Of its event. */
  readonly type: string;
}

async function choosePassword(ctx: Context, flow: Flow, raw: unknown): Promise<Owned> {
  const { token, newPassword: password } = parse(shapes.chosenPassword, raw);
  const holder = await peekLink(ctx, flow.purpose, token);
  const person = holder && (await passwordOf(ctx, holder.userId));
  if (!person) throw new LinkNotValid();
  const rules = await tenantRulesOf(ctx);
  // Slow, and may find fault: before the link is spent.
  const hash = await whenAdmitted(ctx.signal, async (queue) => {
    await ctx.limits.consume(TRIES, `${ctx.tenantId} ${holder.userId} ${flow.purpose}`);
    return hashGoodPassword(ctx, rules, person, { password, path: 'newPassword', queue });
  });
  const owned = await spend(ctx, flow, token, (userId) =>
    replacePassword(ctx, userId, { hash, first: person.passwordHash === null }),
  );
  // Wrong passwords must not keep them out of what they have just set, nor from showing it once more.
  await forgiveGuesses(ctx, { address: owned.email });
  await forgiveGuesses(ctx, { userId: holder.userId });
  return owned;
}

/** A link that is still good makes us hash whatever it comes with. */
const TRIES: Bucket = { name: 'link-tries', counted: 'shared', points: 60, seconds: 3600 };

/** Whoever holds the link reads the mail of the address, so the address is theirs. */
async function spend(
  ctx: Context,
  { purpose, type }: Flow,
  token: string,
  run: (userId: string) => Promise<number>,
): Promise<Owned> {
  const { owned } = await ctx.db.transaction(
    async () => {
      const holder = await spendLink(ctx, purpose, token);
      if (!holder) throw new LinkNotValid();
      const { userId, emailKey: email } = holder;
      // Of the address to be, the change itself says so; the present one has been shown by nobody.
      if (purpose !== 'CHANGE_EMAIL')
        await ctx.db.query(VERIFY, [ctx.tenantId, userId, ctx.clock.now()]);
      const endedSessions = await run(userId);
      const targets = [{ type: 'user' as const, id: userId }];
      const drafts: EventDraft[] = [
        { type, severity: 'NOTICE', targets, details: { sessions: endedSessions } },
      ];
      if (purpose === 'CHANGE_EMAIL')
        drafts.push({ type: 'user.update', targets, details: { fields: ['email'] } });
      const rows = await prepareEvents(asPerson(ctx, userId), drafts);
      return { owned: { email, endedSessions }, rows };
    },
    {
      tenantId: ctx.tenantId,
      beforeCommit: ({ rows }: { rows: EventRow[] }) => [writeEvents(ctx, rows)],
    },
  );
  ctx.outbox.wake();
  return owned;
}

const VERIFY = `
UPDATE users SET email_verified = true, version = version + 1, updated_at = $3
WHERE tenant_id = $1 AND id = $2 AND NOT email_verified`;

declareEvent({
  name: 'password.request-reset',
  summary: 'A link to a new password was asked for.',
  about: ['user'],
});

declareEvent({
  name: 'password.reset',
  summary: 'A person chose a new password by a link.',
  severity: 'NOTICE',
  about: ['user'],
  tells: { sessions: told.sessions },
});

declareEvent({ name: 'user.register', summary: 'A stranger asked for an account.' });

declareEvent({
  name: 'user.verify-email',
  summary: 'A person showed that an address is theirs.',
  severity: 'NOTICE',
  tells: { sessions: told.sessions },
});

declareEvent({
  name: 'invitation.accept',
  summary: 'A person chose their first password.',
  severity: 'NOTICE',
  about: ['user'],
  tells: { sessions: told.sessions },
});

/** A refusal is the same event. Input that is not acceptable is none, as for commands. */
async function refusable<T>(ctx: Context, type: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const refused = error instanceof DomainError && error.status < 500 && error.status !== 422;
    if (refused) await ctx.refusals.record(ctx, type, error.code);
    throw error;
  }
}
