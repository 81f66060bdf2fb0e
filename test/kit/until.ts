/** Waiting for something to become true: tests never sleep, they look again. */

const LOOK_EVERY_MS = 15;

/**
 * The first answer of `look` that is neither false, null nor undefined. Throws after `timeout` ms,
 * with the last failure as its cause.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { timeout = 30_000, what = 'the condition' }: { timeout?: number; what?: string } = {},
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const value = await look();
      if (value !== false && value !== null && value !== undefined)
        return value as Exclude<T, false | null | undefined>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end)
      throw new Error(`${what} did not come true in ${timeout} ms`, { cause });
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
