/** Owns where a site keeps who is signed in to it. */

/** Redis or a table will do: values are JSON, keys hold at most 100 characters. */
export interface SessionStore {
  get(key: string): Promise<string | null>;
  /** Forgets it after so many seconds. */
  set(key: string, value: string, seconds: number): Promise<void>;
  delete(key: string): Promise<void>;
}

const MOST = 50_000;

/** Of one process: a restart signs everybody out of the site, which signs them in again unasked. */
export function memorySessions(): SessionStore {
  const kept = new Map<string, { readonly value: string; readonly until: number }>();
  return {
    async get(key) {
      const found = kept.get(key);
      return found && found.until > Date.now() ? found.value : null;
    },
    async set(key, value, seconds) {
      kept.delete(key);
      kept.set(key, { value, until: Date.now() + seconds * 1000 });
      // The oldest stand first.
      for (const [old, { until }] of kept) {
        if (kept.size <= MOST && until > Date.now()) break;
        kept.delete(old);
      }
    },
    async delete(key) {
      kept.delete(key);
    },
  };
}
