/**
 * Work that nobody waits for, kept in the database until it is done. Any process may order it, inside
 * its transaction or outside; processes with the role `jobs` do it, each order by one of them, again
 * later when it failed. The queue is pg-boss over our own connections; its tables are made by our
 * migrations.
 */
import { once } from 'node:events';
import { PgBoss } from 'pg-boss';
import type { Config } from '#kernel/config.ts';
import type { Services } from '#kernel/context.ts';
import type { Database } from '#kernel/db/database.ts';
import { Unavailable } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import { bossDatabase } from './jobs/boss-database.ts';
import type { Job, Order } from './jobs/job.ts';
import { keepQueues, keepSchedules } from './jobs/queues.ts';

export interface Jobs {
  /** Makes a job known; before `start`. */
  register<Data extends object>(job: Job<Data>): void;
  /** Orders a job: part of the transaction that is open, else at once. */
  send<Data extends object>(job: Order<Data>, data: Data, options?: SendOptions): Promise<void>;
  /** Makes `send` possible and, with the role `jobs`, begins to work. */
  start(services: Services): Promise<void>;
  /** Waits `seconds` at most for what is being worked on; the rest will be done again elsewhere. */
  stop(seconds: number): Promise<void>;
}

export interface SendOptions {
  /** Not before this moment. */
  readonly startAfter?: Date;
}

interface JobsHome {
  readonly db: Database;
  readonly log: Log;
  readonly config: Pick<Config, 'roles'>;
}

/** How often a process looks for orders. What runs by the clock can wait; what was ordered should not. */
const LOOK_SECONDS = { cron: 30, ordered: 1 };

export function createJobs({ db, log, config }: JobsHome): Jobs {
  const working = config.roles.has('jobs');
  const known = new Map<string, Job>();
  const boss = createBoss(db, working);
  boss.on('error', (error) => report(log, error));
  boss.on('warning', (warning) => log.warn({ warning }, 'the job queue warns'));

  return {
    register(job) {
      if (known.has(job.name)) throw new Error(`job ${job.name} is declared twice`);
      known.set(job.name, job as Job);
    },
    async send(job, data, { startAfter } = {}) {
      if (!known.has(job.name)) throw new Error(`job ${job.name} was not registered`);
      await boss.send(job.name, data, startAfter ? { startAfter } : {});
    },
    async start(services) {
      const jobs = [...known.values()];
      await boss.start();
      await keepQueues(boss, jobs);
      if (!working) return;
      await keepSchedules(boss, jobs);
      for (const job of jobs) await work(boss, job, services);
    },
    async stop(seconds) {
      // The queue's own stop looks only twice a second whether its workers are done.
      const workers = [...known.keys()].map((name) => boss.offWork(name, { wait: true }));
      const late = AbortSignal.timeout(seconds * 1000);
      await Promise.race([Promise.allSettled(workers), once(late, 'abort')]);
      await boss.stop({ graceful: !late.aborted, timeout: seconds * 1000 });
    },
  };
}

function createBoss(db: Database, working: boolean): PgBoss {
  return new PgBoss({
    db: bossDatabase(db),
    backend: db.embedded ? 'pglite' : 'postgres',
    // The run-time role may not create anything, and need not.
    migrate: false,
    createSchema: false,
    schedule: working,
    supervise: working,
    // Needs the owner's rights, and asks about server processes that are not ours to judge.
    reindex: false,
    monitorVacuum: false,
    // We have no jobs that wait for other jobs.
    flowIntervalSeconds: 6 * 3600,
  });
}

async function work(boss: PgBoss, job: Job, services: Services): Promise<void> {
  if (job.atOnce) return workAtOnce(boss, job, services, job.atOnce);
  const pollingIntervalSeconds = job.cron ? LOOK_SECONDS.cron : LOOK_SECONDS.ordered;
  await boss.work<object | null>(job.name, { pollingIntervalSeconds }, async (orders) => {
    for (const { id, data, signal } of orders) await run(job, services, { id, data, signal });
  });
}

/** Several orders together, each with an outcome of its own; the next at once while there are more. */
async function workAtOnce(
  boss: PgBoss,
  job: Job,
  services: Services,
  batchSize: number,
): Promise<void> {
  const options = {
    pollingIntervalSeconds: LOOK_SECONDS.ordered,
    batchSize,
    burstWhenBatchFull: true,
    perJobResults: true,
  } as const;
  const outcome = ({ id, data, signal }: Taken) =>
    run(job, services, { id, data, signal }).then(
      () => ({ id, status: 'completed' as const }),
      (error: unknown) => ({ id, status: 'failed' as const, output: error }),
    );
  await boss.work<object | null>(job.name, options, (orders) => Promise.all(orders.map(outcome)));
}

interface Taken {
  readonly id: string;
  readonly data: object | null;
  readonly signal: AbortSignal;
}

async function run(job: Job, services: Services, { id, data, signal }: Taken): Promise<void> {
  const began = performance.now();
  try {
    await job.run(services, data ?? {}, signal);
    const ms = Math.round(performance.now() - began);
    services.log.debug({ job: job.name, order: id, ms }, 'a job is done');
  } catch (error) {
    services.log.error({ err: error, job: job.name, order: id }, 'a job failed; it is tried again');
    throw error;
  }
}

/** A database that is away is heard of by everybody; here it is enough to say that jobs wait. */
function report(log: Log, error: Error): void {
  const away = error instanceof Unavailable || error.name === 'Unavailable';
  if (away) log.warn({ err: error }, 'the job queue waits for the database');
  else log.error({ err: error }, 'the job queue failed');
}
