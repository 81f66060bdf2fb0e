/**
 * From when on a factor of a person's own counts, and from when on it does not any more. What an
 * answer is worth is found out before the transaction, so that it stays counted and spent; a wrong
 * one is refused inside, where a request that is repeated is told what it was told before.
 */

import { z } from 'zod';
import { signInPolicyOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { told } from '#kernel/events/event-types.ts';
import { makeBackupCodes, storeFirstCodes } from './backup-codes.commands.ts';
import { dropBackupCodes, hasBackupCodes } from './backup-codes.store.ts';
import { type Counted, spendChallenge } from './challenges.store.ts';
import { endOtherSessions, tellAboutFactors } from './factor-changes.ts';
import { confirm, countConfirmed, deleteFactors, lockUser, pendingKind } from './factors.store.ts';
import { FactorNotFound, FactorRequired, PasskeyTaken, WrongAnswer } from './mfa.errors.ts';
import { type FactorKind, type FactorRow, factorId, factorKind } from './mfa.model.ts';
import { assertMayChangeOwn, factorDemand, mayChangeOwn, OWN } from './mfa.policy.ts';
import { factorsById } from './mfa.queries.ts';
import { matchCode } from './one-time-codes.commands.ts';
import { checkRegistration } from './passkey-ceremonies.ts';
import { confirmPasskey, type NewPasskey } from './passkeys.store.ts';
import { pendingStep } from './totp.commands.ts';

/** What a right answer showed. */
type Proof =
  | { readonly kind: 'TOTP'; readonly step: number }
  | { readonly kind: 'EMAIL' | 'SMS'; readonly challenge: Counted }
  | { readonly kind: 'PASSKEY'; readonly passkey: NewPasskey };

export interface ConfirmedFactor {
  readonly factor: FactorRow;
  /** Shown once, with the first factor that is more than a mailbox. */
  readonly backupCodes: readonly string[] | null;
  readonly sessions: number;
}

const own = ({ id }: { id: string }) => [{ type: 'factor' as const, id }];

export const confirmFactor = command({
  name: 'mfa.confirm',
  summary:
    "Confirms a new factor of the caller's own by its first code, or by the authenticator's answer. Ends their other sessions; with the first factor that is none by e-mail come backup codes.",
  access: OWN,
  severity: 'NOTICE',
  input: z.strictObject({
    id: factorId,
    code: z.string().max(64).optional().describe('For TOTP, EMAIL and SMS: the six digits.'),
    credential: z
      .record(z.string(), z.json())
      .optional()
      .describe('For PASSKEY: what navigator.credentials.create answered, in its JSON form.'),
  }),
  errors: [UserNotFound, FactorNotFound, WrongAnswer, PasskeyTaken],
  targets: ({ factor }: ConfirmedFactor) => [...own(factor), { type: 'user', id: factor.userId }],
  refusedTargets: own,
  about: ['factor', 'user'],
  tells: { kind: factorKind, sessions: told.sessions },
  details: ({ factor, sessions }) => ({ kind: factor.kind, sessions }),
  async prepare(ctx, input) {
    const userId = await assertMayChangeOwn(ctx, 'mfa.confirm');
    const kind = await pendingKind(ctx, userId, input.id);
    const proof = kind && (await proofOf(ctx, { userId, kind, ...input }));
    const first = proof && kind !== 'EMAIL' && !(await hasBackupCodes(ctx, userId));
    return { userId, kind, proof, made: first ? await makeBackupCodes() : null };
  },
  async run(ctx, { id }, { userId, kind, proof, made }): Promise<ConfirmedFactor> {
    if (!kind) throw new FactorNotFound();
    await lockUser(ctx, userId);
    // A factor came since: whoever knows no more than the password is told, on trying again, what else to show.
    if (!(await mayChangeOwn(ctx))) throw new WrongAnswer();
    if (!proof || !(await take(ctx, userId, id, proof))) throw new WrongAnswer();
    const [factor] = await factorsById(ctx, [id]);
    const backupCodes = await storeFirstCodes(ctx, userId, made);
    const sessions = await endOtherSessions(ctx, userId);
    await tellAboutFactors(ctx, userId, 'factor-added', [kind]);
    return { factor: factor as FactorRow, backupCodes, sessions };
  },
});

interface Given {
  readonly userId: string;
  readonly id: string;
  readonly kind: FactorKind;
  readonly code?: string | undefined;
  readonly credential?: unknown;
}

async function proofOf(ctx: Context, given: Given): Promise<Proof | null> {
  const { userId, id, kind, code = '', credential } = given;
  if (kind === 'TOTP') {
    const step = await pendingStep(ctx, userId, id, code);
    return step === null ? null : { kind, step };
  }
  if (kind === 'PASSKEY') {
    const passkey = await checkRegistration(ctx, userId, id, credential);
    return passkey && { kind, passkey };
  }
  const asked = { userId, flowId: null, purpose: 'ENROL', kind } as const;
  const answer = await matchCode(ctx, asked, code);
  if (!answer.ok || answer.challenge.factorId !== id) return null;
  return { kind, challenge: answer.challenge };
}

async function take(ctx: Context, userId: string, id: string, proof: Proof): Promise<boolean> {
  if (proof.kind === 'TOTP') return confirm(ctx, userId, id, proof.step);
  if (proof.kind === 'PASSKEY') return confirmPasskey(ctx, userId, id, proof.passkey);
  return (await spendChallenge(ctx, proof.challenge)) && confirm(ctx, userId, id, null);
}

export interface RemovedFactor {
  readonly userId: string;
  readonly id: string;
  readonly kind: FactorKind;
  readonly sessions: number;
}

export const removeFactor = command({
  name: 'mfa.remove',
  summary: "Removes a factor of the caller's own and ends their other sessions.",
  access: OWN,
  severity: 'NOTICE',
  input: z.strictObject({ id: factorId }),
  errors: [UserNotFound, FactorNotFound, FactorRequired],
  targets: ({ id, userId }: RemovedFactor) => [...own({ id }), { type: 'user', id: userId }],
  refusedTargets: own,
  about: ['factor', 'user'],
  tells: { kind: factorKind, sessions: told.sessions },
  details: ({ kind, sessions }) => ({ kind, sessions }),
  prepare: (ctx) => assertMayChangeOwn(ctx, 'mfa.remove'),
  async run(ctx, { id }, userId): Promise<RemovedFactor> {
    await lockUser(ctx, userId);
    // A factor came since; to this caller there was none.
    if (!(await mayChangeOwn(ctx))) throw new FactorNotFound();
    const [gone] = await deleteFactors(ctx, userId, id);
    if (!gone) throw new FactorNotFound();
    if (!gone.confirmed) return { userId, id, kind: gone.kind, sessions: 0 };
    const { all, strong } = await countConfirmed(ctx, userId);
    const wanted =
      strong === 0 ? await factorDemand(ctx, await signInPolicyOf(ctx), userId) : 'NONE';
    const isLast = wanted === 'STRONG' ? gone.kind !== 'EMAIL' || all === 0 : all === 0;
    if (wanted !== 'NONE' && isLast) throw new FactorRequired();
    if (strong === 0) await dropBackupCodes(ctx, userId);
    const sessions = await endOtherSessions(ctx, userId);
    await tellAboutFactors(ctx, userId, 'factor-removed', [gone.kind]);
    return { userId, id, kind: gone.kind, sessions };
  },
});
