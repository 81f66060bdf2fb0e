/**
 * Owns how passwords are hashed and checked: Argon2id (RFC 9106) with a salt of its own, kept as a
 * PHC text. Which passwords are good enough is decided elsewhere (`passwords.model.ts`).
 *
 * What is hashed are the UTF-8 bytes of the NFC form (RFC 8265 section 4.2.2): keyboards disagree on
 * how they send é, so both spellings of one character are the same. Nothing else is touched: no
 * trimming, no folding of case, no cut, no compatibility forms.
 */
import { hash } from '@node-rs/argon2';
import { processQueue, type Queue } from '#kernel/crypto/hashing-queue.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { readHash, type StoredHash } from './hash-schemes.ts';
import { type HashCost, unhashable } from './passwords.model.ts';

export interface HashingOptions {
  readonly queue?: Queue;
  /** Aborting gives up the place in the queue; what has begun runs to its end. */
  readonly signal?: AbortSignal | undefined;
}

export interface Verdict {
  readonly ok: boolean;
  /** The password is right and its hash is not what the policy wants: hash it anew, whole. */
  readonly outdated: boolean;
  /** The stored text is no hash that we read: log it; nobody signs in with it. */
  readonly unreadable: boolean;
}

/** The text to store. Throws `InvalidInput` before any work, `Unavailable` when too many wait. */
export async function hashPassword(
  password: string,
  cost: HashCost,
  { queue = processQueue, signal }: HashingOptions = {},
): Promise<string> {
  const problem = unhashable(password);
  if (problem) throw new InvalidInput([{ path: 'password', message: problem.message }]);
  // Nobody could sign in with a hash that we would not read again.
  nothing(cost);
  const bytes = Buffer.from(password.normalize('NFC'));
  const { memoryKiB: memoryCost, iterations: timeCost, parallelism } = cost;
  // The library's own defaults are Argon2id, version 19, and a random salt of 16 bytes.
  const options = { memoryCost, timeCost, parallelism, outputLen: 32 };
  return queue.run(() => hash(bytes, options), signal);
}

/** Never throws because of what is stored; throws `Unavailable` when too many wait. */
export async function verifyPassword(
  password: string,
  stored: string,
  cost: HashCost,
  { queue = processQueue, signal }: HashingOptions = {},
): Promise<Verdict> {
  const read = readHash(stored);
  const unreadable = typeof read === 'string';
  const known = unreadable ? nothing(cost) : read;
  // Whatever the account: this tells nothing about it.
  if (unhashable(password)) return { ok: false, outdated: false, unreadable };
  const form = await queue.run(() => matchingForm(password, known), signal);
  const ok = form !== null && !unreadable;
  return { ok, outdated: ok && !(form === 'NFC' && isCurrent(stored, cost)), unreadable };
}

/**
 * For an account that is not there or has no password: the same work, never right. `like`: a hash
 * that costs what one of the tenant's does; what it says of the password is forgotten.
 */
export async function verifyNothing(
  password: string,
  cost: HashCost,
  { like, ...options }: HashingOptions & { readonly like?: string | null } = {},
): Promise<Verdict> {
  const verdict = await verifyPassword(password, like ?? nothingText(cost), cost, options);
  return { ...verdict, ok: false, outdated: false };
}

/** Other systems hashed what was typed as it was, so that is tried as well where it differs. */
async function matchingForm(password: string, known: StoredHash): Promise<'NFC' | 'typed' | null> {
  const composed = password.normalize('NFC');
  if (await known.matches(Buffer.from(composed))) return 'NFC';
  if (composed === password) return null;
  return (await known.matches(Buffer.from(password))) ? 'typed' : null;
}

function isCurrent(stored: string, cost: HashCost): boolean {
  return stored.startsWith(prefixOf(cost)) && stored.length === nothingText(cost).length;
}

function nothing(cost: HashCost): StoredHash {
  const read = readHash(nothingText(cost));
  if (typeof read === 'string') throw new TypeError(`The cost of a password hash ${read}`);
  return read;
}

/** A salt of 16 bytes and a hash of 32, all zero: no password is known to have it. */
function nothingText(cost: HashCost): string {
  return `${prefixOf(cost)}${'A'.repeat(22)}$${'A'.repeat(43)}`;
}

function prefixOf({ memoryKiB, iterations, parallelism }: HashCost): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${iterations},p=${parallelism}$`;
}
