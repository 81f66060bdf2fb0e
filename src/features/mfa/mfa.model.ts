/** Second factors: their kinds, shapes and limits, and what looking at an answer can find. */
import { z } from 'zod';
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';
import { line } from '#kernel/text.ts';

declareScope('mfa:read', 'Read which second factors people have, never their secrets');
declareScope('mfa:write', 'Revoke second factors, and import those of an older system');

export type FactorKind = 'TOTP' | 'EMAIL' | 'SMS' | 'PASSKEY';

/** What may be shown of a factor that is confirmed. */
export interface FactorRow {
  readonly tenantId: string;
  readonly id: string;
  readonly userId: string;
  readonly kind: FactorKind;
  readonly name: string;
  /** Null for all but passkeys. */
  readonly backedUp: boolean | null;
  readonly createdAt: Date;
  readonly confirmedAt: Date;
  readonly lastUsedAt: Date | null;
}

export const factorKind = z.enum(['TOTP', 'EMAIL', 'SMS', 'PASSKEY']).meta({
  id: 'FactorKind',
  description:
    'TOTP: codes of an authenticator app. EMAIL and SMS: codes that are sent. PASSKEY: a passkey or a hardware key.',
});

export const factorId = id('factor').describe('The factor.');

export const factorName = line(60).describe('What the person calls it.');

export const factorAddress = z
  .string()
  .max(320)
  .nullish()
  .describe(
    "Where codes are sent. EMAIL: an address, the account's own when left out. SMS: a number such as +4915112345678.",
  );

/** A number as networks write it, without what people group it with; null when it is none. */
export function e164(typed: string): string | null {
  const number = typed.replace(/[\s().-]/g, '');
  return /^\+[1-9][0-9]{6,14}$/.test(number) ? number : null;
}

/** Of one user, in all and of those that every guessed code is compared with. */
export const MAX_FACTORS = 20;
export const MAX_TOTP = 5;
/** A factor that nobody confirms is forgotten. */
export const PENDING_MS = 3_600_000;

/** What came of an answer to a second factor. */
export type Verdict = Right | Wrong;

export interface Right {
  readonly ok: true;
  /** Null for a backup code. */
  readonly factorId: string | null;
  /** Methods of RFC 8176. */
  readonly amr: readonly string[];
}

export interface Wrong {
  readonly ok: false;
  readonly reason: WrongReason;
}

/**
 * For the log, never for the person. USED: right, but it was good once. SPENT: not looked at, since
 * nothing waits for an answer or there were too many. COPIED: a passkey whose counter did not grow.
 */
export type WrongReason = 'WRONG' | 'USED' | 'SPENT' | 'COPIED';

/** Counts one answer before it is looked at; false: this sign-in has no more. */
export type SpendGuess = () => Promise<boolean>;

/** An answer that no challenge of its own waits for. */
export interface Guess {
  readonly userId: string;
  /** As it was typed. */
  readonly code: string;
  readonly spendGuess: SpendGuess;
}

/** Six digits, however they were grouped; null for anything else. */
export function sixDigits(typed: string): string | null {
  const digits = typed.replace(/[\s-]/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}
