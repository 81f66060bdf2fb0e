/**
 * Owns how much hashing runs at once. One hash takes 10 to 500 ms of a core on libuv's thread pool,
 * which WebCrypto, files and name look-ups share: so at most one a core, and always fewer than the
 * pool has threads. More at once would hash no faster and delay everything else.
 */
import { availableParallelism } from 'node:os';
import { Overloaded } from '#kernel/errors.ts';

export interface Queue {
  /**
   * Runs `work` when a place is free. Throws `Unavailable` at once, never after a wait, when the
   * wait would be too long; throws the signal's reason when it aborts before `work` has begun.
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export interface HashingQueue extends Queue {
  /** The same places for whoever was let in by a queue before this one: never refused. */
  readonly admitted: Queue;
}

export interface HashingQueueOptions {
  /** How many run at once. */
  readonly width?: number;
  /** The longest wait that is worth joining, in milliseconds. */
  readonly patienceMs?: number;
  /** What one piece of work takes, until it is known. */
  readonly expectedMs?: number;
}

/**
 * Bounded by time, not by a count: imported hashes cost up to fifty times as much as our own, and
 * what a caller feels is the wait. The floor keeps the count bounded as well.
 */
export function hashingQueue(options: HashingQueueOptions = {}): HashingQueue {
  const { width = places(), patienceMs = 2000, expectedMs = 20 } = options;
  const waiting = new Set<() => void>();
  let running = 0;
  let ended = 0;
  let meanMs = expectedMs;

  function turn(signal: AbortSignal | undefined, patience: number): Promise<void> {
    const waitMs = ((waiting.size + 1) / width) * Math.max(meanMs, FLOOR_MS);
    if (waitMs > patience)
      throw new Overloaded('Too many sign-ins at the moment; try again shortly', {
        retryAfter: Math.ceil(waitMs / 1000),
      });
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(enter);
        reject(signal?.reason);
      };
      const enter = () => {
        waiting.delete(enter);
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      waiting.add(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  async function run<T>(
    work: () => Promise<T>,
    signal: AbortSignal | undefined,
    patience: number,
  ): Promise<T> {
    signal?.throwIfAborted();
    // Whoever waited is given the place of the one that ended, so `running` stays as it is.
    if (running === width) await turn(signal, patience);
    else running += 1;
    const begun = performance.now();
    try {
      return await work();
    } finally {
      ended += 1;
      meanMs += (performance.now() - begun - meanMs) / Math.min(ended, REMEMBERED);
      const [next] = waiting;
      if (next) next();
      else running -= 1;
    }
  }

  return {
    run: (work, signal) => run(work, signal, patienceMs),
    admitted: { run: (work, signal) => run(work, signal, Number.POSITIVE_INFINITY) },
  };
}

const FLOOR_MS = 5;
/** About so many make the mean; the first one alone replaces what was expected. */
const REMEMBERED = 16;

/** UV_THREADPOOL_SIZE is Node's own setting; 4 is its default. */
function places(): number {
  const threads = Number(process.env['UV_THREADPOOL_SIZE']) || 4;
  return Math.max(1, Math.min(availableParallelism(), threads - 1));
}

/** The cores belong to the process, and so does the queue before them. */
export const processQueue = hashingQueue();

/**
 * Before whole checks of passwords, with the statements around the hash. Whoever waits here holds no
 * connection and has nothing counted, so that a storm of sign-ins leaves the database to everybody
 * else; twice as many as are hashed, so that no core waits for a statement.
 */
export const checkQueue: Queue = hashingQueue({ width: 2 * places() });

/**
 * For an answer that is counted and then looked at: throws `Unavailable` before either when too many
 * wait, and `admitted` does so no more. What nobody looks at counts against nobody.
 */
export function whenAdmitted<T>(
  signal: AbortSignal | undefined,
  look: (admitted: Queue) => Promise<T>,
): Promise<T> {
  return checkQueue.run(() => look(processQueue.admitted), signal);
}
