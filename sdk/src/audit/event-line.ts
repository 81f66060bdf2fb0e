/**
 * A line of an export, and the hash of its leaf: SHA-256 of 0x00 and the RFC 8785 form of the event.
 * What stands outside of the hash is named here and nowhere else.
 */
import { hash } from 'node:crypto';

/** Members of a line that the server adds: no leaf covers them. */
export const UNHASHED = ['leafIndex', 'leafHash', 'where'] as const;

export interface EventLine {
  readonly leafIndex: number;
  /** What the line hashes to. */
  readonly computed: Buffer;
  /** What the tree is said to hold; null where the line does not say. */
  readonly stated: Buffer | null;
}

/** Null for a line that is no event of this log. */
export function readLine(line: Buffer): EventLine | null {
  return readCanonical(line) ?? readAnyForm(line);
}

/** The event's id, for people; null where there is none. */
export function eventIdOf(line: Buffer): string | null {
  const { id } = parsed(line) ?? {};
  return typeof id === 'string' ? id : null;
}

const MARK = Buffer.from(',"v":1,"leafIndex":');
const KEPT = ',"v":1'.length;
/** All that may follow the record: a second member of one name would be another's reading of the line. */
const TAIL =
  /^,"leafIndex":(0|[1-9]\d{0,15}),"leafHash":"([A-Za-z0-9+/]{43}=)"(?:,"where":\{(?:"(?:ipAddress|userAgent)":"(?:[^"\\]|\\.)*",?)*\})?\}$/;

let scratch = Buffer.alloc(16_384);

/**
 * As the server writes it the record stands in its canonical form at the line's beginning, so its bytes
 * are hashed as they are: if they are not canonical, they are not what was hashed. Null: look closer.
 */
function readCanonical(line: Buffer): EventLine | null {
  const mark = line.lastIndexOf(MARK);
  if (mark < 0) return null;
  const end = mark + KEPT;
  const tail = TAIL.exec(line.toString('utf8', end));
  if (!tail) return null;
  if (scratch.length < end + 2) scratch = Buffer.alloc(2 * end);
  scratch[0] = 0;
  line.copy(scratch, 1, 0, end);
  scratch[end + 1] = 0x7d;
  const computed = hash('sha256', scratch.subarray(0, end + 2), 'buffer');
  const stated = Buffer.from(tail[2] as string, 'base64');
  return computed.equals(stated) ? { leafIndex: Number(tail[1]), computed, stated } : null;
}

/** Whatever wrote the line: spaces, or members in another order, make no difference. */
function readAnyForm(line: Buffer): EventLine | null {
  const event = parsed(line);
  const { leafIndex, leafHash } = event ?? {};
  if (!event || !Number.isSafeInteger(leafIndex) || (leafIndex as number) < 0) return null;
  const record = Object.entries(event).filter(
    ([name]) => !UNHASHED.some((other) => other === name),
  );
  const bytes = Buffer.from(`\0${canonical(Object.fromEntries(record))}`);
  const stated = typeof leafHash === 'string' ? Buffer.from(leafHash, 'base64') : null;
  return {
    leafIndex: leafIndex as number,
    computed: hash('sha256', bytes, 'buffer'),
    stated: stated?.length === 32 ? stated : null,
  };
}

function parsed(line: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

/** RFC 8785 section 3.2: members sorted by UTF-16 code units, all else as ECMAScript writes it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, of]) => `${JSON.stringify(name)}:${canonical(of)}`).join(',')}}`;
}
