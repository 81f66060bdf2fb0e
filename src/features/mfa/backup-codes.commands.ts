/**
 * Backup codes: ten on a sheet of paper, each good once, for whoever has lost their factors. New ones
 * end the old. They pass for two factors, so they come with the first one that is more than a mailbox,
 * and go with the last. The codes of a set share their salt, so that a guess costs one hash and not ten.
 */
import { randomInt } from 'node:crypto';
import type { Context } from '#kernel/context.ts';
import { type Queue, whenAdmitted } from '#kernel/crypto/hashing-queue.ts';
import {
  anyBackupHash,
  dropBackupCodes,
  hasBackupCodes,
  insertBackupCodes,
  spendBackupCode,
} from './backup-codes.store.ts';
import { hashCode, hashLike, LASTING, newSalt } from './code-hashes.ts';
import { lockUser } from './factors.store.ts';
import { countGuess } from './guesses.ts';
import type { Guess, Verdict } from './mfa.model.ts';

export interface BackupCodes {
  /** Shown once: `7k3fa-x9q2m`. */
  readonly codes: readonly string[];
  readonly hashes: readonly string[];
}

const COUNT = 10;
/** Crockford's base32 leaves out i, l, o and u: 50 bits in ten characters. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 10;

/** The slow part, before any transaction. Throws `Unavailable` when too many wait for hashing, but not whoever is `admitted`. */
export async function makeBackupCodes(queue?: Queue): Promise<BackupCodes> {
  const salt = newSalt();
  const plain = new Set<string>();
  while (plain.size < COUNT) plain.add(randomCode());
  const hashes = await Promise.all([...plain].map((code) => hashCode(code, LASTING, salt, queue)));
  return { codes: [...plain].map(grouped), hashes };
}

/** Takes the place of the set that the user had. Throws `UserNotFound`. */
export function storeBackupCodes(
  ctx: Context,
  userId: string,
  { hashes }: BackupCodes,
): Promise<void> {
  return ctx.db.transaction(async () => {
    await lockUser(ctx, userId);
    await dropBackupCodes(ctx, userId);
    await insertBackupCodes(ctx, userId, hashes);
  });
}

/** Null, and nothing stored, when another request was faster. The caller holds the user's row. */
export async function storeFirstCodes(
  ctx: Context,
  userId: string,
  made: BackupCodes | null,
): Promise<readonly string[] | null> {
  if (!made || (await hasBackupCodes(ctx, userId))) return null;
  await storeBackupCodes(ctx, userId, made);
  return made.codes;
}

/** Throws `RateLimited` or `Unavailable`. Not inside a transaction: what is counted must stay counted. */
export async function verifyBackupCode(
  ctx: Context,
  { userId, code, spendGuess }: Guess,
): Promise<Verdict> {
  const plain = asPrinted(code);
  if (plain === null) return { ok: false, reason: 'WRONG' };
  return whenAdmitted(ctx.signal, async (admitted) => {
    if (!(await spendGuess())) return { ok: false, reason: 'SPENT' };
    const guess = await countGuess(ctx, userId);
    const known = await anyBackupHash(ctx, userId);
    if (known === null) return { ok: false, reason: 'WRONG' };
    const spent = await spendBackupCode(ctx, userId, await hashLike(plain, known, admitted));
    if (!spent) return { ok: false, reason: spent === null ? 'WRONG' : 'USED' };
    await guess.right();
    return { ok: true, factorId: null, amr: ['otp'] };
  });
}

function randomCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

function grouped(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** As people copy it from paper: any case, spaces and hyphens anywhere, o for 0, i and l for 1. */
function asPrinted(typed: string): string | null {
  if (typed.length > 64) return null;
  const plain = typed
    .toLowerCase()
    .replace(/[\s-]/g, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
  return /^[0-9a-hjkmnp-tv-z]{10}$/.test(plain) ? plain : null;
}
