/**
 * Names of prepared statements. A name makes PostgreSQL keep the parsed statement for as long as
 * the connection lives, so names are given to texts that come back, and only to so many: a text
 * that is built anew for each request (a list of ids of any length) must not fill the server's
 * memory.
 */
export class StatementNames {
  readonly #limit: number;
  readonly #names = new Map<string, string>();
  readonly #seenOnce = new Set<string>();

  /** `limit`: how many texts one connection may keep prepared. */
  constructor(limit = 1000) {
    this.#limit = limit;
  }

  /** The name under which this text is prepared; empty (PostgreSQL's unnamed statement) for a text
   * seen for the first time, and for every new text once the limit is reached. */
  of(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= this.#limit) return '';
    if (!this.#seenOnce.delete(text)) {
      if (this.#seenOnce.size >= this.#limit) this.#seenOnce.clear();
      this.#seenOnce.add(text);
      return '';
    }
    const name = `s${this.#names.size + 1}`;
    this.#names.set(text, name);
    return name;
  }
}
