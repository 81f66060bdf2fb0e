/**
 * Live readers of one process. One loop reads the outbox for all of them and hands each its tenant's
 * rows, so that a hundred open streams cost a tenant's commit no more than one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { RateLimited } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import type { OutboxRow, Position, SettledRow } from './outbox.ts';

export interface Tails {
  open(tenantId: string, signal: AbortSignal): AsyncGenerator<OutboxRow, void, undefined>;
  /** Something was committed here: look soon instead of at the next poll. */
  wake(): void;
}

/** Where the rows come from. */
interface Source {
  /** What is committed now, as `pg_current_snapshot()` writes it. */
  snapshot(): Promise<string>;
  after(position: Position): Promise<SettledRow[]>;
  readonly batch: number;
}

interface Reader {
  readonly tenantId: string;
  rows: SettledRow[];
  /** What was committed before it came, and is not for it; null until that is known. */
  past: Snapshot | null;
  resume: () => void;
  behind: boolean;
}

const POLL_MS = 500;
/** A flood of commits is read in rounds, not one by one. */
const ROUND_MS = 20;
const MAX_READERS_OF_TENANT = 50;
const MAX_READERS = 2_000;
/** Rows that wait for a reader who does not take them; beyond, its stream ends. */
const MAX_BEHIND = 1_000;

/** Called once, at the start: what the loop asks belongs to no request and no transaction. */
export function createTails(source: Source, log: Log): Tails {
  return new OutboxTails(source, log, AsyncLocalStorage.snapshot());
}

class OutboxTails implements Tails {
  readonly #readers = new Set<Reader>();
  readonly #source: Source;
  readonly #log: Log;
  readonly #outside: (fn: () => void) => void;
  #position: Position | null = null;
  #starting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reading = false;
  #dueAt = 0;

  constructor(source: Source, log: Log, outside: (fn: () => void) => void) {
    this.#source = source;
    this.#log = log;
    this.#outside = outside;
  }

  wake(): void {
    this.#schedule(ROUND_MS);
  }

  async *open(tenantId: string, signal: AbortSignal): AsyncGenerator<OutboxRow, void, undefined> {
    const ofTenant = [...this.#readers].filter((reader) => reader.tenantId === tenantId).length;
    if (ofTenant >= MAX_READERS_OF_TENANT || this.#readers.size >= MAX_READERS)
      throw new RateLimited({ retryAfter: 30 });
    const reader: Reader = {
      tenantId,
      rows: [],
      past: null,
      resume: () => undefined,
      behind: false,
    };
    const stop = () => reader.resume();
    signal.addEventListener('abort', stop);
    this.#readers.add(reader);
    try {
      await this.#begin(reader);
      this.#schedule(ROUND_MS);
      while (!signal.aborted && !reader.behind) {
        const row = reader.rows.shift();
        if (row) yield outboxRow(row);
        else await next(reader, signal);
      }
    } finally {
      this.#readers.delete(reader);
      signal.removeEventListener('abort', stop);
      this.#restWhenAlone();
    }
  }

  /** Where the loop begins lies before the past of every reader, whoever's answer comes first. */
  async #begin(reader: Reader): Promise<void> {
    if (this.#position === null) {
      this.#starting ??= this.#start();
      await this.#starting;
    }
    const past = new Snapshot(await this.#source.snapshot());
    // What came meanwhile was read for others, who may have been here longer.
    reader.rows = reader.rows.filter((row) => !past.shows(row.xid));
    reader.past = past;
  }

  async #start(): Promise<void> {
    try {
      this.#position = new Snapshot(await this.#source.snapshot()).settled;
    } finally {
      this.#starting = null;
    }
  }

  #schedule(inMs: number): void {
    if (this.#position === null || this.#readers.size === 0 || this.#reading) return;
    const at = performance.now() + inMs;
    if (this.#timer && this.#dueAt <= at) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#outside(() => {
      this.#timer = setTimeout(() => void this.#read(), inMs);
    });
  }

  async #read(): Promise<void> {
    this.#timer = null;
    if (this.#position === null) return;
    this.#reading = true;
    let full = false;
    try {
      const rows = await this.#source.after(this.#position);
      for (const row of rows) this.#hand(row);
      const last = rows.at(-1);
      if (last) this.#position = { xid: last.xid, seq: last.seq };
      full = rows.length === this.#source.batch;
      if (!last) await this.#stayHere(this.#position);
    } catch (error) {
      this.#log.warn({ err: error }, 'the live tail could not read the outbox; trying again');
    }
    this.#reading = false;
    this.#restWhenAlone();
    this.#schedule(full ? ROUND_MS : POLL_MS);
  }

  /** The database was restored on another server meanwhile: places of the former lie before nobody. */
  async #stayHere(position: Position): Promise<void> {
    const now = new Snapshot(await this.#source.snapshot());
    if (now.reaches(position)) return;
    this.#position = now.settled;
    for (const reader of this.#readers) reader.past &&= now;
  }

  #hand(row: SettledRow): void {
    for (const reader of this.#readers) {
      if (reader.tenantId !== row.tenant_id || reader.past?.shows(row.xid)) continue;
      reader.behind ||= reader.rows.length >= MAX_BEHIND;
      if (!reader.behind) reader.rows.push(row);
      reader.resume();
    }
  }

  /** Without readers nothing is asked, and the next one begins at its own now. */
  #restWhenAlone(): void {
    if (this.#readers.size > 0 || this.#reading) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#position = null;
  }
}

/** `xmin:xmax:xip,...`: all below xmin is over, of what lies below xmax only those that are listed run. */
class Snapshot {
  readonly #xmin: bigint;
  readonly #xmax: bigint;
  readonly #running: ReadonlySet<string>;

  constructor(text: string) {
    const [xmin = '0', xmax = '0', running = ''] = text.split(':');
    this.#xmin = BigInt(xmin);
    this.#xmax = BigInt(xmax);
    this.#running = new Set(running.split(','));
  }

  /** Where a reader of settled transactions begins who has missed nothing. */
  get settled(): Position {
    return { xid: String(this.#xmin), seq: '0' };
  }

  /** Whether this server has come as far. */
  reaches({ xid }: Position): boolean {
    return BigInt(xid) <= this.#xmax;
  }

  shows(xid: string): boolean {
    const id = BigInt(xid);
    return id < this.#xmin || (id < this.#xmax && !this.#running.has(xid));
  }
}

function next(reader: Reader, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    reader.resume = resolve;
    if (signal.aborted || reader.rows.length > 0 || reader.behind) resolve();
  });
}

export function outboxRow(row: SettledRow): OutboxRow {
  return { tenantId: row.tenant_id, eventId: row.event_id, type: row.type };
}
