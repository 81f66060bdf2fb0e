/**
 * Owns credentials that end: fetched once for all who wait, kept until shortly before their end, and
 * fetched anew when the service refuses them.
 */
export interface Expiring<T> {
  readonly value: T;
  /** Milliseconds since the epoch; Infinity when it has no end, or nobody knows it. */
  readonly ends: number;
}

export interface Credential<T> {
  /** What `send` answers, asked once more with a newer credential if the first one is `refused`. */
  use<A>(send: (value: T) => Promise<A>, refused: (answer: A) => boolean): Promise<A>;
}

const MARGIN_MS = 120_000;

export function credential<T>(fetch: () => Promise<Expiring<T>>, now: () => number): Credential<T> {
  let kept: Expiring<T> | null = null;
  let coming: Promise<Expiring<T>> | null = null;

  async function current(): Promise<T> {
    if (kept && now() < kept.ends - MARGIN_MS) return kept.value;
    coming ??= fetch().finally(() => {
      coming = null;
    });
    kept = await coming;
    return kept.value;
  }

  return {
    async use(send, refused) {
      const first = await current();
      const answer = await send(first);
      if (!refused(answer)) return answer;
      if (kept?.value === first) kept = null;
      const next = await current();
      return next === first ? answer : send(next);
    },
  };
}
