/** What a process does without being asked. */
import type { PresentedKeys } from '#features/api-keys/api-keys.store.ts';
import type { Services } from '#kernel/context.ts';

export interface Workers {
  stop(): Promise<void>;
}

const FLUSH_USES_MS = 20_000;

export async function startWorkers(services: Services, keys: PresentedKeys): Promise<Workers> {
  const flush = () =>
    keys
      .flush()
      .catch((error: unknown) =>
        services.log.warn({ err: error }, 'the last uses of API keys were not written'),
      );
  const timer = setInterval(() => void flush(), FLUSH_USES_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}
