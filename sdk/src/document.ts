/** Owns the type of a document that knows its variables and its answer. */

/**
 * A document as graphql-codegen makes it with `documentMode: 'string'`, or a plain string: then the
 * types are the caller's claim. `__apiType` never exists; it only carries the types.
 */
export interface TypedDocument<Data, Variables> {
  toString(): string;
  readonly __apiType?: ((variables: Variables) => Data) | undefined;
  /** A parsed document has a kind; it is refused, since it would have to be printed again. */
  readonly kind?: never;
}

/** Gives the text of a document its types, where no generator does. */
export class TypedDocumentString<Data, Variables> implements TypedDocument<Data, Variables> {
  declare readonly __apiType?: (variables: Variables) => Data;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}
