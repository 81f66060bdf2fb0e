/**
 * Owns the texts in which password hashes are kept, our own and those of the systems that users
 * come from, and what checking one may cost: whoever signs in makes us pay it, so a hash beyond the
 * limits (about half a second of a core, 128 MiB) is not taken.
 *
 * Taken: `$argon2id|i|d$[v=]$m=,t=,p=$`; `$2a$ $2b$ $2y$`; `$scrypt$ln=,r=,p=$`;
 * `$pbkdf2-sha1|sha256|sha512$i=,l=$` and passlib's `$pbkdf2-sha256$rounds$` (`$pbkdf2$`: SHA-1).
 * Salts and hashes are base64 without padding; PBKDF2's may write `.` for `+`, as passlib does.
 * Other spellings of the same schemes (Django, Werkzeug, Firebase) are respelled before the import.
 */
import { pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';

/** A hash that was read and found bearable. */
export interface StoredHash {
  matches(password: Buffer): Promise<boolean>;
}

/** The hash, or why it is not taken, as `must ...`. */
export function readHash(text: string): StoredHash | string {
  if (text.length > MOST_CHARACTERS) return UNKNOWN;
  for (const { form, read } of SCHEMES) {
    const found = form.exec(text)?.groups;
    if (found) return read(found, text);
  }
  return UNKNOWN;
}

interface Scheme {
  readonly form: RegExp;
  read(found: Found, text: string): StoredHash | string;
}

type Found = Readonly<Record<string, string | undefined>>;

const MOST_CHARACTERS = 512;
const UNKNOWN =
  'must be a hash of Argon2, bcrypt, scrypt or PBKDF2 in its usual form, such as $argon2id$v=19$m=19456,t=2,p=1$salt$hash';
const SIZES =
  'must have a salt of 4 to 48 bytes (Argon2: at least 8) and a hash of 16 to 64, in base64 without padding';

/** From 1 on, in its one spelling. */
const COUNT = '[1-9]\\d{0,8}';
const SALT_AND_HASH = '(?<salt>[A-Za-z0-9+/]+)\\$(?<hash>[A-Za-z0-9+/]+)';
const PASSLIB_SALT_AND_HASH = SALT_AND_HASH.replaceAll('+/', '+/.');

const argon2: Scheme = {
  form: new RegExp(
    `^\\$argon2(?:id|i|d)(?:\\$v=(?:16|19))?\\$m=(?<m>${COUNT}),t=(?<t>${COUNT}),p=(?<p>${COUNT})\\$${SALT_AND_HASH}$`,
  ),
  read(found, text) {
    const [m, t, p] = [Number(found['m']), Number(found['t']), Number(found['p'])];
    if (m > 131_072 || t > 32 || m * t > 524_288 || p > 16)
      return 'must have at most m=131072, t=32 and p=16, and m times t of at most 524288';
    if (m < 8 * p) return 'must have m of at least 8 times p';
    if (!salted(found, 8)) return SIZES;
    return { matches: (password) => verifyArgon2(text, password) };
  },
};

/** Reads 72 bytes of a password: what follows does not count until the whole is hashed anew. */
const bcrypt: Scheme = {
  // The last characters of salt and hash stand for fewer than six bits.
  form: /^\$2[aby]\$(?<cost>\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/,
  read(found, text) {
    const cost = Number(found['cost']);
    if (cost < 4 || cost > 13) return 'must have a bcrypt cost of 4 to 13';
    return { matches: (password) => verifyBcrypt(password, text) };
  },
};

const scryptScheme: Scheme = {
  form: new RegExp(
    `^\\$scrypt\\$ln=(?<ln>${COUNT}),r=(?<r>${COUNT}),p=(?<p>${COUNT})\\$${SALT_AND_HASH}$`,
  ),
  read(found) {
    const [ln, r, p] = [Number(found['ln']), Number(found['r']), Number(found['p'])];
    const N = 2 ** ln;
    if (r > 64 || N * r * p > 2 ** 20)
      return 'must have r of at most 64, and 2^ln times r times p of at most 1048576';
    if (ln >= 16 * r) return 'must have ln below 16 times r';
    const parts = salted(found);
    if (!parts) return SIZES;
    const cost = { N, r, p, maxmem: MOST_SCRYPT_BYTES };
    return derived(parts.hash, (password, length) =>
      deriveScrypt(password, parts.salt, length, cost),
    );
  },
};

/** 128 bytes for each unit of N times r, and some for what p and r add. */
const MOST_SCRYPT_BYTES = 2 * 128 * 2 ** 20;

const pbkdf2Scheme: Scheme = {
  form: new RegExp(
    `^\\$pbkdf2(?:-(?<digest>sha1|sha256|sha512))?\\$(?:(?<rounds>${COUNT})|i=(?<i>${COUNT}),l=(?<l>${COUNT}))\\$${PASSLIB_SALT_AND_HASH}$`,
  ),
  read(found) {
    const { digest = 'sha1', rounds, i = rounds, l } = found;
    const parts = salted(found);
    if (!parts || (l !== undefined && Number(l) !== parts.hash.length)) return SIZES;
    const { bytes, most } = DIGESTS[digest as keyof typeof DIGESTS];
    const blocks = Math.ceil(parts.hash.length / bytes);
    if (Number(i) * blocks > most)
      return `must have at most ${most} iterations, counted once for every ${bytes} bytes of hash`;
    return derived(parts.hash, (password, length) =>
      derivePbkdf2(password, parts.salt, Number(i), length, digest),
    );
  },
};

const DIGESTS = {
  sha1: { bytes: 20, most: 1_500_000 },
  sha256: { bytes: 32, most: 1_500_000 },
  sha512: { bytes: 64, most: 1_000_000 },
};

const SCHEMES = [argon2, bcrypt, scryptScheme, pbkdf2Scheme];

function derived(
  hash: Buffer,
  derive: (password: Buffer, length: number) => Promise<Buffer>,
): StoredHash {
  return {
    matches: async (password) => timingSafeEqual(await derive(password, hash.length), hash),
  };
}

/** A short hash would be matched by chance; a longer salt is not read by the Argon2 library. */
function salted(found: Found, shortest = 4): { salt: Buffer; hash: Buffer } | null {
  const [salt, hash] = [bytesOf(found['salt']), bytesOf(found['hash'])];
  if (salt.length < shortest || salt.length > 48 || hash.length < 16 || hash.length > 64)
    return null;
  return { salt, hash };
}

/** Empty for what is not base64 in its one shortest spelling: Buffer alone would read anything. */
function bytesOf(text = ''): Buffer {
  const usual = text.replaceAll('.', '+');
  const bytes = Buffer.from(usual, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === usual ? bytes : Buffer.alloc(0);
}

const derivePbkdf2 = promisify(pbkdf2);
const deriveScrypt = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(scrypt);
