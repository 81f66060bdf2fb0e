/**
 * Workers look for orders once a second. A test that waits for an order wakes those of its own process
 * instead: each looks at once, where and as it would have looked.
 */
import { PgBoss } from 'pg-boss';

/** The worker of each queue, of every process in this one that works. */
const working = new Map<PgBoss, Map<string, string>>();

type Work = (this: PgBoss, queue: string, ...rest: unknown[]) => Promise<string>;
const work = PgBoss.prototype.work as Work;

PgBoss.prototype.work = async function remembered(this: PgBoss, queue: string, ...rest: unknown[]) {
  const worker = await work.call(this, queue, ...rest);
  const workers = working.get(this) ?? new Map<string, string>();
  if (!working.has(this)) this.once('stopped', () => working.delete(this));
  working.set(this, workers.set(queue, worker));
  return worker;
};

/** Wakes the workers of these queues. */
export function hurry(...queues: readonly string[]): void {
  for (const [boss, workers] of working)
    for (const queue of queues) boss.notifyWorker(workers.get(queue) ?? '');
}
