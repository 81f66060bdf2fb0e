/** Clients that keep writing, whatever happens, and remember what they were told. */
import type { Caller } from '../kit/as.ts';

export interface Load {
  /** Ids that were acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  /** How often each outcome came: a status, or why there was none. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Answers 503 without Retry-After. */
  readonly impolite: () => number;
  /** Durations of what was refused with 503, in ms. */
  readonly refusedMs: readonly number[];
  /** Resolves at the next acknowledgement of a request that was sent after this call. */
  next(): Promise<void>;
  /** Resolves when so many were acknowledged since this call. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** A client that is told to come later does. */
const LATER_MS = 25;

let prefix = 0;

export function writing(callers: readonly Caller[], writers: number): Load {
  const acknowledged = new Set<string>();
  const outcomes = new Map<string, number>();
  const refusedMs: number[] = [];
  const watchers = new Set<(sent: number) => void>();
  prefix += 1;
  const name = `load-${prefix}`;
  let impolite = 0;
  let over = false;

  async function write(writer: number): Promise<void> {
    for (let n = 0; !over; n += 1) {
      const caller = callers[(writer + n) % callers.length] as Caller;
      const sent = performance.now();
      const answer = await caller
        .rest<{ id: string }>('POST', '/v1/users', {
          body: { email: `${name}-${writer}-${n}@example.com` },
        })
        .catch((error: NodeJS.ErrnoException) => error);
      const outcome = answer instanceof Error ? String(answer.code) : String(answer.status);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (!(answer instanceof Error) && answer.status === 201) {
        acknowledged.add(answer.body.id);
        for (const watch of watchers) watch(sent);
        continue;
      }
      if (outcome === '503') refusedMs.push(performance.now() - sent);
      if (outcome === '503' && !('headers' in answer && answer.headers['retry-after']))
        impolite += 1;
      await new Promise((resolve) => setTimeout(resolve, LATER_MS));
    }
  }

  const running = Array.from({ length: writers }, (_, writer) => write(writer));
  function more(count: number): Promise<void> {
    const since = performance.now();
    let left = count;
    return new Promise((resolve) => {
      const watch = (sent: number) => {
        if (sent < since) return;
        left -= 1;
        if (left > 0) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
    });
  }
  return {
    acknowledged,
    outcomes,
    impolite: () => impolite,
    refusedMs,
    next: () => more(1),
    more,
    async stop() {
      over = true;
      await Promise.all(running);
    },
  };
}
