/**
 * Says when it is worth looking: the outbox tells of a commit at once, but an event's leaf comes a
 * moment later, and nobody tells of that elsewhere. So after a ring one looks often, then ever more
 * rarely, and never not at all.
 */
const OFTEN_MS = 50;
/** How long after a ring one looks often: longer than a sequencer's round elsewhere. */
const OFTEN_FOR_MS = 1_000;
const RARELY_MS = 5_000;

export class Bell {
  #rungAt = performance.now();
  #wait = OFTEN_MS;
  #resume: () => void = () => undefined;
  #ended = false;
  #failure: unknown = null;

  /** Takes what is committed; only that there is something is heard. */
  constructor(commits: AsyncIterable<unknown>) {
    void this.#listen(commits);
  }

  /** Resolves when to look again; to false when nothing is told of any more. Throws what the commits throw. */
  async rings(): Promise<boolean> {
    const recent = performance.now() - this.#rungAt < OFTEN_FOR_MS;
    this.#wait = recent ? OFTEN_MS : Math.min(RARELY_MS, this.#wait * 2);
    if (!this.#ended) await this.#pause(this.#wait);
    this.check();
    return !this.#ended;
  }

  /** Throws what the commits threw so far: one reader too many is refused by their first word. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  async #listen(commits: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const _ of commits) {
        this.#rungAt = performance.now();
        this.#resume();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#ended = true;
    this.#resume();
  }

  /** A ring ends it; while one looks often, it is as soon as that. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#resume = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
