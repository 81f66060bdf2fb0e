/** The clock of a process that runs for long: it follows the database's, which may jump. */
import { expect, test } from 'vitest';
import { createLog } from '#kernel/log.ts';
import { databaseClock } from '../../src/app/database-clock.ts';
import { until } from '../kit/until.ts';

const silent = createLog({ level: 'silent', hide: [] });

test('a clock that is off by a moment stays, one that is off by more follows the database', async () => {
  let databaseIsAhead = 0;
  const asked: number[] = [];
  const ping = async () => {
    asked.push(databaseIsAhead);
    return { now: new Date(performance.timeOrigin + performance.now() + databaseIsAhead) };
  };
  const ahead = () => clock.ms() - (performance.timeOrigin + performance.now());
  const { clock, stop } = await databaseClock({ ping }, silent, 1);
  try {
    databaseIsAhead = 40;
    await until(async () => asked.filter((by) => by === 40).length > 2);
    expect(ahead()).toBeLessThan(30);
    databaseIsAhead = 7_200_000;
    await until(async () => ahead() > 7_100_000);
    databaseIsAhead = 0;
    await until(async () => ahead() < 1_000);
  } finally {
    stop();
  }
});
