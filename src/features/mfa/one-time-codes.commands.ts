/**
 * Codes that are sent: by e-mail to an address, by text message to a number, both kept sealed with
 * the factor. A code belongs to one person, one sign-in and one purpose; a newer one ends the older.
 */
import { randomInt } from 'node:crypto';
import { UserNotFound } from '#features/users/users.errors.ts';
import { getUser } from '#features/users/users.queries.ts';
import type { Context } from '#kernel/context.ts';
import { whenAdmitted } from '#kernel/crypto/hashing-queue.ts';
import {
  type Asked,
  type Counted,
  countAnswer,
  putChallenge,
  spendChallenge,
} from './challenges.store.ts';
import { countSending, hintOf, mailCode, textCode } from './code-deliveries.ts';
import { hashCode, isCodeOf, newSalt, PASSING } from './code-hashes.ts';
import { addPending, markUsed, type Opened, openConfirmed, openPending } from './factors.store.ts';
import { countGuess } from './guesses.ts';
import { FactorKindNotOffered, FactorNotFound } from './mfa.errors.ts';
import { sixDigits, type Verdict, type Wrong } from './mfa.model.ts';
import { MAILED } from './mfa.policy.ts';

export type SentKind = 'EMAIL' | 'SMS';

export interface CodeAsked extends Asked {
  readonly userId: string;
  readonly kind: SentKind;
}

export interface SentCode {
  /** Where to look: `a•••@example.com`. */
  readonly sentTo: string;
  readonly expiresAt: Date;
}

export interface NewAddress {
  readonly kind: SentKind;
  readonly name: string;
  /** An e-mail address in its canonical form, or a number in E.164. */
  readonly address: string;
}

/** Adds a factor that waits for its first code. Throws `UserNotFound`, `TooManyFactors`, `FactorKindNotOffered`. */
export function enrolAddress(
  ctx: Context,
  userId: string,
  { kind, name, address }: NewAddress,
): Promise<string> {
  if (kind === 'SMS' && !ctx.sms) throw new FactorKindNotOffered();
  return addPending(ctx, { userId, kind, name, secret: address });
}

/**
 * Sends a code to the factor, or to the person's first one of this kind; for ENROL to the one that
 * waits. Throws `FactorNotFound`, `RateLimited`, `Unavailable`. Not inside a transaction.
 */
export async function sendCode(
  ctx: Context,
  asked: CodeAsked,
  factorId: string | null = null,
): Promise<SentCode> {
  const [user, factor] = await Promise.all([
    getUser(ctx, asked.userId),
    factorFor(ctx, asked, factorId),
  ]);
  if (!user) throw new UserNotFound();
  if (!factor) throw new FactorNotFound();
  if (asked.kind === 'SMS' && !ctx.sms) throw new FactorKindNotOffered();
  const to = factor.secret.toString();
  const code = newCode();
  const hash = await hashCode(code, PASSING, newSalt());
  await countSending(ctx, { ...asked, to });
  const delivery = await ctx.db.transaction(async () => {
    const challenge = await putChallenge(ctx, { ...asked, hash, factorId: factor.id });
    const made = { user, to, code, challenge };
    if (asked.kind === 'EMAIL') await mailCode(ctx, made);
    return made;
  });
  if (asked.kind === 'SMS') await textCode(ctx, delivery);
  return { sentTo: hintOf(to), expiresAt: delivery.challenge.expiresAt };
}

async function factorFor(
  ctx: Context,
  { userId, kind, purpose }: CodeAsked,
  factorId: string | null,
): Promise<Opened | null> {
  if (purpose === 'ENROL')
    return factorId === null ? null : openPending(ctx, userId, factorId, kind);
  const factors = await openConfirmed(ctx, userId, kind);
  return factors.find(({ id }) => factorId === null || id === factorId) ?? null;
}

/** Throws `RateLimited` or `Unavailable`. Not inside a transaction: what is counted must stay counted. */
export async function verifyCode(ctx: Context, asked: CodeAsked, code: string): Promise<Verdict> {
  const answer = await matchCode(ctx, asked, code);
  if (!answer.ok) return answer;
  const { challenge } = answer;
  if (!(await spendChallenge(ctx, challenge))) return { ok: false, reason: 'USED' };
  const { factorId } = challenge;
  if (factorId !== null) await markUsed(ctx, factorId);
  return { ok: true, factorId, amr: asked.kind === 'SMS' ? ['sms'] : ['otp', MAILED] };
}

export type Answer =
  /** The code is right; whoever takes it must spend the challenge. */
  { readonly ok: true; readonly challenge: Counted } | Wrong;

/** Counts the answer and looks at it; spends nothing. Throws like `verifyCode`. */
export async function matchCode(ctx: Context, asked: CodeAsked, code: string): Promise<Answer> {
  const digits = sixDigits(code);
  if (digits === null) return { ok: false, reason: 'WRONG' };
  return whenAdmitted(ctx.signal, async (admitted) => {
    const challenge = await countAnswer(ctx, asked);
    if (!challenge) return { ok: false, reason: 'SPENT' };
    const guess = await countGuess(ctx, asked.userId);
    if (!(await isCodeOf(digits, challenge.hash, admitted))) return { ok: false, reason: 'WRONG' };
    await guess.right();
    return { ok: true, challenge };
  });
}

/** Six digits, each as likely as any other, leading zeros kept (ASVS 6.5.4). */
export function newCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}
