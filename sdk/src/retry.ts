/** Owns when a failed attempt is worth another one, and how long to wait before it. */
import { RequestError } from './errors.ts';

export interface RetryOptions {
  /** Attempts in all, the first one included. Default 5; 1 turns retries off. */
  readonly attempts?: number;
  /**
   * Longest wait before an attempt, in milliseconds. Default 30,000. When the server asks for more,
   * the error is thrown at once; its `retryAfter` says how long.
   */
  readonly maxDelay?: number;
}

const CODES = new Set(['NETWORK_ERROR', 'RATE_LIMITED', 'UNAVAILABLE']);
const STATUSES = new Set([429, 502, 503, 504]);

/** Runs `attempt` until it succeeds, or fails for good. Rejects with the signal's reason on abort. */
export async function withRetries<T>(
  retry: RetryOptions,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let made = 1; ; made++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (made >= attemptsOf(retry) || !isPassing(error)) throw error;
      await pauseAfter(error, made, retry, signal);
    }
  }
}

export function attemptsOf({ attempts = 5 }: RetryOptions): number {
  return attempts;
}

/** Whether the same may succeed a little later. */
export function isPassing(error: unknown): error is RequestError {
  return error instanceof RequestError && (CODES.has(error.code) || STATUSES.has(error.status));
}

/** Waits before the attempt after `made` of them; throws the error when that would be too long. */
export async function pauseAfter(
  error: RequestError,
  made: number,
  { maxDelay = 30_000 }: RetryOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const delay = waitFor(error, made, maxDelay);
  if (delay > maxDelay) throw error;
  await sleep(delay, signal);
}

/** The server's own delay, else a doubling one of which a part is left to chance. */
function waitFor({ retryAfter }: RequestError, made: number, maxDelay: number): number {
  if (retryAfter !== null) return retryAfter * 1000;
  return Math.min(maxDelay, 250 * 2 ** (made - 1)) * (0.5 + Math.random() / 2);
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
