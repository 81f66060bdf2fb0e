/**
 * Verifies an export of the audit log against what the log signed: every line is hashed anew, the root
 * of all of them must be the checkpoint's. One pass, in memory that does not grow with the export.
 */
import { MalformedLine } from './canonical.ts';
import { type Checkpoint, CheckpointError, checkpointReader } from './checkpoint.ts';
import { type ClosingLine, isClosing, readClosing } from './closing-line.ts';
import { type EventLine, eventIdOf, readLine } from './event-line.ts';
import { linesOf } from './lines.ts';
import { MerkleTree } from './merkle.ts';
import { printable } from './printable.ts';

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
  /** The log does not begin with what an earlier checkpoint signed. */
  | 'EARLIER_ROOT_DIFFERS'
  /** An earlier checkpoint is of another log, or of a later moment than the checkpoint. */
  | 'EARLIER_NOT_COMPARABLE';

export interface AuditProblem {
  readonly code: AuditProblemCode;
  /** What is wrong, for people. */
  readonly message: string;
  /** From 1. */
  readonly line?: number;
  readonly leafIndex?: number;
  readonly eventId?: string;
}

export interface AuditReport {
  /** Whether there is no problem at all. */
  readonly verified: boolean;
  /** Lines that were read, but for those that close an export. */
  readonly events: number;
  readonly checkpoint: Checkpoint;
  /** Whether a key was given: without one anybody could have written the checkpoint. */
  readonly signatureChecked: boolean;
  /** Earlier checkpoints that the log was held against; those behind missing leaves could not be. */
  readonly earlierCompared: number;
  /** At most 100, the first ones. */
  readonly problems: readonly AuditProblem[];
}

export interface VerifyExportOptions {
  /** The signed note that covers the export. */
  readonly checkpoint: string;
  /** The log's verifier key, `name+id+key`, from where you pinned it. An empty one is refused. */
  readonly key?: string | undefined;
  /** Notes that you kept from before; the log must begin with what they say. */
  readonly earlier?: readonly string[];
}

const MAX_PROBLEMS = 100;

type Which = Pick<AuditProblem, 'line' | 'leafIndex' | 'eventId'>;

/**
 * `chunks`: the export's bytes, such as a file's stream. Throws `CheckpointError` when a checkpoint
 * itself is not to be believed; what is wrong with the events is in the report.
 */
export async function verifyAuditExport(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { checkpoint: note, key, earlier = [] }: VerifyExportOptions,
): Promise<AuditReport> {
  const open = checkpointReader(key);
  const checkpoint = open(note);
  const check = new ExportCheck(checkpoint, earlier.map(open), open);
  for await (const line of linesOf(chunks)) check.take(line);
  return { ...check.end(), signatureChecked: key !== undefined };
}

class ExportCheck {
  readonly #checkpoint: Checkpoint;
  /** Those that still lie ahead, the next one last. */
  readonly #earlier: Checkpoint[];
  readonly #tree = new MerkleTree();
  readonly #problems: AuditProblem[] = [];
  readonly #open: (note: string) => Checkpoint;
  #line = 0;
  #events = 0;
  #next = 0;
  /** Whether leaves are missing, so that no root can be compared from there on. */
  #gap = false;
  #beyond = 0;
  #compared = 0;

