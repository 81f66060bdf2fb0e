/**
 * Which events: the same rules for pages, which ask the database, and for the live tail, which asks
 * each event. What an index serves is a condition; a request's id and free text are looked through.
 */
import type { Condition } from '#kernel/db/keyset.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { firstIdAt } from '#kernel/ids.ts';
import { type AuditEventRow, auditSeverity } from './audit.model.ts';
import { EVENT_PATTERN, isOfType, isPrefix } from './event-patterns.model.ts';

type Severity = AuditEventRow['severity'];
type Maybe<T> = T | null | undefined;

export interface AuditEventFilter {
  readonly type?: Maybe<string>;
  /** Each a type, or `user.*`: all that begin so. */
  readonly types?: Maybe<readonly string[]>;
  readonly severity?: Maybe<Severity>;
  readonly minSeverity?: Maybe<Severity>;
  readonly result?: Maybe<AuditEventRow['result']>;
  readonly actor?: Maybe<string>;
  readonly target?: Maybe<string>;
  readonly requestId?: Maybe<string>;
  readonly text?: Maybe<string>;
  readonly since?: Maybe<Date>;
  readonly until?: Maybe<Date>;
}

const MAX_TYPES = 50;
const MAX_WORDS = 8;

/** What an index narrows; `id` is the column that pages go by. */
export function indexedConditions(filter: AuditEventFilter, id: string): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, value: unknown) => {
    if (value != null) conditions.push({ sql, values: [value] });
  };
  add('a.target = ?', storable(filter.target));
  add('e.type = ?', storable(filter.type));
  if (filter.types != null) conditions.push(ofTypes(filter.types));
  // Named as their indexes are, which hold what is rare.
  add(rare('e.severity', 'INFO', filter.severity), filter.severity);
  if (filter.minSeverity != null && filter.minSeverity !== 'INFO')
    add(`e.severity = ANY (?::text[]) AND e.severity <> 'INFO'`, atLeast(filter.minSeverity));
  add(rare('e.result', 'SUCCESS', filter.result), filter.result);
  add('e.actor_id = ?', storable(filter.actor));
  add(`${id} >= ?`, filter.since && firstIdSince(filter.since));
  add(`${id} < ?`, filter.until && firstIdSince(filter.until));
  return conditions;
}

/** What is looked at event by event, over what `s` selects of it; null when nothing is. */
export function lookedThrough({ requestId, text }: AuditEventFilter): Condition | null {
  const tests: Condition[] = [];
  if (requestId != null) tests.push({ sql: 's."requestId" = ?', values: [storable(requestId)] });
  // One comparison with all words, so that what is searched is put together once an event.
  if (text != null)
    tests.push({ sql: `${SEARCHED} LIKE ALL (?::text[])`, values: [wordsOf(text).map(anywhere)] });
  if (tests.length === 0) return null;
  return {
    sql: tests.map(({ sql }) => sql).join(' AND '),
    values: tests.flatMap(({ values }) => values),
  };
}

/** Whether an event passes; the same rules as the list's. Throws InvalidInput as that does. */
export function matcher(filter: AuditEventFilter): (row: AuditEventRow) => boolean {
  const { type, types, severity, minSeverity, result, actor, target, requestId } = filter;
  const words = filter.text == null ? null : wordsOf(filter.text);
  if (types != null) assertTypes(types);
  return (row) =>
    (type == null || row.type === type) &&
    (types == null || types.some((pattern) => isOfType(row.type, pattern))) &&
    (severity == null || row.severity === severity) &&
    (minSeverity == null || atLeast(minSeverity).includes(row.severity)) &&
    (result == null || row.result === result) &&
    (actor == null || row.actorId === actor) &&
    (target == null || row.targets.some(({ id }) => id === target)) &&
    (requestId == null || row.requestId === requestId) &&
    (words === null || holdsAll(row, words)) &&
    (filter.since == null || row.occurredAt >= filter.since) &&
    (filter.until == null || row.occurredAt < filter.until);
}

/** Equality and ranges only: patterns are no index's under row security. */
function ofTypes(types: readonly string[]): Condition {
  assertTypes(types);
  const begin = types.filter(isPrefix).map((one) => one.slice(0, -1));
  const whole = types.filter((pattern) => !isPrefix(pattern));
  const tests = ['e.type = ANY (?::text[])', ...begin.map(() => '(e.type >= ? AND e.type < ?)')];
  return {
    sql: `(${tests.join(' OR ')})`,
    // '/' follows '.' in the order of bytes, which is the column's.
    values: [whole, ...begin.flatMap((prefix) => [prefix, `${prefix.slice(0, -1)}/`])],
  };
}

function assertTypes(types: readonly string[]): void {
  const good =
    types.length > 0 && types.length <= MAX_TYPES && types.every((one) => EVENT_PATTERN.test(one));
  if (!good)
    throw new InvalidInput([
      {
        path: 'filter.types',
        message: `must hold 1 to ${MAX_TYPES} types, such as user.create, or user.* for all that begin so`,
      },
    ]);
}

function atLeast(severity: Severity): Severity[] {
  return auditSeverity.options.slice(auditSeverity.options.indexOf(severity));
}

/**
 * What text is looked for in. Only ASCII letters are folded, which the database and we do alike. The
 * address and the program are sealed, and are not searched.
 */
const SEARCHED = `lower(concat_ws(' ', s.type, s.reason, s."actorId", s."onBehalfOf", s.targets::text, s.details::text) COLLATE "C")`;

function holdsAll(row: AuditEventRow, words: readonly string[]): boolean {
  const { type, reason, actorId, onBehalfOf, targets, details } = row;
  const texts = [
    type,
    reason,
    actorId,
    onBehalfOf,
    JSON.stringify(targets),
    JSON.stringify(details),
  ];
  const searched = folded(texts.join(' '));
  return words.every((word) => searched.includes(word));
}

/** Without what JSON puts between values, which is not written alike everywhere. */
function wordsOf(text: string): string[] {
  const words = folded(text)
    .split(/[\s"'\\,{}[\]\p{Cc}]+/u)
    .filter(Boolean);
  if (words.length === 0 || words.length > MAX_WORDS || text.length > 512)
    throw new InvalidInput([
      { path: 'filter.text', message: `must hold 1 to ${MAX_WORDS} words of letters or digits` },
    ]);
  return words;
}

/** As a pattern; words hold no backslash. */
function anywhere(word: string): string {
  return `%${word.replace(/[%_]/g, '\\$&')}%`;
}

function folded(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function rare(column: string, common: string, value: Maybe<string>): string {
  return value === common ? `${column} = ?` : `${column} = ? AND ${column} <> '${common}'`;
}

/** PostgreSQL takes no text with NUL, so no event holds one: it finds what nothing finds. */
function storable(text: Maybe<string>): Maybe<string> {
  return text?.includes('\u0000') ? '' : text;
}

/** Ids know no time before 1970, and nothing happened here before it. */
function firstIdSince(instant: Date): string {
  return firstIdAt(instant.getTime() < 0 ? new Date(0) : instant);
}
