/** What a job is: work that nobody waits for, declared once, run by any process with the role `jobs`. */
import type { Services } from '#kernel/context.ts';

/** What is ordered: all that a room needs to know whose work is done in a room that it may not import. */
export interface Order<Data extends object = object> {
  /** `noun.verb`; the name of its queue, and of its lines in the log. */
  readonly name: string;
  /** Never there: tells what an order of it holds. */
  holds?(data: Data): void;
}

export interface Job<Data extends object = object> extends Order<Data> {
  /**
   * When to run without being asked: five fields, UTC. Such a job never runs twice at a time, and
   * what was due while no process ran is made up for once.
   */
  readonly cron?: string;
  /** How many orders of it one process works on at the same time; 1 unless told. */
  readonly atOnce?: number;
  /** How often an order that failed is tried again; 12 times, in about four hours, unless told. */
  readonly retries?: number;
  /**
   * Does the work, in nobody's name: enter a tenant by `db.inTenant`. It may run more than once for
   * one order, and a failure makes it run again later. `data` is stored as JSON: ids, never personal
   * data or secrets. `signal` aborts when the process stops before the job is done.
   */
  run(services: Services, data: Data, signal: AbortSignal): Promise<void>;
}

/** Says what a job is; `start` of the jobs makes it run. */
export function job<Data extends object = object>(definition: Job<Data>): Job<Data> {
  return definition;
}
