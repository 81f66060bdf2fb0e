/** The check of an export, line by line; what needs the closing line, which comes last, is said at the end. */
import { MalformedLine } from './canonical.ts';
import { type Checkpoint, CheckpointError } from './checkpoint.ts';
import { type ClosingLine, isClosing, readClosing } from './closing-line.ts';
import { type EventLine, eventIdOf, readLine } from './event-line.ts';
import { MerkleTree, rootAfter, type Subtrees } from './merkle.ts';
import { printable } from './printable.ts';
import type { AuditProblem, AuditReport } from './report.ts';

const MAX_PROBLEMS = 100;

type Which = Pick<AuditProblem, 'line' | 'leafIndex' | 'eventId'>;

export class ExportCheck {
  readonly #from: number;
  /** Leaves from here on are not covered; unknown while only the closing line would say. */
  readonly #size: number;
  readonly #earlier: readonly Checkpoint[];
  readonly #open: (note: string) => Checkpoint;
  /** Sizes of earlier trees that still lie ahead, the next one last, and the tree as it was at them. */
  readonly #ahead: number[];
  readonly #seen = new Map<number, Subtrees>();
  readonly #tree: MerkleTree;
  readonly #problems: AuditProblem[] = [];
  /** The roots of the perfect subtrees before `from`; null while nobody said them. */
  #before: readonly Buffer[] | null;
  #checkpoint: string | null = null;
  #line = 0;
  #events = 0;
  #next: number;
  /** One more than the last leaf that was there, covered or not. */
  #reached: number;
  /** Whether leaves are missing, so that no root can be compared from there on. */
  #gap = false;
  #beyond = 0;
  #compared = 0;

  /**
   * `size`: how many leaves the checkpoint covers; null when the last line holds it. `open`: how notes
   * are opened that lines hold, as the checkpoint itself is.
   */
  constructor(
    from: number,
    size: number | null,
    earlier: readonly Checkpoint[],
    open: (note: string) => Checkpoint,
  ) {
    this.#from = from;
    this.#next = from;
    this.#reached = from;
    this.#open = open;
    this.#size = size ?? Number.POSITIVE_INFINITY;
    this.#tree = new MerkleTree(from);
    this.#before = from === 0 ? [] : null;
    this.#earlier = earlier;
    this.#ahead = earlier.map((one) => one.size).toSorted((a, b) => b - a);
    this.#remember();
  }

