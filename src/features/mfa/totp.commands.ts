/**
 * Codes of an authenticator app (RFC 6238: six digits, steps of 30 seconds, HMAC-SHA-1). A code is
 * good in its own step and its two neighbours, and once: the step that was accepted is stored, and
 * neither it nor an older one is accepted again, whichever instance is asked.
 */
import { randomBytes } from 'node:crypto';
import { createGuardrails, generateURI, ScureBase32Plugin, verifySync } from 'otplib';
import { toString as drawQr } from 'qrcode';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { getUser } from '#features/users/users.queries.ts';
import type { Context } from '#kernel/context.ts';
import { type BackupCodes, storeFirstCodes } from './backup-codes.commands.ts';
import { recordConfirmed } from './factor-changes.ts';
import {
  addPending,
  advanceStep,
  confirm,
  lockUser,
  openConfirmed,
  openPending,
} from './factors.store.ts';
import { countGuess } from './guesses.ts';
import { type Guess, sixDigits, type Verdict } from './mfa.model.ts';
import { hasNothingElse } from './mfa.policy.ts';

export interface EnrolledTotp {
  readonly factorId: string;
  /** Base32, to be typed in. Shown once, like the other two. */
  readonly secret: string;
  /** `otpauth://totp/...`, to be opened on the same device. */
  readonly uri: string;
  /** The same as a picture: SVG. */
  readonly qr: string;
}

/** RFC 4226 section 4 R6 asks for 128 bits and recommends 160. */
const SECRET_BYTES = 20;
const STEP_SECONDS = 30;
/** Many older systems gave authenticator apps 80 bits; ours have 160. */
const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10 });
const base32 = new ScureBase32Plugin();

/** Adds a factor that waits for its first code. Throws `UserNotFound` or `TooManyFactors`. */
export async function enrolTotp(ctx: Context, userId: string, name: string): Promise<EnrolledTotp> {
  const seed = randomBytes(SECRET_BYTES);
  const [user, tenant] = await Promise.all([getUser(ctx, userId), getTenant(ctx, ctx.tenantId)]);
  if (!user) throw new UserNotFound();
  const factorId = await addPending(ctx, { userId, kind: 'TOTP', name, secret: seed });
  const secret = base32.encode(seed);
  const uri = generateURI({ issuer: label(tenant?.name ?? 'Signet'), label: user.email, secret });
  return { factorId, secret, uri, qr: await drawQr(uri, { type: 'svg', margin: 2 }) };
}

export interface FirstCode {
  readonly factorId: string;
  /** As it was typed. */
  readonly code: string;
  /** Methods (`amr`) that this sign-in has shown. */
  readonly shown: readonly string[];
  /** What `makeBackupCodes` made, since it is slow: for whoever has no backup codes. */
  readonly made: BackupCodes | null;
}

export interface FirstFactor {
  /** False: wrong, nothing waits for it, or the person has a factor by now. */
  readonly ok: boolean;
  /** Shown once; null when the person has some already. */
  readonly backupCodes: readonly string[] | null;
}

/**
 * The first code of the first factor, in a sign-in that asked for one; it signs nobody in any more.
 * Does what `mfa.confirm` does for people who are signed in: ends their sessions, tells them, records
 * it and stores their backup codes.
 */
export async function confirmTotp(
  ctx: Context,
  userId: string,
  { factorId, code, shown, made }: FirstCode,
): Promise<FirstFactor> {
  const step = await pendingStep(ctx, userId, factorId, code);
  if (step === null) return NOT_CONFIRMED;
  return ctx.db.transaction(async () => {
    await lockUser(ctx, userId);
    // Beside a factor that this sign-in has not shown, such as one that came meanwhile, it adds none.
    if (!(await hasNothingElse(ctx, userId, shown))) return NOT_CONFIRMED;
    if (!(await confirm(ctx, userId, factorId, step))) return NOT_CONFIRMED;
    const backupCodes = await storeFirstCodes(ctx, userId, made);
    await recordConfirmed(ctx, userId, { factorId, kind: 'TOTP' });
    return { ok: true, backupCodes };
  });
}

const NOT_CONFIRMED: FirstFactor = { ok: false, backupCodes: null };

/** The time step whose code this is, of a factor that waits; null: wrong, or nothing waits for it. */
export async function pendingStep(
  ctx: Context,
  userId: string,
  factorId: string,
  code: string,
): Promise<number | null> {
  const digits = sixDigits(code);
  const pending = digits && (await openPending(ctx, userId, factorId, 'TOTP'));
  return pending ? stepOf(ctx, pending.secret, digits) : null;
}

/** Throws `RateLimited`. Not inside a transaction: what is counted must stay counted. */
export async function verifyTotp(
  ctx: Context,
  { userId, code, spendGuess }: Guess,
): Promise<Verdict> {
  const digits = sixDigits(code);
  if (digits === null) return { ok: false, reason: 'WRONG' };
  if (!(await spendGuess())) return { ok: false, reason: 'SPENT' };
  const guess = await countGuess(ctx, userId);
  let known = false;
  for (const { id, secret } of await openConfirmed(ctx, userId, 'TOTP')) {
    const step = stepOf(ctx, secret, digits);
    if (step === null) continue;
    known = true;
    if (!(await advanceStep(ctx, id, step))) continue;
    await guess.right();
    return { ok: true, factorId: id, amr: ['otp'] };
  }
  return { ok: false, reason: known ? 'USED' : 'WRONG' };
}

/** The time step whose code this is, now or one to either side; else null. */
function stepOf(ctx: Context, secret: Buffer, token: string): number | null {
  const epoch = Math.floor(ctx.clock.ms() / 1000);
  const result = verifySync({ secret, token, epoch, epochTolerance: STEP_SECONDS, guardrails });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

/** The bytes of a seed that somebody else wrote down; null when they are none, too few or too many. */
export function readSeed(
  text: string,
  form: 'BASE64' | 'BASE64_OF_BASE32' | 'BASE32',
): Buffer | null {
  if (form === 'BASE64') return seedOf(Buffer.from(text, 'base64'));
  const shown = form === 'BASE32' ? text : Buffer.from(text, 'base64').toString('latin1');
  const digits = shown.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase();
  if (!/^[A-Z2-7]+$/.test(digits)) return null;
  try {
    return seedOf(Buffer.from(base32.decode(digits)));
  } catch {
    return null;
  }
}

function seedOf(bytes: Buffer): Buffer | null {
  return bytes.length >= 10 && bytes.length <= 64 ? bytes : null;
}

/** A colon would end the issuer within the label. */
function label(name: string): string {
  return name.replaceAll(':', ' ');
}
