/**
 * Passwords: something that a person knows. This room owns how they are stored, checked and changed,
 * and which are good enough; nobody but the person ever sets or reads one.
 */

import { z } from 'zod';
import { queueMessage } from '#features/messages/messages.commands.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers } from '#features/roles/roles.policy.ts';
import { endPasswordLinks, mailLink } from '#features/self-service/mailed-links.commands.ts';
import { endSessions } from '#features/sessions/sessions.commands.ts';
import { holdSession } from '#features/sessions/sessions.queries.ts';
import { endOpenSignIns } from '#features/sign-in/open-sign-ins.commands.ts';
import { accountById, holdAccount, isPasswordOf } from '#features/sign-in/sign-in.queries.ts';
import {
  type TenantRules,
  tenantRulesOf,
} from '#features/sign-in-policies/sign-in-policies.queries.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { type UserRow, userId } from '#features/users/users.model.ts';
import { getUser, holdUser } from '#features/users/users.queries.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { processQueue, type Queue } from '#kernel/crypto/hashing-queue.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { hashPassword } from './password-hashes.ts';
import { type Claimed, forgive } from './password-limits.ts';
import { WrongPassword } from './passwords.errors.ts';
import { newPassword, SAME_AS_BEFORE } from './passwords.model.ts';
import {
  checkPassword,
  costOf,
  faultsOf,
  isOwnPassword,
  type NamedPerson,
  type PasswordOwner,
} from './passwords.queries.ts';
import { standIn } from './stand-ins.queries.ts';

/**
 * The hash of a password that is good enough. Throws `InvalidInput` at `path`, `Unavailable` when too
 * many wait in `queue`.
 */
export async function hashGoodPassword(
  ctx: Context,
  rules: TenantRules,
  person: NamedPerson,
  { password, path, queue = processQueue }: { password: string; path: string; queue?: Queue },
): Promise<string> {
  const problems = await faultsOf(ctx, rules, person, password);
  if (problems.length > 0)
    throw new InvalidInput(problems.map((problem) => ({ path, ...problem })));
  return hashPassword(password, costOf(rules.policy), { queue, signal: ctx.signal });
}

/**
 * The same, where it takes the place of a password that others may know. Throws `InvalidInput` also
 * when it is the one that was there.
 */
export async function hashOtherPassword(
  ctx: Context,
  rules: TenantRules,
  person: NamedPerson & PasswordOwner,
  asked: { password: string; path: string },
): Promise<string> {
  const hash = await hashGoodPassword(ctx, rules, person, asked);
  if (await isOwnPassword(ctx, rules.policy, person, asked.password))
    throw new InvalidInput([{ path: asked.path, ...SAME_AS_BEFORE }]);
  return hash;
}

/** Stores what `hashGoodPassword` made. Part of the transaction that is open. */
export async function storePassword(ctx: Context, userId: string, hash: string): Promise<void> {
  // Whoever starts a session by the old one holds this lock: they are before us, and end, or after.
  await holdUser(ctx, userId);
  await ctx.db.query(
    `INSERT INTO passwords (tenant_id, user_id, hash, set_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, user_id)
     DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at, must_change = false`,
    [ctx.tenantId, userId, hash, ctx.clock.now()],
  );
}

/**
 * A new password, and the end of all that stood on the old one: sessions but `keep`, sign-ins under
 * way, links; the person is told unless it is their first. Part of the transaction that is open.
 * Answers how many sessions have ended.
 */
export async function replacePassword(
  ctx: Context,
  userId: string,
  { hash, keep = null, first = false }: { hash: string; keep?: string | null; first?: boolean },
): Promise<number> {
  await storePassword(ctx, userId, hash);
  const ended = await endSessions(ctx, userId, 'PASSWORD_CHANGED', keep);
  await endOpenSignIns(ctx, userId);
  await endPasswordLinks(ctx, userId);
  if (!first) await tellOfNewPassword(ctx, userId);
  return ended.length;
}

/** What was guessed at an account. */
export function forgiveGuesses(ctx: Context, who: Claimed): Promise<void> {
  return forgive(ctx, who);
}

