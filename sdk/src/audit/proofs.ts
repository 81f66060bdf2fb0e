/** Proofs as the API answers them (`getAuditProof`, `getAuditConsistency`), against verified checkpoints. */
import { base64Hash } from './base64.ts';
import { MalformedLine } from './canonical.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type EventLine, readLine } from './event-line.ts';
import { isConsistent, isIncluded } from './merkle.ts';

/** What `getAuditProof` answers, as far as it is needed; hashes in base64. */
export interface InclusionProof {
  readonly leafIndex: number;
  readonly size: number;
  readonly hashes: readonly string[];
}

/** What `getAuditConsistency` answers, as far as it is needed; hashes in base64. */
export interface ConsistencyProof {
  readonly from: number;
  readonly to: number;
  readonly hashes: readonly string[];
}

/** Whether the event, a line of an export, stands in the log that the checkpoint signs. */
export function verifyInclusion(
  line: string,
  proof: InclusionProof,
  checkpoint: Checkpoint,
): boolean {
  const event = eventIn(line);
  if (!event || event.leafIndex !== proof.leafIndex || proof.size !== checkpoint.size) return false;
  const hashes = hashesOf(proof);
  if (!hashes) return false;
  return isIncluded({
    leafIndex: proof.leafIndex,
    leafHash: event.computed,
    size: checkpoint.size,
    root: Buffer.from(checkpoint.root),
    hashes,
  });
}

/** Whether the log of the later checkpoint begins with that of the earlier one. */
export function verifyConsistency(
  earlier: Checkpoint,
  later: Checkpoint,
  proof: ConsistencyProof,
): boolean {
  if (earlier.origin !== later.origin) return false;
  if (proof.from !== earlier.size || proof.to !== later.size) return false;
  const hashes = hashesOf(proof);
  if (!hashes) return false;
  return isConsistent({
    from: { size: earlier.size, root: Buffer.from(earlier.root) },
    to: { size: later.size, root: Buffer.from(later.root) },
    hashes,
  });
}

/** Null for a line that is none. */
function eventIn(line: string): EventLine | null {
  const text = line.replace(/\r?\n$/, '');
  const utf8 = Buffer.from(text);
  // Half a character would be hashed as another one.
  if (utf8.toString() !== text) return null;
  try {
    return readLine(utf8);
  } catch (error) {
    if (error instanceof MalformedLine) return null;
    throw error;
  }
}

/** More than any size has bits is no proof. */
const MAX_HASHES = 128;

/** Null where one is no hash; the API is not trusted to have kept to its schema. */
function hashesOf({ hashes }: { readonly hashes: readonly string[] }): Buffer[] | null {
  if (!Array.isArray(hashes) || hashes.length > MAX_HASHES) return null;
  const read = hashes.map(base64Hash).filter((hash) => hash !== null);
  return read.length === hashes.length ? read : null;
}
