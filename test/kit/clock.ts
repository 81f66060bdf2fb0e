/** The tests' clock: it stands still until it is told. */
import type { Clock } from '#kernel/clock.ts';

export interface FixedClock extends Clock {
  /** Moves the time; negative goes back. */
  advance(ms: number): void;
  set(instant: Date | string): void;
}

/** Starts at the host's time unless told, so that it agrees with the database's. */
export function fixedClock(start: Date | string = new Date()): FixedClock {
  let now = new Date(start).getTime();
  return {
    ms: () => now,
    now: () => new Date(now),
    advance(ms) {
      now += ms;
    },
    set(instant) {
      now = new Date(instant).getTime();
    },
  };
}
