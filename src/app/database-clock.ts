/**
 * The process's clock, held to the database's: set at the start and looked at again every minute,
 * since the clock that it runs on drifts, stands still while a machine is suspended, and a database
 * may fail over to a host that disagrees.
 */
import { type Clock, systemClock } from '#kernel/clock.ts';
import type { Database } from '#kernel/db/database.ts';
import type { Log } from '#kernel/log.ts';

export interface DatabaseClock {
  readonly clock: Clock;
  stop(): void;
}

const EVERY_MS = 60_000;
/** Less is the noise of asking: stepping for it would only make time run backwards. */
const NOISE_MS = 100;
/** From here on credentials end visibly early or late. */
const JUMP_MS = 1_000;

export async function databaseClock(
  db: Pick<Database, 'ping'>,
  log: Log,
  everyMs = EVERY_MS,
): Promise<DatabaseClock> {
  const clock = systemClock();
  const ask = async () => {
    const asked = performance.now();
    const now = (await db.ping()).now.getTime();
    return { now, roundTrip: performance.now() - asked };
  };
  const first = await ask();
  clock.calibrate(first.now, first.roundTrip);

  async function compare(): Promise<void> {
    const { now, roundTrip } = await ask();
    const off = now + roundTrip / 2 - clock.ms();
    if (Math.abs(off) <= NOISE_MS + roundTrip / 2) return;
    clock.calibrate(now, roundTrip);
    if (Math.abs(off) > JUMP_MS)
      log.warn({ byMs: Math.round(off) }, "this process's clock jumped to the database's time");
  }

  const timer = setInterval(() => {
    compare().catch((error: unknown) =>
      log.warn({ err: error }, 'the time of the database is not known; trying again'),
    );
  }, everyMs).unref();
  return { clock, stop: () => clearInterval(timer) };
}
