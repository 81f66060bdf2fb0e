/**
 * Fields of many parents read together: the groups of fifty users are one statement. A batch is the
 * loads of one tick, of one request and tenant, for the same list and the same page arguments.
 *
 * Nothing is kept between batches: a later mutation of the same request must see what it changed.
 */
import DataLoader from 'dataloader';
import { type Context, memoized } from '#kernel/context.ts';
import { type Nested, type Page, type PageRequest, pagesOf, totalsOf } from '#kernel/db/keyset.ts';

/** A function that answers a parent's page. Lists of one name have the same conditions. */
export function batchedPages<Row extends object>(
  ctx: Context,
  nested: Nested,
  request: PageRequest,
): (parentId: string) => Promise<Page<Row>> {
  const { first, last, after, before, reads } = request;
  const list = `${nested.shape.name} ${nested.column}`;
  const cursors = after == null && before == null ? '' : JSON.stringify([after, before]);
  const window = `${first} ${last} ${cursors} ${reads ?? '*'}`;
  return batched(ctx, `page of ${list} ${window}`, async (ids) => {
    const pages = await pagesOf<Row>(ctx, nested, ids, request);
    const total = batched(ctx, `total of ${list}`, (parents) => totalsOf(ctx, nested, parents));
    return pages.map((page, i) => ({ ...page, total: () => total(ids[i] as string) }));
  });
}

/** A function that loads one key. `load` gets distinct keys and answers a value for each, in order. */
export function batched<Value>(
  ctx: Context,
  name: string,
  load: (keys: readonly string[]) => Promise<readonly Value[]>,
): (key: string) => Promise<Value> {
  const loaders = memoized(ctx, batched, () => new Map<string, DataLoader<string, unknown>>());
  const id = `${ctx.tenantId} ${name}`;
  let loader = loaders.get(id) as DataLoader<string, Value> | undefined;
  if (!loader) {
    loader = new DataLoader<string, Value>((keys) => loadDistinct(keys, load), { cache: false });
    loaders.set(id, loader);
  }
  const found = loader;
  return (key) => found.load(key);
}

async function loadDistinct<Value>(
  keys: readonly string[],
  load: (keys: readonly string[]) => Promise<readonly Value[]>,
): Promise<Value[]> {
  const distinct = [...new Set(keys)];
  const values = await load(distinct);
  const byKey = new Map(distinct.map((key, i) => [key, values[i] as Value]));
  return keys.map((key) => byKey.get(key) as Value);
}
