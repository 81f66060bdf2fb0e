/**
 * Owns the operator's own list of passwords: a file of any size, never loaded. It holds one entry a
 * line in the order of bytes (`LC_ALL=C sort`): SHA-1 digests as `HEX` or `HEX:count`, which is how
 * Have I Been Pwned gives out its corpus, or passwords as they are. One look halves the file until
 * 64 KiB are left: 20 short reads for 40 GB.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { ConfigError } from '#kernel/config.ts';
import { Unavailable } from '#kernel/errors.ts';
import type { PasswordList } from './passwords.model.ts';

/**
 * Looks whether the file can serve; throws `ConfigError` when it cannot. Each look-up opens it
 * anew, so a newer file of the same kind may be moved in its place at any time.
 */
export async function passwordFile(path: string): Promise<PasswordList> {
  const kind = await inFile(path, inspect).catch((cause: unknown) => {
    throw new ConfigError([`BREACHED_PASSWORDS_FILE: ${path} ${problemOf(cause)}`]);
  });
  return {
    async has(password) {
      try {
        return await inFile(path, (file) => search(file, kind, kind.key(password)));
      } catch (cause) {
        // No answer is no permission: a password that cannot be checked is not set.
        throw new Unavailable('Passwords cannot be set at the moment; try again later', {
          cause,
          retryAfter: 60,
        });
      }
    },
  };
}

/** How a line is compared. Keys are bytes, one a character, whose order is that of the file. */
interface Kind {
  key(password: string): string;
  keyOf(line: string): string;
}

const SHA1: Kind = {
  key: (password) => createHash('sha1').update(password).digest('hex').toUpperCase(),
  keyOf: (line) => line.slice(0, 40).toUpperCase(),
};
const PLAIN: Kind = {
  key: (password) => Buffer.from(password).toString('latin1'),
  keyOf: (line) => line,
};

interface Lines {
  readonly size: number;
  /** Up to `bytes` bytes from `position` on. */
  read(position: number, bytes: number): Promise<string>;
}

interface Line {
  readonly start: number;
  readonly text: string;
}

const BLOCK = 65_536;
/** Holds the rest of one line and a whole one, which may have 4096 bytes and more. */
const WINDOW = 16_384;
const STRETCHES = 64;

const LONG_LINE = 'has lines of more than 8192 bytes';

class Unusable extends Error {}

async function search(file: Lines, kind: Kind, key: string): Promise<boolean> {
  // Lines before `low` sort before the key, those from `high` on after it; both begin a line.
  let [low, high] = [0, file.size];
  while (high - low > BLOCK) {
    const line = await lineAfter(file, low + Math.floor((high - low) / 2));
    const found = kind.keyOf(line.text);
    if (found === key) return true;
    if (found < key) low = line.start;
    else high = line.start;
  }
  const lines = (await file.read(low, high - low)).split(/\r?\n/);
  return lines.some((line) => line !== '' && kind.keyOf(line) === key);
}

/** The first line that starts after `position`, which is not in the last one. */
async function lineAfter(file: Lines, position: number): Promise<Line> {
  const window = await file.read(position, WINDOW);
  const start = window.indexOf('\n') + 1;
  const end = window.indexOf('\n', start);
  if (start === 0 || end < 0) throw new Unusable(LONG_LINE);
  return { start: position + start, text: window.slice(start, end).replace(/\r$/, '') };
}

/**
 * Tells the kind by the first line, then whether 64 stretches of lines, or all of a file of up to a
 * megabyte, are of that kind and in order.
 */
async function inspect(file: Lines): Promise<Kind> {
  let kind: Kind | undefined;
  let before = '';
  const stride = Math.max(WINDOW, Math.ceil(file.size / STRETCHES));
  for (let position = 0; position < file.size; position += stride) {
    for (const line of await wholeLines(file, position)) {
      kind ??= kindOf(line);
      if (kind === SHA1 && !DIGEST.test(line)) throw new Unusable('holds more than SHA-1 digests');
      const key = kind.keyOf(line);
      if (key < before) throw new Unusable('is not sorted by bytes: use LC_ALL=C sort');
      before = key;
    }
  }
  if (!kind) throw new Unusable('holds no line');
  return kind;
}

function kindOf(first: string): Kind {
  if (/^[0-9a-f]{32}:\d+$/i.test(first)) throw new Unusable('holds NTLM hashes, not SHA-1');
  return DIGEST.test(first) ? SHA1 : PLAIN;
}

const DIGEST = /^[0-9a-f]{40}(:\d+)?$/i;

/** The lines of a window that do not begin before it or end after it. */
async function wholeLines(file: Lines, position: number): Promise<string[]> {
  const window = await file.read(position, WINDOW);
  const atEnd = position + window.length >= file.size;
  const lines = window.split(/\r?\n/);
  if (lines.length === 1 && !atEnd) throw new Unusable(LONG_LINE);
  return lines.slice(position === 0 ? 0 : 1, atEnd ? undefined : -1).filter(Boolean);
}

async function inFile<T>(path: string, use: (file: Lines) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    return await use({ size, read: (position, bytes) => read(file, position, bytes) });
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, position: number, bytes: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, position);
  return buffer.toString('latin1', 0, bytesRead);
}

function problemOf(cause: unknown): string {
  if (cause instanceof Unusable) return cause.message;
  return `cannot be read (${cause instanceof Error ? cause.message : String(cause)})`;
}
