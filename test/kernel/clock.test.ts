import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock.ts';

const DAY = 86_400_000;

test('a clock starts with the host’s time and never runs backwards', () => {
  const clock = systemClock();
  expect(Math.abs(clock.ms() - Date.now())).toBeLessThan(DAY);
  const readings = Array.from({ length: 1000 }, () => clock.ms());
  expect(readings.toSorted((a, b) => a - b)).toEqual(readings);
  expect(readings.every(Number.isInteger)).toBe(true);
});

test('two hosts that disagree tell the same time once they asked the database', () => {
  const database = Date.UTC(2030, 0, 1);
  const hosts = [systemClock(0), systemClock(5 * DAY)];
  for (const clock of hosts) clock.calibrate(database);
  for (const clock of hosts) {
    expect(clock.now().getTime() - database).toBeGreaterThanOrEqual(0);
    expect(clock.now().getTime() - database).toBeLessThan(DAY);
  }
});

test('half of the time that asking took is added', () => {
  const clock = systemClock();
  const database = Date.UTC(2030, 0, 1);
  clock.calibrate(database, 2 * DAY);
  expect(clock.ms() - database).toBeGreaterThanOrEqual(DAY);
});
