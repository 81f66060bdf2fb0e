/**
 * Owns what JSON we accept beyond being JSON: no deeper than a cap, no key twice in one object
 * (readers differ in which one they take, RFC 8259 section 4), no `__proto__`, which a later copy
 * would turn into a prototype, no half characters (RFC 7493 section 2.1).
 */
import { BadRequest } from '#kernel/errors.ts';

/** Parses a text. Throws `BadRequest`, whose message never quotes the text. */
export function parseJson(text: string, maxDepth = 64): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const where = position === undefined ? '' : ` (position ${position})`;
    throw new BadRequest(`The body is not valid JSON${where}`, { cause: error });
  }
  check(text, maxDepth);
  return value;
}

/** The escape of either half of a surrogate pair. */
const HALF = /\\u[dD][89a-fA-F]/;

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;

/** Walks over a text that is known to be valid JSON. */
function check(text: string, maxDepth: number): void {
  const keys: (Set<string> | null)[] = [];
  const halves = HALF.test(text);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (halves) whole(text, at, end);
      if (isKey(text, end)) remember(keys, text, at, end);
      at = end;
    } else if (code === 123 || code === 91) {
      if (keys.length === maxDepth) {
        throw new BadRequest(`The body is nested deeper than ${maxDepth} levels`);
      }
      keys.push(null);
    } else if (code === 125 || code === 93) {
      keys.pop();
    }
  }
}

/** The position of the quote that closes the string opened at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/** RFC 7493 section 2.1: half of a pair is no character, and UTF-8 cannot hold it. */
function whole(text: string, start: number, end: number): void {
  if (!String(JSON.parse(text.slice(start, end + 1))).isWellFormed())
    throw new BadRequest('The body has half of a surrogate pair; send whole characters');
}

function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (text.charCodeAt(at) <= 32) at += 1;
  return text.charCodeAt(at) === COLON;
}

function remember(keys: (Set<string> | null)[], text: string, start: number, end: number): void {
  const raw = text.slice(start + 1, end);
  const key = raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
  if (key === '__proto__') throw new BadRequest('The body has a key named __proto__');
  const depth = keys.length - 1;
  const seen = keys[depth] ?? new Set();
  if (seen.has(key)) {
    throw new BadRequest(`The body has the key ${JSON.stringify(key.slice(0, 100))} twice`);
  }
  keys[depth] = seen.add(key);
}
