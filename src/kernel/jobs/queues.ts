/** The queues and the times of the jobs as the database keeps them, made to match what is declared. */
import type { PgBoss, QueueOptions } from 'pg-boss';
import type { Job } from './job.ts';

/** Again after 10 s, 20 s, ... at most an hour; in all about four hours. What is done goes after a day. */
const RETRIES: Required<Omit<QueueOptions, 'heartbeatSeconds'>> = {
  retryLimit: 12,
  retryDelay: 10,
  retryBackoff: true,
  retryDelayMax: 3600,
  expireInSeconds: 900,
  retentionSeconds: 14 * 86_400,
  deleteAfterSeconds: 86_400,
};

export async function keepQueues(boss: PgBoss, jobs: readonly Job[]): Promise<void> {
  const found = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
  for (const job of jobs) {
    const queue = found.get(job.name);
    const options = { ...RETRIES, ...(job.retries ? { retryLimit: job.retries } : {}) };
    if (!queue) await boss.createQueue(job.name, { ...options, policy: policyOf(job) });
    else if (differs(queue, options)) await boss.updateQueue(job.name, options);
  }
}

/** What an earlier release ran by the clock is left: a newer one may run beside us. */
export async function keepSchedules(boss: PgBoss, jobs: readonly Job[]): Promise<void> {
  const found = new Map((await boss.getSchedules()).map(({ name, cron }) => [name, cron]));
  for (const { name, cron } of jobs)
    if (cron && found.get(name) !== cron) await boss.schedule(name, cron, {}, { missed: 'once' });
}

/** A sweep that is due while it still runs, or still waits, is that sweep. */
function policyOf({ cron }: Job): string {
  return cron ? 'exclusive' : 'standard';
}

function differs(queue: QueueOptions, options: QueueOptions): boolean {
  return Object.entries(options).some(
    ([option, value]) => queue[option as keyof QueueOptions] !== value,
  );
}
