/**
 * What is written of requests that we could not answer. A fault is told whole. A storm that is turned
 * away is none, and must not fill the log: one line in a while, which says how many there were.
 */
import { DomainError, Overloaded } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';

interface Failed {
  readonly requestId: string;
  readonly method: string | undefined;
  readonly path: string;
}

/** How far apart two lines are. All answers are counted by status in /metrics meanwhile. */
const APART_MS = 10_000;

export function failureLog(log: Log): (error: unknown, request: Failed) => void {
  let told = Number.NEGATIVE_INFINITY;
  let refused = 0;

  function overload({ message, retryAfter }: Overloaded, path: string): void {
    refused += 1;
    const now = performance.now();
    if (now - told < APART_MS) return;
    log.warn({ refused, path, retryAfter }, `requests were refused: ${message}`);
    told = now;
    refused = 0;
  }

  return (error, request) => {
    if (error instanceof Overloaded) overload(error, request.path);
    else if (!(error instanceof DomainError) || error.status >= 500)
      log.error({ err: error, ...request }, 'a request failed');
  };
}
