/**
 * Transactions are numbered by the server. A dump that is restored on another one brings cursors and
 * rows with numbers that do not exist there yet: readers would wait for them, and pass over all that
 * is written meanwhile. So the rows are numbered anew: 0, before all others and behind every live tail,
 * in their order; and every durable reader begins at the first again, which sees some rows twice.
 */
import type { Database } from '#kernel/db/database.ts';
import type { Log } from '#kernel/log.ts';

/**
 * Whether a cursor or a row has a number that this server has not given. What can be seen was committed,
 * and cursors pass only what is settled: both lie below the end of every snapshot.
 */
export const IS_FOREIGN = `(
  EXISTS (SELECT FROM outbox_cursors WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))
  OR coalesce((SELECT xid FROM outbox ORDER BY xid DESC, seq DESC LIMIT 1), '0'::xid8)
    >= pg_snapshot_xmax(pg_current_snapshot()))`;

const BATCH = 5_000;

/** Cheap where there is nothing to do. Killed in the middle, the next one goes on. */
export async function settleIn(db: Database, log: Log): Promise<void> {
  const [foreign] = await db.query(FOREIGN);
  if (!foreign) return;
  let moved = 0;
  for (let rows = BATCH; rows === BATCH; moved += rows)
    rows = await db.transaction(() => moveBatch(db));
  log.warn(
    { rows: moved },
    'the outbox came from another server: its rows were numbered anew, and its readers begin at the first',
  );
}

/** Answers how many. The cursors go back with every batch, so that it may end after any. Two processes take turns. */
async function moveBatch(db: Database): Promise<number> {
  await db.query('SELECT 1 FROM outbox_cursors ORDER BY consumer FOR UPDATE');
  const rows = await db.execute(MOVE, [BATCH]);
  // Another process may have been faster, and its readers have gone on.
  const [left] = rows > 0 ? [true] : await db.query(FOREIGN);
  if (left) await db.execute(RESET);
  return rows;
}

const FOREIGN = `SELECT 1 WHERE ${IS_FOREIGN}`;

const MOVE = `
WITH moved AS (
  DELETE FROM outbox WHERE seq IN (
    SELECT seq FROM outbox WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()) ORDER BY xid, seq LIMIT $1)
  RETURNING *
)
INSERT INTO outbox (xid, tenant_id, event_id, type, occurred_at)
SELECT '0'::xid8, tenant_id, event_id, type, occurred_at FROM moved ORDER BY xid, seq`;

const RESET = "UPDATE outbox_cursors SET xid = '0', seq = 0";
