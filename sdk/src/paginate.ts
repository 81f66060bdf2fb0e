/** Owns the walk over a connection. */
import type { CallArguments, CallOptions, Client } from './client.ts';
import { SignetError } from './errors.ts';
import type { Operation } from './operation.ts';

export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** A function such as `listUsers`: what it answers has `nodes` and `pageInfo`. */
export interface PageFunction<Variables, Node> {
  (client: Client, ...rest: CallArguments<Variables>): Promise<Page<Node> | null>;
  readonly operation: Operation<unknown, Variables>;
}

export interface WalkOptions extends CallOptions {
  /** Items a request, 1 to 100. Default 100. */
  readonly pageSize?: number;
}

/** Variables without those that the walk sets itself. */
export type WalkVariables<Variables> = Omit<Variables, 'first' | 'after' | 'last' | 'before'>;

/**
 * Every item of a list, a page at a time and the next page only when it is wanted: `paginate(client,
 * listUsers, { status: 'ACTIVE' })`. Stable while others insert. Throws what the list throws, and
 * NOT_FOUND when what the list belongs to does not exist.
 */
export async function* paginate<Variables, Node>(
  client: Client,
  list: PageFunction<Variables, Node>,
  ...rest: CallArguments<WalkVariables<Variables>, WalkOptions>
): AsyncGenerator<Node, void, undefined> {
  const [variables, { pageSize = 100, ...options } = {}] = rest;
  for (let after: string | null = null; ; ) {
    const ask = [
      { ...variables, first: pageSize, after },
      options,
    ] as unknown as CallArguments<Variables>;
    const page: Page<Node> | null = await list(client, ...ask);
    const { name } = list.operation;
    if (!page)
      throw new SignetError(
        { code: 'NOT_FOUND', message: `${name}: not found` },
        { status: 404, requestId: null },
      );
    yield* page.nodes;
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage || after === null) return;
  }
}
