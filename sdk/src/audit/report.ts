/** What is said about an export that was verified. */
import type { Checkpoint } from './checkpoint.ts';

export type AuditProblemCode =
  /** A line is no event as an export writes it: not whole, or it can be read in two ways. */
  | 'LINE_MALFORMED'
  /** The event was changed after it was sequenced. */
  | 'EVENT_EDITED'
  /** Events are missing: rows were removed, or the export is not whole. */
  | 'EVENTS_MISSING'
  /** A leaf that was there before: a row was put in, or the lines are out of order. */
  | 'LEAF_REPEATED'
  /** Events after the last one that the checkpoint speaks of: nothing proves them. */
  | 'EVENTS_NOT_COVERED'
  /** Every line fits its own hash, and together they are not what was signed: the history was rewritten. */
  | 'ROOT_DIFFERS'
  /** It does not begin with leaf 0, and does not say what stands before its beginning. */
  | 'BEGINNING_UNKNOWN'
  /** The log does not begin with what an earlier checkpoint signed. */
  | 'EARLIER_ROOT_DIFFERS'
  /** An earlier checkpoint is of another log, or of a later moment, or only of leaves that are not there. */
  | 'EARLIER_NOT_COMPARABLE';

export interface AuditProblem {
  readonly code: AuditProblemCode;
  /** What is wrong, for people. */
  readonly message: string;
  /** From 1, through all files that were put one behind the other. */
  readonly line?: number;
  readonly leafIndex?: number;
  readonly eventId?: string;
}

export interface AuditReport {
  /** Whether there is no problem at all. */
  readonly verified: boolean;
  /** Events that were read. */
  readonly events: number;
  /** The leaf from which on they were verified; 0 unless the caller said otherwise. */
  readonly from: number;
  readonly checkpoint: Checkpoint;
  /** Whether a key was given: without one anybody could have written the checkpoint. */
  readonly signatureChecked: boolean;
  /** Earlier checkpoints that the log was held against; those behind missing leaves could not be. */
  readonly earlierCompared: number;
  /** At most 100, the first ones. */
  readonly problems: readonly AuditProblem[];
}
