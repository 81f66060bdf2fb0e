/**
 * Passwords: shapes, limits and the rules about new ones. No rule asks for kinds of characters, and
 * none for a change now and then (NIST SP 800-63B-4 section 3.1.1.2): a password is long, not
 * common, and not made of what everybody knows about its owner.
 */
import { z } from 'zod';
import { words } from '#features/users/users.model.ts';
import { nameKey } from '#kernel/text.ts';
import { readHash } from './hash-schemes.ts';

/** Passwords that attackers try first. */
export interface PasswordList {
  /** Whether it holds exactly this. Throws `Unavailable` when it cannot be read. */
  has(password: string): Promise<boolean>;
}

/** Stable: clients may show their own texts. */
export type PasswordReason =
  | 'TOO_SHORT'
  | 'TOO_LONG'
  | 'MALFORMED'
  | 'COMMON'
  | 'KNOWN_WORDS'
  | 'SAME_AS_BEFORE';

export interface PasswordProblem {
  readonly reason: PasswordReason;
  readonly message: string;
}

const MOST_BYTES = 4096;

/** What one Argon2id hash costs. */
export interface HashCost {
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
}

export const DEFAULT_HASH_COST: HashCost = { memoryKiB: 19_456, iterations: 2, parallelism: 1 };

/** A tenant may pay more; up to what `hash-schemes.ts` still reads. */
export const hashCost = z.object({
  memoryKiB: z.int().min(19_456).max(131_072).describe('Memory of one Argon2id hash, in KiB.'),
  iterations: z.int().min(2).max(4).describe('Passes over that memory.'),
  parallelism: z.int().min(1).max(4).describe('Lanes of that memory.'),
});

/** As typed, untrimmed. Only a field whose name the log hides may have this shape. */
export const newPassword = z
  .string()
  .min(1, 'must not be empty')
  .superRefine((value, check) => {
    const problem = unhashable(value);
    if (problem) check.addIssue({ code: 'custom', message: problem.message });
  })
  .describe('The new password, at most 4096 bytes of UTF-8. Taken as it is, spaces included.');

/** A hash from another system; `hash-schemes.ts` says which, and what it may cost. */
export const importedHash = z
  .string()
  .superRefine((value, check) => {
    const read = readHash(value);
    if (typeof read === 'string') check.addIssue({ code: 'custom', message: read });
  })
  .describe('A password hash of Argon2, bcrypt, scrypt or PBKDF2, such as `$2b$12$...`.');

/** Why this text is neither hashed nor compared with a hash; cheap for a text of any length. */
export function unhashable(password: string): PasswordProblem | null {
  // A text has at least as many bytes as UTF-16 units.
  if (password.length > MOST_BYTES || Buffer.byteLength(password) > MOST_BYTES)
    return { reason: 'TOO_LONG', message: `must have at most ${MOST_BYTES} bytes` };
  // Every lone half would be hashed as the same U+FFFD.
  if (!password.isWellFormed())
    return { reason: 'MALFORMED', message: 'must not contain half of a surrogate pair' };
  return null;
}

export interface PasswordRules {
  /** In Unicode code points. */
  readonly minLength: number;
  /** Texts whose words everybody knows: names of tenant and user, slug, e-mail address. */
  readonly known: readonly (string | null | undefined)[];
  readonly lists: readonly PasswordList[];
}

/** Everything that is wrong with a new password; empty when it is good. */
export async function passwordProblems(
  password: string,
  { minLength, known, lists }: PasswordRules,
): Promise<PasswordProblem[]> {
  const fault = unhashable(password);
  if (fault) return [fault];
  const problems: PasswordProblem[] = [];
  if (length(password.normalize('NFC')) < minLength)
    problems.push({ reason: 'TOO_SHORT', message: `must have at least ${minLength} characters` });
  if (await isCommon(password, lists)) problems.push(COMMON);
  // A known word adds nothing to what has to be guessed, so the rest is judged as if it stood
  // alone: `AcmeAcmeAcme2026` is `2026` to whoever attacks Acme; a long phrase that mentions Acme
  // stays long.
  const rest = without(knownWords(known), password);
  if (rest !== null && (length(rest) < minLength || (await isCommon(rest, lists))))
    problems.push(KNOWN_WORDS);
  return problems;
}

const COMMON: PasswordProblem = {
  reason: 'COMMON',
  message: 'must not be a common password or one that is known from a breach',
};
const KNOWN_WORDS: PasswordProblem = {
  reason: 'KNOWN_WORDS',
  message: 'must be long and uncommon even without names of you, the organisation and this service',
};

export const SAME_AS_BEFORE: PasswordProblem = {
  reason: 'SAME_AS_BEFORE',
  message: 'must be another password than the one until now',
};

/** Shorter words are part of too many others. */
const SHORTEST_WORD = 4;

function knownWords(texts: PasswordRules['known']): string[] {
  const all = ['signet', ...texts.flatMap((text) => (text ? words(text) : []))];
  return all.filter((word) => length(word) >= SHORTEST_WORD);
}

/** The password, folded, without these words; null when it holds none of them. */
function without(known: readonly string[], password: string): string | null {
  const folded = nameKey(password);
  const longestFirst = known.toSorted((one, other) => other.length - one.length);
  const rest = folded.replaceAll(new RegExp(longestFirst.join('|'), 'gu'), '');
  return rest === folded ? null : rest;
}

/** On a list as it is, in lower case, or as the part that it repeats; or one run such as abcdef. */
async function isCommon(password: string, lists: readonly PasswordList[]): Promise<boolean> {
  const folded = nameKey(password);
  const unit = repeated(folded);
  if (length(unit) < SHORTEST_UNIT || isRun(folded)) return true;
  const guesses = new Set([password.normalize('NFC'), folded, unit]);
  for (const list of lists) {
    for (const guess of guesses) if (await list.has(guess)) return true;
  }
  return false;
}

const SHORTEST_UNIT = 4;
/** No list has longer ones, and looking for them takes its time in a long password. */
const LONGEST_UNIT = 64;

/** The shortest start that, repeated, gives the text: 12345 of 123451234512; else all of it. */
function repeated(text: string): string {
  for (let size = 1; size < text.length && size <= LONGEST_UNIT; size += 1)
    if (text.startsWith(text.slice(size))) return text.slice(0, size);
  return text;
}

/** Each character follows the one before it, up or down. */
function isRun(text: string): boolean {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const [first = 0, second = 0] = points;
  if (Math.abs(second - first) !== 1) return false;
  return points.every((point, at) => point === first + at * (second - first));
}

function length(text: string): number {
  return [...text].length;
}
