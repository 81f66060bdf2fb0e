/**
 * The table `rate_limits`: what is counted for all instances together. Several counts are one statement,
 * and so one commit: they are taken one after the other, each under the lock of its row, so that however
 * many arrive at once, on whatever instance, no two see the same count. Rows are locked in the order in
 * which they are given; whoever counts the same things keeps to one order.
 */
import type { Database } from '#kernel/db/database.ts';

/** One thing that is counted. */
export interface Counter {
  /** As it is stored. */
  readonly key: string;
  readonly limit: number;
  /** Of the window that begins when there is none. */
  readonly seconds: number;
}

/** How far one has come. */
export interface Counted {
  readonly points: number;
  /** When the window ends, in milliseconds since 1970. */
  readonly expire: number;
}

type Store = Pick<Database, 'query'>;

/** Adds to each of them until one is over its limit, which is the last that is answered. */
export async function addPoints(
  db: Store,
  counters: readonly Counter[],
  points = 1,
): Promise<Counted[]> {
  const now = Date.now();
  const values = counters.flatMap(({ key, limit, seconds }) => [key, limit, now + seconds * 1000]);
  const text = textOf(`add ${counters.length}`, () => adding(counters.length));
  const rows = await db.query<{ points: number; expire: string }>(text, [now, points, ...values]);
  return rows.map((row) => ({ points: row.points, expire: Number(row.expire) }));
}

/** Takes one point back from each, as far as there is one in a window that goes on. */
export async function takeBack(db: Store, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await settle(db, keys, null);
}

/** The same, but forgets one of them whole. Answers the query's own promise. */
export function settle(
  db: Store,
  keys: readonly string[],
  forgotten: string | null,
): Promise<unknown> {
  const gone = forgotten === null ? -1 : keys.indexOf(forgotten);
  return db.query(
    textOf(`settle ${keys.length} ${gone}`, () => settling(keys.length, gone)),
    [Date.now(), ...keys],
  );
}

export async function forget(db: Store, key: string): Promise<void> {
  await db.query('DELETE FROM rate_limits WHERE key = $1', [key]);
}

/** Until when each of these is at its limit, by key; those that are not are left out. */
export async function spent(
  db: Store,
  keys: readonly string[],
  limit: number,
): Promise<Map<string, Date>> {
  const rows = await db.query<{ key: string; expire: string }>(SPENT, [keys, limit, Date.now()]);
  return new Map(rows.map(({ key, expire }) => [key, new Date(Number(expire))]));
}

/** Those of windows that are over. */
export async function sweep(db: Store): Promise<void> {
  await db.query('DELETE FROM rate_limits WHERE expire < $1', [Date.now()]);
}

const SPENT = `
SELECT key, expire::text AS expire FROM rate_limits
WHERE key = ANY ($1::text[]) AND points >= $2 AND expire > $3`;

/** By number of counters: the same ones come back, and are prepared. */
const texts = new Map<string, string>();

function textOf(name: string, write: () => string): string {
  const known = texts.get(name) ?? write();
  texts.set(name, known);
  return known;
}

/** $1: now, $2: points; then key, limit and end of a new window of each. */
function adding(count: number): string {
  const places = Array.from({ length: count }, (_, n) => n);
  const parts = places.map((n) => {
    const row = `$${3 * n + 3}::text, $2::int, $${3 * n + 5}::bigint`;
    const before = n === 0 ? '' : ` FROM c${n - 1} WHERE points <= $${3 * n + 1}::int`;
    return `c${n} AS (
  INSERT INTO rate_limits AS r (key, points, expire) SELECT ${row}${before}
  ON CONFLICT (key) DO UPDATE SET
    points = CASE WHEN r.expire <= $1::bigint THEN 0 ELSE r.points END + excluded.points,
    expire = CASE WHEN r.expire <= $1::bigint THEN excluded.expire ELSE r.expire END
  RETURNING points, expire)`;
  });
  // The last one's limit is for the caller to compare.
  return `WITH ${parts.join(', ')}
SELECT points, expire::text AS expire FROM (
${places.map((n) => `  SELECT ${n} AS place, points, expire FROM c${n}`).join(' UNION ALL\n')}) AS counted
WHERE $${3 * count + 1}::int IS NOT NULL ORDER BY place`;
}

/**
 * $1: now; then the keys. Each part waits for the one before it, as adding does: two statements that
 * lock the same rows in another order would wait for each other.
 */
function settling(count: number, forgotten: number): string {
  const parts = Array.from({ length: count }, (_, n) => {
    const key = `key = $${n + 2}::text`;
    const after = n === 0 ? '' : ` AND (SELECT count(*) FROM c${n - 1}) >= 0`;
    return n === forgotten
      ? `c${n} AS (DELETE FROM rate_limits WHERE ${key}${after} RETURNING 1)`
      : `c${n} AS (
  UPDATE rate_limits SET points = points - 1
  WHERE ${key} AND points > 0 AND expire > $1::bigint${after} RETURNING 1)`;
  });
  return `WITH ${parts.join(', ')}
SELECT $1::bigint FROM c${count - 1}`;
}
