/** Proofs as the API answers them (`getAuditProof`, `getAuditConsistency`), against verified checkpoints. */
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
  return isIncluded({
    leafIndex: proof.leafIndex,
    leafHash: event.computed,
    size: checkpoint.size,
    root: Buffer.from(checkpoint.root),
    hashes: proof.hashes.map(bytes),
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
  return isConsistent({
    from: { size: earlier.size, root: Buffer.from(earlier.root) },
    to: { size: later.size, root: Buffer.from(later.root) },
    hashes: proof.hashes.map(bytes),
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

function bytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