  /** `open`: as the checkpoint itself was opened. */
  constructor(
    checkpoint: Checkpoint,
    earlier: readonly Checkpoint[],
    open: (note: string) => Checkpoint,
  ) {
    this.#checkpoint = checkpoint;
    this.#open = open;
    const fits = (other: Checkpoint) =>
      other.origin === checkpoint.origin && other.size <= checkpoint.size;
    for (const other of earlier.filter((one) => !fits(one)))
      this.#say({
        code: 'EARLIER_NOT_COMPARABLE',
        message: `The checkpoint of ${other.size} leaves of ${printable(other.origin)} is not earlier than that of ${checkpoint.size} leaves of ${printable(checkpoint.origin)}`,
      });
    this.#earlier = earlier.filter(fits).toSorted((a, b) => b.size - a.size);
    this.#compareEarlier();
  }

  /** `line`: null for one that is too long. */
  take(line: Buffer | null): void {
    this.#line += 1;
    const at = { line: this.#line };
    try {
      if (line === null) throw new MalformedLine('The line is longer than 16 MiB');
      if (isClosing(line)) {
        this.#close(readClosing(line));
        return;
      }
      this.#events += 1;
      const event = readLine(line);
      this.#takeEvent(event, () => ({ ...at, leafIndex: event.leafIndex, ...named(line) }));
    } catch (error) {
      if (!(error instanceof MalformedLine)) throw error;
      this.#say({ code: 'LINE_MALFORMED', message: error.message, ...at });
    }
  }

  /** It may stand in the middle too, where exports were put one behind the other. */
  #close({ to, filtered, checkpoint }: ClosingLine): void {
    this.#checkNote(checkpoint);
    // What a filter left out was looked at all the same.
    if (filtered && this.#next < to) {
      this.#miss(this.#next, to - 1, { line: this.#line });
      this.#next = to;
    }
    if (to !== this.#next)
      throw new MalformedLine(
        `The line closes an export of the leaves below ${to}, the events before it are those below ${this.#next}`,
      );
  }

  #checkNote(note: string | null): void {
    try {
      if (note !== null) this.#open(note);
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      throw new MalformedLine(
        `The line that closes an export holds a checkpoint that is not to be believed: ${error.message}`,
      );
    }
  }

  #takeEvent({ leafIndex, computed, stated }: EventLine, which: () => Which): void {
    const edited = stated !== null && !stated.equals(computed);
    if (edited)
      this.#say({
        code: 'EVENT_EDITED',
        message: 'The event was edited: it no longer has the hash by which it stands in the tree',
        ...which(),
      });
    if (leafIndex < this.#next)
      this.#say({
        code: 'LEAF_REPEATED',
        message: `Leaf ${leafIndex} was there before: an event was put in, or lines are out of order`,
        ...which(),
      });
    else if (leafIndex >= this.#checkpoint.size) this.#beyond += 1;
    // Of an edited event the tree's own hash: whatever else is wrong shows beside it.
    else this.#grow(leafIndex, edited ? stated : computed);
  }

  #grow(leafIndex: number, leafHash: Buffer): void {
    if (leafIndex > this.#next) this.#miss(this.#next, leafIndex - 1, { line: this.#line });
    this.#next = leafIndex + 1;
    if (this.#gap) return;
    this.#tree.add(leafHash);
    this.#compareEarlier();
  }

  end(): Omit<AuditReport, 'signatureChecked'> {
    const { size, root } = this.#checkpoint;
    if (this.#next < size) this.#miss(this.#next, size - 1, {});
    if (this.#beyond > 0)
      this.#say({
        code: 'EVENTS_NOT_COVERED',
        message: `${this.#beyond} events come after leaf ${size - 1}, the last one that the checkpoint covers; take a later checkpoint`,
      });
    if (!this.#gap && !this.#tree.root().equals(root))
      this.#say({
        code: 'ROOT_DIFFERS',
        message: `The ${size} events do not have the root that was signed: the history was rewritten`,
      });
    const problems = this.#problems;
    return {
      verified: problems.length === 0,
      events: this.#events,
      checkpoint: this.#checkpoint,
      earlierCompared: this.#compared,
      problems,
    };
  }

  #miss(from: number, to: number, at: { readonly line?: number }): void {
    this.#gap = true;
    const which = from === to ? `Leaf ${from} is` : `Leaves ${from} to ${to} are`;
    this.#say({
      code: 'EVENTS_MISSING',
      message: `${which} missing: events were removed, or the export is not whole`,
      leafIndex: from,
      ...at,
    });
  }

  /** Whenever the tree is as large as an earlier one was, it must be that one. */
  #compareEarlier(): void {
    for (;;) {
      const next = this.#earlier.at(-1);
      if (!next || next.size > this.#tree.size) return;
      this.#earlier.pop();
      this.#compared += 1;
      if (!this.#tree.root().equals(next.root))
        this.#say({
          code: 'EARLIER_ROOT_DIFFERS',
          message: `The first ${next.size} events are not those that were signed before: the history was rewritten`,
        });
    }
  }

  #say(problem: AuditProblem): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }
}

function named(line: Buffer): { readonly eventId?: string } {
  const eventId = eventIdOf(line);
  return eventId === null ? {} : { eventId };
}