interface Changed {
  readonly userId: string;
  readonly sessions: number;
}

export const changePassword = command({
  name: 'password.change',
  summary: "Changes the caller's own password and ends their other sessions.",
  access: { scopes: [[]], person: true },
  severity: 'NOTICE',
  input: z.strictObject({
    currentPassword: z.string().describe('The password until now.'),
    newPassword,
  }),
  errors: [WrongPassword],
  targets: ({ userId }: Changed) => [{ type: 'user' as const, id: userId }],
  about: ['user'],
  tells: { sessions: told.sessions },
  details: ({ sessions }) => ({ sessions }),
  async prepare(ctx, input) {
    const rules = await tenantRulesOf(ctx);
    const person = await accountById(ctx, ctx.actor.id ?? '');
    const asked = {
      who: { userId: ctx.actor.id ?? '' },
      find: async (place: number) => ({ owner: person, like: await standIn(ctx, place) }),
    };
    const shown = await checkPassword(ctx, rules.policy, asked, input.currentPassword);
    if (!person || !shown) throw new WrongPassword();
    await shown.uncount();
    return {
      userId: person.userId,
      setAt: person.passwordSetAt?.toISOString() ?? '',
      hash: await hashGoodPassword(ctx, rules, person, {
        password: input.newPassword,
        path: 'newPassword',
      }),
    };
  },
  async run(ctx, _input, { userId, setAt, hash }): Promise<Changed> {
    const keep = ctx.actor.authentication?.sessionId ?? null;
    // What was shown must still hold: a reset that came meanwhile ended both, and stays.
    const account = await holdAccount(ctx, userId);
    if (!account || !isPasswordOf(account, setAt) || !(await holdSession(ctx, keep)))
      throw new WrongPassword();
    return { userId, sessions: await replacePassword(ctx, userId, { hash, keep }) };
  },
});

/** To the person (ASVS 6.3.7). Part of the transaction that is open. */
async function tellOfNewPassword(ctx: Context, id: string): Promise<void> {
  const person = await getUser(ctx, id);
  if (!person) throw new Error('a new password is that of a user');
  await queueMessage(ctx, {
    template: 'password-changed',
    to: { address: person.email },
    user: id,
    locale: person.locale,
    parameters: {},
  });
}

interface ResetRequired extends Changed {
  readonly user: UserRow;
  readonly linkSent: boolean;
}

/** All that administrators can do about a password (ASVS 6.4.6). */
export const requireReset = command({
  name: 'password.require-reset',
  summary:
    "Takes a user's password away, ends their sessions and every link to choose one, and sends them a new one.",
  scope: 'users:write',
  severity: 'WARNING',
  input: z.strictObject({ id: userId }),
  errors: [UserNotFound, OutranksCaller],
  targets: ({ userId: id }: ResetRequired) => [{ type: 'user' as const, id }],
  refusedTargets: ({ id }) => [{ type: 'user' as const, id }],
  about: ['user'],
  tells: { sessions: told.sessions, linkSent: told.linkSent },
  details: ({ sessions, linkSent }) => ({ sessions, linkSent }),
  async run(ctx, { id }): Promise<ResetRequired> {
    const here = [ctx.tenantId, id];
    await holdUser(ctx, id);
    const user = await getUser(ctx, id);
    if (!user) throw new UserNotFound();
    await assertMayChangeUsers(ctx, [id]);
    await ctx.db.query('DELETE FROM passwords WHERE tenant_id = $1 AND user_id = $2', here);
    const ended = await endSessions(ctx, id, 'PASSWORD_CHANGED');
    await endOpenSignIns(ctx, id);
    // Whoever holds an older link must not choose the next password. An older reset ends by the new
    // one; where there is none, an administrator ordered that reset just now, and it stays.
    await endPasswordLinks(ctx, id, ['INVITATION', 'CHANGE_EMAIL']);
    const linkSent =
      user.status === 'ACTIVE' && (await mailLink(ctx, 'RESET', user, { by: 'ADMINISTRATOR' }));
    return { userId: id, user, sessions: ended.length, linkSent };
  },
});