  /** The note of the last line that closed an export. */
  get checkpoint(): string | null {
    return this.#checkpoint;
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
  #close({ from, to, checkpoint, hashes }: ClosingLine): void {
    this.#checkpoint = checkpoint ?? this.#checkpoint;
    this.#checkNote(checkpoint);
    if (from === this.#from) this.#before ??= hashes;
    // Removed, or left out by a filter.
    if (this.#reached < to) {
      this.#miss(this.#reached, to - 1, { line: this.#line });
      this.#next = to;
      this.#reached = to;
    }
    if (to !== this.#reached)
      throw new MalformedLine(
        `The line closes an export of the leaves below ${to}, the events before it are those below ${this.#reached}`,
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
    this.#reached = Math.max(this.#reached, leafIndex + 1);
    const edited = stated !== null && !stated.equals(computed);
    if (edited)
      this.#say({
        code: 'EVENT_EDITED',
        message: 'The event was edited: it no longer has the hash by which it stands in the tree',
        ...which(),
      });
    if (leafIndex < this.#next)
      this.#say({ code: 'LEAF_REPEATED', message: this.#repeated(leafIndex), ...which() });
    else if (leafIndex >= this.#size) this.#beyond += 1;
    // Of an edited event the tree's own hash: whatever else is wrong shows beside it.
    else this.#grow(leafIndex, edited ? stated : computed);
  }

  #repeated(leafIndex: number): string {
    return leafIndex < this.#from
      ? `Leaf ${leafIndex} stands before leaf ${this.#from}, from which on was to be verified`
      : `Leaf ${leafIndex} was there before: an event was put in, or lines are out of order`;
  }

  #grow(leafIndex: number, leafHash: Buffer): void {
    if (leafIndex > this.#next) this.#miss(this.#next, leafIndex - 1, { line: this.#line });
    this.#next = leafIndex + 1;
    if (this.#gap) return;
    this.#tree.add(leafHash);
    this.#remember();
  }

  #remember(): void {
    for (;;) {
      const next = this.#ahead.at(-1);
      if (next === undefined || next > this.#tree.size) return;
      if (next === this.#tree.size) this.#seen.set(next, this.#tree.subtrees());
      this.#ahead.pop();
    }
  }

  end(checkpoint: Checkpoint): Omit<AuditReport, 'signatureChecked'> {
    const { size } = checkpoint;
    if (this.#next < size) this.#miss(this.#next, size - 1, {});
    // Those that were taken for covered while nobody had said how many are.
    const beyond = this.#beyond + Math.max(this.#next - Math.max(size, this.#from), 0);
    if (beyond > 0)
      this.#say({
        code: 'EVENTS_NOT_COVERED',
        message: `${beyond} events come after leaf ${size - 1}, the last one that the checkpoint covers; take a later checkpoint`,
      });
    if (this.#before === null || this.#from > size) this.#sayBeginning(checkpoint);
    else this.#compare(checkpoint, this.#before);
    return {
      verified: this.#problems.length === 0,
      events: this.#events,
      from: this.#from,
      checkpoint,
      earlierCompared: this.#compared,
      problems: this.#problems,
    };
  }

  #compare(checkpoint: Checkpoint, before: readonly Buffer[]): void {
    const rootOf = (tree: Subtrees) => rootAfter(this.#from, before, tree);
    for (const one of this.#earlier) this.#compareEarlier(one, checkpoint, rootOf);
    const { size, root } = checkpoint;
    if (this.#gap || this.#tree.size > size) return;
    if (!rootOf(this.#tree.subtrees())?.equals(root))
      this.#say({
        code: 'ROOT_DIFFERS',
        message: `The ${size} events do not have the root that was signed: the history was rewritten`,
      });
  }

  #compareEarlier(
    one: Checkpoint,
    { origin, size }: Checkpoint,
    rootOf: (tree: Subtrees) => Buffer | null,
  ): void {
    const which = `The checkpoint of ${one.size} leaves of ${printable(one.origin)}`;
    const seen = this.#seen.get(one.size);
    if (one.origin !== origin || one.size > size)
      this.#say({
        code: 'EARLIER_NOT_COMPARABLE',
        message: `${which} is not earlier than that of ${size} leaves of ${printable(origin)}`,
      });
    else if (one.size < this.#from)
      this.#say({
        code: 'EARLIER_NOT_COMPARABLE',
        message: `${which} speaks of leaves before ${this.#from}, with which this begins: put the archives before it`,
      });
    else if (seen) {
      this.#compared += 1;
      if (rootOf(seen)?.equals(one.root)) return;
      this.#say({
        code: 'EARLIER_ROOT_DIFFERS',
        message: `The first ${one.size} events are not those that were signed before: the history was rewritten`,
      });
    }
  }

  #sayBeginning({ size }: Checkpoint): void {
    this.#say({
      code: 'BEGINNING_UNKNOWN',
      message:
        this.#from > size
          ? `The checkpoint of ${size} leaves says nothing of leaf ${this.#from} and what follows it`
          : `No line that closes an export from leaf ${this.#from} on says what stands before it; the last line is missing, or from is another`,
    });
  }

  #miss(from: number, to: number, at: { readonly line?: number }): void {
    this.#gap = true;
    const which = from === to ? `Leaf ${from} is` : `Leaves ${from} to ${to} are`;
    const begins = from === 0 && at.line !== undefined;
    const hint = `. If they left by retention, put their archives before this; to begin with leaf ${to + 1} (--from ${to + 1}) proves only what comes from there on`;
    this.#say({
      code: 'EVENTS_MISSING',
      message: `${which} missing: events were removed, or the export is not whole${begins ? hint : ''}`,
      leafIndex: from,
      ...at,
    });
  }

  #say(problem: AuditProblem): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }
}

function named(line: Buffer): { readonly eventId?: string } {
  const eventId = eventIdOf(line);
  return eventId === null ? {} : { eventId };
}
