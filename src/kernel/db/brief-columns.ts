/** The part of a list's columns that its brief form reads. */
import type { ListShape } from './keyset.ts';

interface Brief {
  readonly properties: ReadonlySet<string>;
  readonly select: string;
}

const briefs = new WeakMap<ListShape, Brief>();

/** Null when the list has no brief form, or more than that is read. */
export function briefColumns(
  shape: ListShape,
  reads: readonly string[] | undefined,
): string | null {
  if (!shape.brief || !reads) return null;
  const brief = briefs.get(shape) ?? briefOf(shape, shape.brief);
  return reads.every((property) => brief.properties.has(property)) ? brief.select : null;
}

/** With what every page needs: whose the row is, and the values of its cursor. */
function briefOf(shape: ListShape, properties: readonly string[]): Brief {
  const wanted = new Set(['tenantId', ...shape.order.map((key) => key.property), ...properties]);
  const columns = new Map(shape.select.split(',').map((column) => [propertyOf(column), column]));
  const select = [...wanted].map((property) => {
    const column = columns.get(property);
    if (!column) throw new Error(`the list ${shape.name} selects no ${property}`);
    return column.trim();
  });
  const brief = { properties: wanted, select: select.join(', ') };
  briefs.set(shape, brief);
  return brief;
}

/** `u.email` is read as email, `u.created_at AS "createdAt"` as createdAt. */
function propertyOf(column: string): string {
  const name = /^\s*\w+\.(?:\w+ AS "(\w+)"|(\w+))\s*$/.exec(column);
  if (!name) throw new Error(`${column} is no plain column`);
  return name[1] ?? (name[2] as string);
}
