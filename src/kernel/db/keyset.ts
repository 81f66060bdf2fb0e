/**
 * Keyset pages: stable under inserts, and as fast on the last page as on the first. A list is
 * declared once; the statement text depends only on its shape, so it is prepared once.
 *
 * Nested lists (the groups of fifty users) are one statement: a lateral page for each parent.
 */
import type { Context } from '#kernel/context.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { nameKey } from '#kernel/text.ts';
import { briefColumns } from './brief-columns.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export interface PageRequest {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
  /** The properties of the rows that will be read; all of them unless told. */
  readonly reads?: readonly string[] | undefined;
}

/** `column`: SQL that is indexed; `property`: where the row carries its value; `type`: its SQL type. */
export interface KeyColumn {
  readonly column: string;
  readonly property: string;
  readonly type: 'uuid' | 'text';
}

/** One condition: SQL with `?` for each value. The same SQL text must always mean the same shape. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export interface ListShape {
  /** Names the list in its cursors: a cursor of another list is refused. */
  readonly name: string;
  readonly select: string;
  /**
   * Properties that suffice for most pages: when no others are read, the other columns stay in the
   * database. One such set a list, so that a list is two prepared statements and not thousands.
   */
  readonly brief?: readonly string[];
  readonly from: string;
  /**
   * The tenant's column, always compared with the effective tenant as well as by row security. Null
   * only for the list of tenants itself.
   */
  readonly tenant: string | null;
  readonly order: readonly KeyColumn[];
  /** The greatest key first. */
  readonly descending?: boolean;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Where looking ended, when that is beyond the first or last of the rows. */
  readonly first?: Row;
  readonly last?: Row;
  cursor(row: Row): string;
  /** Counts only when asked. */
  total(): Promise<number>;
}

export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

export async function page<Row extends object>(
  ctx: Context,
  shape: ListShape,
  conditions: readonly Condition[],
  request: PageRequest,
): Promise<Page<Row>> {
  const window = readWindow(ctx, shape, request);
  const built = pageSql(ctx, shape, conditions, window);
  const rows = await ctx.db.query<Row>(built.text, built.values);
  return toPage(ctx, shape, conditions, window, rows);
}

/** A list inside another: `column` names the parent's uuid. */
export interface Nested {
  readonly shape: ListShape;
  readonly column: string;
  readonly conditions?: readonly Condition[];
}

/** The same page for each of many parents. */
export async function pagesOf<Row extends object>(
  ctx: Context,
  { shape, column, conditions = [] }: Nested,
  parents: readonly string[],
  request: PageRequest,
): Promise<Page<Row>[]> {
  const window = readWindow(ctx, shape, request);
  const own = [{ sql: `${column} = parents.id`, values: [] }, ...conditions];
  const inner = pageSql(ctx, shape, own, window, 2);
  const text = `SELECT parents.id AS "parentId", page.* FROM unnest($1::uuid[]) AS parents(id) CROSS JOIN LATERAL (${inner.text}) AS page`;
  const rows = await ctx.db.query<Row & { parentId: string }>(text, [parents, ...inner.values]);
  const byParent = new Map<string, Row[]>();
  for (const row of rows) {
    const known = byParent.get(row.parentId);
    if (known) known.push(row);
    else byParent.set(row.parentId, [row]);
  }
  return parents.map((id) =>
    toPage(
      ctx,
      shape,
      [{ sql: `${column} = ?`, values: [id] }, ...conditions],
      window,
      byParent.get(id) ?? [],
    ),
  );
}

/** How many items each parent's whole list has. */
export async function totalsOf(
  ctx: Context,
  { shape, column, conditions = [] }: Nested,
  parents: readonly string[],
): Promise<number[]> {
  const values: unknown[] = [parents];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = conditionsOf(ctx, shape, conditions, bind);
  const rows = await ctx.db.query<{ parentId: string; total: number }>(
    `SELECT ${column} AS "parentId", count(*)::int AS total FROM ${shape.from}
     WHERE ${[...where, `${column} = ANY ($1::uuid[])`].join(' AND ')} GROUP BY ${column}`,
    values,
  );
  const totals = new Map(rows.map(({ parentId, total }) => [parentId, total]));
  return parents.map((id) => totals.get(id) ?? 0);
}

