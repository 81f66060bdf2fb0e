/**
 * The work on log streams, in every process that does jobs: looks for streams that are due, takes leases
 * on as many as there is room for, and gives each a turn. A receiver that hangs holds one place of its
 * tenant's few, and from then on one of the few for those that are slow; the others go on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Services } from '#kernel/context.ts';
import { noteError } from './deliveries.store.ts';
import {
  holdLease,
  type Lease,
  LeaseLost,
  renewLeases,
  returnLease,
  takeLeases,
} from './leases.store.ts';
import { PER_TENANT, roomBeside } from './places.ts';
import { serveStream } from './serve-stream.ts';
import { streamFigures } from './stream-figures.ts';
import { applyWakes } from './wakes.store.ts';

export interface LogStreams {
  /** There may be something to send: look at once. */
  wake(): void;
  /** Waits `seconds` at most for what is being sent; the rest is sent again elsewhere, under its id. */
  stop(seconds: number): Promise<void>;
}

const POLL_MS = 500;
const AFTER_FAILURE_MS = 2_000;
/** What a killed process costs its streams. */
const LEASE_MS = 5_000;
const RENEW_MS = 1_500;
/** When a turn broke by a fault of ours. */
const BROKEN_MS = 5_000;
const FAULT = 'something is wrong on our side; nothing is lost, and it is tried again';

export function startLogStreams(services: Services): LogStreams {
  return new StreamWorker(services, AsyncLocalStorage.snapshot());
}

interface Serving {
  readonly over: Promise<void>;
  readonly abort: AbortController;
  /** By `performance.now()`. */
  readonly began: number;
}

class StreamWorker implements LogStreams {
  readonly #services: Services;
  readonly #outside: <R>(fn: () => R) => R;
  readonly #figures;
  readonly #serving = new Map<Lease, Serving>();
  #timer: NodeJS.Timeout | null = null;
  readonly #renewal: NodeJS.Timeout;
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(services: Services, outside: <R>(fn: () => R) => R) {
    this.#services = services;
    this.#outside = outside;
    this.#figures = streamFigures(services);
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
    this.#schedule(0);
  }

  wake(): void {
    if (this.#looking !== null) this.#again = true;
    else this.#schedule(0);
  }

  async stop(seconds: number): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#looking;
    const late = setTimeout(() => {
      for (const { abort } of this.#serving.values()) abort.abort();
    }, seconds * 1000);
    await Promise.all([...this.#serving.values()].map(({ over }) => over));
    clearTimeout(late);
    clearInterval(this.#renewal);
  }

  #schedule(inMs: number): void {
    if (this.#stopped) return;
    if (this.#timer) clearTimeout(this.#timer);
    // What it does belongs to no request and no transaction, whoever woke it.
    this.#timer = this.#outside(() => setTimeout(() => this.#begin(), inMs));
  }

  #begin(): void {
    this.#timer = null;
    if (this.#looking !== null) return;
    this.#looking = this.#look().then(
      (rest) => this.#rest(rest),
      (error: unknown) => {
        this.#services.log.warn({ err: error }, 'log streams were not looked for; trying again');
        this.#rest(AFTER_FAILURE_MS);
      },
    );
  }

  #rest(inMs: number): void {
    this.#looking = null;
    this.#schedule(this.#again ? 0 : inMs);
    this.#again = false;
  }

  async #look(): Promise<number> {
    const { db, clock } = this.#services;
    await applyWakes(db);
    const busy = new Map<string, number>();
    const own: string[] = [];
    for (const { tenantId, streamId } of this.#serving.keys()) {
      busy.set(tenantId, (busy.get(tenantId) ?? 0) + 1);
      own.push(streamId);
    }
    const began = [...this.#serving].map(([lease, { began }]) => [lease, began] as const);
    const room = roomBeside(began, performance.now());
    const now = clock.now();
    const wanted = { now, leaseMs: LEASE_MS, room, perTenant: PER_TENANT, busy, own };
    for (const lease of await takeLeases(db, wanted)) this.#serve(lease);
    return POLL_MS;
  }

  #serve(lease: Lease): void {
    const abort = new AbortController();
    const over = this.#turn(lease, abort.signal).finally(() => {
      this.#serving.delete(lease);
      this.wake();
    });
    this.#serving.set(lease, { over, abort, began: performance.now() });
  }

  async #turn(lease: Lease, signal: AbortSignal): Promise<void> {
    const { db, log, clock } = this.#services;
    const turn = { lease, signal, stopping: () => this.#stopped };
    const serve = async () => {
      const { next, woken } = await serveStream(this.#services, this.#figures, turn);
      await returnLease(db, lease, woken, next);
    };
    try {
      await db.inTenant(lease.tenantId, serve);
    } catch (error) {
      if (error instanceof LeaseLost) return;
      log.warn({ err: error, stream: lease.streamId }, 'a log stream was not served; trying again');
      this.#figures.attempt(lease.kind, 'fault');
      await this.#noteFault(lease).catch(() => undefined);
      const later = new Date(clock.ms() + BROKEN_MS);
      // Without a database it falls due by itself.
      await returnLease(db, lease, lease.woken, later).catch(() => undefined);
    }
  }

  /** The tenant sees that it stands, and not why: that is in our own log. */
  #noteFault(lease: Lease): Promise<void> {
    const { db, clock } = this.#services;
    const noted = async () => {
      await holdLease(db, lease, { fault: true });
      await noteError(db, lease, FAULT, clock.now());
    };
    return db.transaction(noted, { tenantId: lease.tenantId });
  }

  async #renew(): Promise<void> {
    const held = [...this.#serving.keys()];
    if (held.length === 0) return;
    const { db, log } = this.#services;
    try {
      const kept = await renewLeases(db, held, LEASE_MS);
      for (const lease of held) if (!kept.has(lease.token)) this.#serving.get(lease)?.abort.abort();
    } catch (error) {
      log.warn({ err: error }, 'leases of log streams were not renewed; trying again');
    }
  }
}
