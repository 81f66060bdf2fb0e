/**
 * The line that closes an export. It proves nothing by itself: whatever it says is held against what was
 * signed. It has these members and no other, so that nothing can hide in it that looks like an event.
 */
import { isUtf8 } from 'node:buffer';
import { base64Hash } from './base64.ts';
import { type JsonObject, MalformedLine } from './canonical.ts';

/** How it begins; no event does. */
const CLOSING = Buffer.from('{"export":');
/** A size has no more bits. */
const MAX_HASHES = 53;

export interface ClosingLine {
  /** The leaf with which that export began. */
  readonly from: number;
  /** Leaves below this were looked at. */
  readonly to: number;
  /** Whether events were left out by a filter. */
  readonly filtered: boolean;
  /** The signed note; null where it has none. */
  readonly checkpoint: string | null;
  /** The roots of the perfect subtrees of what stands before `from`, the largest first. */
  readonly hashes: readonly Buffer[];
}

export function isClosing(line: Buffer): boolean {
  return line.subarray(0, CLOSING.length).equals(CLOSING);
}

/** Throws `MalformedLine` for one that is not as an export writes it. */
export function readClosing(line: Buffer): ClosingLine {
  const { from = 0, to, filtered, checkpoint = null, hashes = [], ...others } = membersOf(line);
  const sound =
    Object.keys(others).length === 0 &&
    isLeaf(from) &&
    isLeaf(to) &&
    from <= to &&
    typeof filtered === 'boolean' &&
    (checkpoint === null || typeof checkpoint === 'string') &&
    Array.isArray(hashes) &&
    hashes.length <= MAX_HASHES;
  if (!sound) throw malformed();
  return { from, to, filtered, checkpoint, hashes: hashes.map(hashIn) };
}

/** Of `export`, its only member. */
function membersOf(line: Buffer): JsonObject {
  const text = line.toString('utf8');
  try {
    const said = JSON.parse(text) as { readonly export: unknown };
    // The server's own form, so that no member stands twice and no number is another than it seems.
    const exact = isUtf8(line) && JSON.stringify(said) === text && Object.keys(said).length === 1;
    if (exact && typeof said.export === 'object' && said.export !== null)
      return said.export as JsonObject;
  } catch {
    // Said below.
  }
  throw malformed();
}

function isLeaf(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function hashIn(text: unknown): Buffer {
  const hash = base64Hash(text);
  if (!hash) throw malformed();
  return hash;
}

function malformed(): MalformedLine {
  return new MalformedLine(
    'The line that closes an export must have the member export alone, and in it to, filtered and checkpoint, from and hashes, once each, without spaces',
  );
}
