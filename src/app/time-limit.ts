/** How long one operation may take, whatever it does. */
import type { Services } from '#kernel/context.ts';
import { Abandoned } from '#kernel/db/database-errors.ts';
import { Unavailable } from '#kernel/errors.ts';
import type { BodyLimits } from '#kernel/http/read-body.ts';

/**
 * Answers when the operation's time is over, with Unavailable, even when its work goes on; `over` is
 * aborted then, so that what is left of the work asks the database for nothing more.
 */
export function inTime<T>(
  { db, config }: Pick<Services, 'db' | 'config'>,
  over: AbortController,
  work: () => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new Unavailable('The operation took too long; ask for less at once', { retryAfter: 1 }),
      );
      over.abort();
    }, config.operationTimeout * 1000);
    // Who has gone waits for nothing, whatever the work still waits for, and so does the timer.
    const leave = () => {
      clearTimeout(timer);
      reject(new Abandoned());
    };
    over.signal.addEventListener('abort', leave, { once: true });
    db.until(over.signal, work)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/** A body that is slow is told so (408) before its operation's time is over. */
export function bodyLimits({ config }: Pick<Services, 'config'>): BodyLimits {
  return { timeoutMs: config.operationTimeout * 800 };
}
