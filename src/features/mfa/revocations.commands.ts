/** What administrators may do about a person's factors: take them away. Nobody is ever shown a secret. */

import { z } from 'zod';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers } from '#features/roles/roles.policy.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { userId } from '#features/users/users.model.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import type { Target } from '#kernel/events/event.ts';
import { told } from '#kernel/events/event-types.ts';
import { dropBackupCodes } from './backup-codes.store.ts';
import { endOtherSessions, tellAboutFactors } from './factor-changes.ts';
import { countConfirmed, deleteFactors, lockUser } from './factors.store.ts';
import { forgive } from './guesses.ts';
import { FactorNotFound } from './mfa.errors.ts';
import { type FactorKind, factorId, factorKind } from './mfa.model.ts';

export interface RevokedFactors {
  readonly userId: string;
  readonly ids: readonly string[];
  readonly kinds: readonly FactorKind[];
  readonly sessions: number;
}

const targetsOf = (userId: string, factors: readonly string[]): Target[] => [
  { type: 'user', id: userId },
  ...factors.map((id) => ({ type: 'factor' as const, id })),
];

export const revokeFactors = command({
  name: 'mfa.revoke',
  summary:
    'Takes one factor of a user away, or all of them with the backup codes, and ends their sessions.',
  scope: 'mfa:write',
  severity: 'WARNING',
  input: z.strictObject({
    userId,
    factorId: factorId.optional().describe('The factor; all of them when left out.'),
  }),
  errors: [UserNotFound, FactorNotFound, OutranksCaller],
  targets: (out: RevokedFactors) => targetsOf(out.userId, out.ids),
  refusedTargets: (input) => targetsOf(input.userId, input.factorId ? [input.factorId] : []),
  about: ['factor', 'user'],
  tells: { kinds: z.array(factorKind), sessions: told.sessions },
  details: ({ kinds, sessions }) => ({ kinds: [...kinds], sessions }),
  async run(ctx, input): Promise<RevokedFactors> {
    await lockUser(ctx, input.userId);
    await assertMayChangeUsers(ctx, [input.userId]);
    const gone = await deleteFactors(ctx, input.userId, input.factorId ?? null);
    if (input.factorId && gone.length === 0) throw new FactorNotFound();
    const { strong } = await countConfirmed(ctx, input.userId);
    if (strong === 0) await dropBackupCodes(ctx, input.userId);
    const kinds = gone.filter(({ confirmed }) => confirmed).map(({ kind }) => kind);
    const sessions = kinds.length > 0 ? await endOtherSessions(ctx, input.userId) : 0;
    await tellAboutFactors(ctx, input.userId, 'factor-removed', kinds);
    return { userId: input.userId, ids: gone.map(({ id }) => id), kinds, sessions };
  },
});

/** The wrong codes of a user are forgotten. Part of the transaction that is open. */
export function forgiveSecondFactors(ctx: Context, userId: string): Promise<void> {
  return forgive(ctx, userId);
}
