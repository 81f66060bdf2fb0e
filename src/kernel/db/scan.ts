/**
 * A page of what passes a test that no index serves. Only so many rows are looked at for it, however
 * rare what passes is: such a page may hold fewer rows than asked, or none, and still say where to go on.
 */
import type { Context } from '#kernel/context.ts';
import { TooCostly } from '#kernel/errors.ts';
import {
  type Condition,
  type ListShape,
  type Page,
  type PageRequest,
  pageSql,
  place,
  readWindow,
  toPage,
} from './keyset.ts';

export interface Scan {
  /** What an index serves; of these the rows are that are looked at. */
  readonly conditions: readonly Condition[];
  /** In the names that the shape selects, as columns of `s`. */
  readonly test: Condition;
  /** How many rows a page may look at. */
  readonly budget: number;
}

export async function scannedPage<Row extends object>(
  ctx: Context,
  shape: ListShape,
  { conditions, test, budget }: Scan,
  request: PageRequest,
): Promise<Page<Row>> {
  const window = readWindow(ctx, shape, request);
  const looked = (select: string) =>
    pageSql(ctx, { ...shape, select }, conditions, {
      ...window,
      size: budget - 1,
      reads: undefined,
    });
  const { text, values } = looked(shape.select);
  const bind = (value: unknown) => `$${values.push(value)}`;
  const direction = window.backward === (shape.descending ?? false) ? '' : ' DESC';
  const order = shape.order.map(({ property }) => `s."${property}"${direction}`).join(', ');
  const rows = await ctx.db.query<Row>(
    `SELECT s.* FROM (${text}) s WHERE ${place(test, bind)} ORDER BY ${order} LIMIT ${bind(window.size + 1)}`,
    values,
  );
  const page = { ...toPage(ctx, shape, conditions, window, rows), total: noTotal };
  if (rows.length > window.size) return page;
  const keys = looked(shape.order.map((key) => `${key.column} AS "${key.property}"`).join(', '));
  const [edge] = await ctx.db.query<Row>(
    `SELECT s.* FROM (${keys.text}) s OFFSET ${budget - 1}`,
    keys.values,
  );
  if (!edge) return page;
  return window.backward
    ? { ...page, hasPreviousPage: true, first: edge }
    : { ...page, hasNextPage: true, last: edge };
}

function noTotal(): Promise<number> {
  throw new TooCostly('totalCount is not counted where every event is looked at; leave it out');
}
