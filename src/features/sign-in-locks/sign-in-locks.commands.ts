/**
 * Unlocking: an administrator forgives what was guessed at an account. This room owns what of a
 * sign-in is closed by wrong answers; how many are too many belongs to passwords and second factors.
 */
import { z } from 'zod';
import { forgiveSecondFactors } from '#features/mfa/revocations.commands.ts';
import { forgiveGuesses } from '#features/passwords/passwords.commands.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers } from '#features/roles/roles.policy.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { type UserRow, userId } from '#features/users/users.model.ts';
import { getUser, holdUser } from '#features/users/users.queries.ts';
import { command } from '#kernel/commands/command.ts';
import type { SignInLock } from './sign-in-locks.model.ts';
import { signInLocksOf } from './sign-in-locks.queries.ts';

interface Unlocked {
  readonly user: UserRow;
  /** What was closed. */
  readonly before: SignInLock | undefined;
}

const target = (id: string) => [{ type: 'user' as const, id }];

export const unlockUser = command({
  name: 'user.unlock',
  summary:
    "Forgets the wrong passwords and wrong codes of a user: what they closed is open within a second. Nothing else of the user's changes.",
  scope: 'users:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: userId }),
  errors: [UserNotFound, OutranksCaller],
  targets: ({ user }: Unlocked) => target(user.id),
  refusedTargets: ({ id }) => target(id),
  tells: {
    passwords: z.boolean().describe('Whether passwords were locked.'),
    secondFactors: z.boolean().describe('Whether second factors were locked.'),
  },
  details: ({ before }) => ({
    passwords: before?.passwordsUntil != null,
    secondFactors: before?.secondFactorsUntil != null,
  }),
  async run(ctx, { id }): Promise<Unlocked> {
    await holdUser(ctx, id);
    const user = await getUser(ctx, id);
    if (!user) throw new UserNotFound();
    await assertMayChangeUsers(ctx, [id]);
    const [before] = await signInLocksOf(ctx, [user]);
    // Part of the transaction: what is forgiven is recorded, or it is not forgiven.
    await forgiveGuesses(ctx, { address: user.email });
    await forgiveGuesses(ctx, { userId: id });
    await forgiveSecondFactors(ctx, id);
    return { user, before };
  },
});
