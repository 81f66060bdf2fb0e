/** Owns where a site keeps who is signed in to it. */

/** Redis or a table will do: values are JSON, keys hold at most 100 characters. */
export interface SessionStore {
  get(key: string): Promise<string | null>;
  /** Forgets it after so many seconds. */
  set(key: string, value: string, seconds: number): Promise<void>;
  delete(key: string): Promise<void>;
}

const MOST_OF_A_KIND = 50_000;

/**
 * Of one process: a restart signs everybody out of the site, which signs them in again unasked. What
 * anybody may begin and who has signed in are counted apart, by the first word of their keys.
 */
export function memorySessions(): SessionStore {
  type Kept = Map<string, { readonly value: string; readonly until: number }>;
  const kinds = new Map<string, Kept>();
  const kindOf = (key: string) => key.split(' ', 1)[0] ?? '';
  return {
    async get(key) {
      const found = kinds.get(kindOf(key))?.get(key);
      return found && found.until > Date.now() ? found.value : null;
    },
    async set(key, value, seconds) {
      const kept: Kept = kinds.get(kindOf(key)) ?? new Map();
      kinds.set(kindOf(key), kept);
      kept.delete(key);
      kept.set(key, { value, until: Date.now() + seconds * 1000 });
      // The oldest stand first.
      for (const [old, { until }] of kept) {
        if (kept.size <= MOST_OF_A_KIND && until > Date.now()) break;
        kept.delete(old);
      }
    },
    async delete(key) {
      kinds.get(kindOf(key))?.delete(key);
    },
  };
}
