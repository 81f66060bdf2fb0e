/** The request that the engine works for just now: it knows nothing of ours and is called by ours only. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '#kernel/context.ts';

const storage = new AsyncLocalStorage<Context>();

/** Runs the engine for this request. */
export function serving<T>(ctx: Context, run: () => T): T {
  return storage.run(ctx, run);
}

export function current(): Context {
  const ctx = storage.getStore();
  if (!ctx) throw new Error('the engine was called for nobody');
  return ctx;
}

/** Milliseconds since the epoch, by the clock of whoever is served. */
export function engineTime(): number {
  return storage.getStore()?.clock.ms() ?? Date.now();
}
