/** The line that closes an export. It proves nothing by itself: whatever it says is held against what was signed. */

/** How it begins; no event does. */
const CLOSING = Buffer.from('{"export":');

export interface ClosingLine {
  /** The leaf with which that export began. */
  readonly from: number;
  /** The signed note; null where it has none. */
  readonly checkpoint: string | null;
  /** The roots of the perfect subtrees of what stands before `from`, the largest first. */
  readonly hashes: readonly Buffer[];
}

export function isClosing(line: Buffer): boolean {
  return line.subarray(0, CLOSING.length).equals(CLOSING);
}

/** Null for one that says nothing. */
export function readClosing(line: Buffer): ClosingLine | null {
  try {
    const { export: end } = JSON.parse(line.toString('utf8')) as {
      export: Readonly<Record<string, unknown>>;
    };
    const { from = 0, checkpoint, hashes } = end;
    return {
      from: Number(from),
      checkpoint: typeof checkpoint === 'string' ? checkpoint : null,
      hashes: (Array.isArray(hashes) ? hashes : []).map((text) => Buffer.from(`${text}`, 'base64')),
    };
  } catch {
    return null;
  }
}
