/** When a failed delivery is tried again: exponential backoff with full jitter, and what the receiver asks for. */
const BASE_MS = 500;
const CAP_MS = 5 * 60_000;
/** A receiver may ask for more patience than ours, up to this. */
const RETRY_AFTER_CAP_MS = 3_600_000;

/** `attempts`: those that failed, this one included. */
export function retryDelay(
  attempts: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempts - 1, 20));
  const asked = Math.min(retryAfterMs ?? 0, RETRY_AFTER_CAP_MS);
  return Math.ceil(asked + random() * ceiling);
}
