/**
 * Owns what time it is. Every instance must agree on it (expiry, overlap of rotated keys), so the
 * clock is monotonic time plus the offset to the database's clock: neither a step of the host's
 * clock nor two hosts that disagree can revive or kill a credential.
 */
export interface Clock {
  now(): Date;
  /** Whole milliseconds since the epoch. */
  ms(): number;
}

export interface SystemClock extends Clock {
  /** Takes the database's time (ms since the epoch) as ours; `roundTripMs` is what asking took. */
  calibrate(databaseMs: number, roundTripMs?: number): void;
}

/** The process's clock. Until it is calibrated it runs from the host's time at start. */
export function systemClock(offsetMs: number = performance.timeOrigin): SystemClock {
  let offset = offsetMs;
  const ms = () => Math.floor(performance.now() + offset);
  return {
    ms,
    now: () => new Date(ms()),
    calibrate(databaseMs, roundTripMs = 0) {
      // The answer was made about half a round trip before it arrived.
      offset = databaseMs + roundTripMs / 2 - performance.now();
    },
  };
}