/** Rows of a list by their uuids, in any order. `id` of the shape is its last key column. */
export function rowsById<Row extends object>(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  shape: ListShape,
  ids: readonly string[],
): Promise<Row[]> {
  const id = shape.order.at(-1)?.column;
  const own = shape.tenant === null ? '' : `${shape.tenant} = $2 AND `;
  return ctx.db.query<Row>(
    `SELECT ${shape.select} FROM ${shape.from} WHERE ${own}${id} = ANY ($1::uuid[])`,
    shape.tenant === null ? [ids] : [ids, ctx.tenantId],
  );
}

/** The range of a stored key that begins with a text: LIKE is no index's under row security. */
export function prefixOf(path: string, column: string, text: string): Condition {
  const from = nameKey(text.trimStart());
  if (from === '' || /\p{Cc}/u.test(from))
    throw new InvalidInput([
      { path, message: 'must hold characters, none of them control characters' },
    ]);
  return { sql: `${column} >= ? AND ${column} < ?`, values: [from, `${from}\u{10FFFF}`] };
}

export interface Window {
  readonly size: number;
  readonly backward: boolean;
  readonly after: readonly string[] | null;
  readonly before: readonly string[] | null;
  readonly reads: readonly string[] | undefined;
}

export function readWindow(ctx: Context, shape: ListShape, request: PageRequest): Window {
  const { first, last, after, before, reads } = request;
  if (first != null && last != null)
    throw new InvalidInput([{ path: 'last', message: 'must not be given together with first' }]);
  const backward = last != null;
  const size = (backward ? last : first) ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE)
    throw new InvalidInput([
      { path: backward ? 'last' : 'first', message: `must be between 1 and ${MAX_PAGE}` },
    ]);
  return {
    size,
    backward,
    after: after == null ? null : decodeCursor(ctx, shape, 'after', after),
    before: before == null ? null : decodeCursor(ctx, shape, 'before', before),
    reads,
  };
}

/** `offset`: how many parameters stand before these. */
export function pageSql(
  ctx: Context,
  shape: ListShape,
  conditions: readonly Condition[],
  window: Window,
  offset = 1,
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${offset - 1 + values.push(value)}`;
  const keys = shape.order.map((key) => key.column);
  const where = conditionsOf(ctx, shape, conditions, bind);
  const beyond = (sign: '<' | '>', cursor: readonly string[]) =>
    `(${keys.join(', ')}) ${sign} (${cursor
      .map((value, i) => `${bind(value)}::${shape.order[i]?.type ?? 'text'}`)
      .join(', ')})`;
  const [next, previous] = shape.descending ? (['<', '>'] as const) : (['>', '<'] as const);
  if (window.after) where.push(beyond(next, window.after));
  if (window.before) where.push(beyond(previous, window.before));
  const direction = window.backward === (shape.descending ?? false) ? '' : ' DESC';
  const order = keys.map((key) => key + direction).join(', ');
  const text = `SELECT ${briefColumns(shape, window.reads) ?? shape.select} FROM ${shape.from} WHERE ${where.join(' AND ') || 'true'} ORDER BY ${order} LIMIT ${bind(window.size + 1)}`;
  return { text, values };
}

function conditionsOf(
  ctx: Context,
  shape: ListShape,
  conditions: readonly Condition[],
  bind: (value: unknown) => string,
): string[] {
  const own = shape.tenant === null ? [] : [`${shape.tenant} = ${bind(ctx.tenantId)}`];
  return [...own, ...conditions.map((condition) => place(condition, bind))];
}

export function place(condition: Condition, bind: (value: unknown) => string): string {
  let next = 0;
  return condition.sql.replaceAll('?', () => bind(condition.values[next++]));
}

export function toPage<Row extends object>(
  ctx: Context,
  shape: ListShape,
  conditions: readonly Condition[],
  window: Window,
  read: readonly Row[],
): Page<Row> {
  const more = read.length > window.size;
  const rows = more ? read.slice(0, window.size) : [...read];
  if (window.backward) rows.reverse();
  return {
    rows,
    hasNextPage: window.backward ? window.before !== null : more,
    hasPreviousPage: window.backward ? more : window.after !== null,
    cursor: (row) => encodeCursor(ctx, shape, row),
    total: () => count(ctx, shape, conditions),
  };
}

async function count(
  ctx: Context,
  shape: ListShape,
  conditions: readonly Condition[],
): Promise<number> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = conditionsOf(ctx, shape, conditions, bind);
  const [row] = await ctx.db.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM ${shape.from} WHERE ${where.join(' AND ') || 'true'}`,
    values,
  );
  return row?.total ?? 0;
}
