/**
 * Fields of many parents read together: the groups of fifty users are one statement. A batch is the
 * loads of one tick, of one request and tenant, for the same list and the same page arguments.
 *
 * Nothing is kept between batches: a later mutation of the same request must see what it changed.
 */
import DataLoader from 'dataloader';
import { type Context, memoized } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, pagesOf } from '#kernel/db/keyset.ts';

/** A function that answers a parent's page. `parent` is the column that names the parent's uuid. */
export function batchedPages<Row extends object>(
  ctx: Context,
  shape: ListShape,
  parent: string,
  request: PageRequest,
): (parentId: string) => Promise<Page<Row>> {
  const { first, last, after, before, reads } = request;
  const cursors = after == null && before == null ? '' : JSON.stringify([after, before]);
  const window = `${first} ${last} ${cursors} ${reads ?? '*'}`;
  return batched(ctx, `page of ${shape.name} ${parent} ${window}`, async (ids) => {
    const pages = await pagesOf<Row>(ctx, shape, parent, ids, request);
    const total = batched(ctx, `total of ${shape.name} ${parent}`, (parents) =>
      totalsOf(ctx, shape, parent, parents),
    );
    return pages.map((page, i) => ({ ...page, total: () => total(ids[i] as string) }));
  });
}

/** How many items each parent's whole list has. */
async function totalsOf(
  ctx: Context,
  shape: ListShape,
  parent: string,
  parents: readonly string[],
): Promise<number[]> {
  const rows = await ctx.db.query<{ parentId: string; total: number }>(
    `SELECT ${parent} AS "parentId", count(*)::int AS total FROM ${shape.from}
     WHERE ${shape.tenant} = $1 AND ${parent} = ANY ($2::uuid[]) GROUP BY ${parent}`,
    [ctx.tenantId, parents],
  );
  const totals = new Map(rows.map(({ parentId, total }) => [parentId, total]));
  return parents.map((id) => totals.get(id) ?? 0);
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
