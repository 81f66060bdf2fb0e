/**
 * Reading events after their commit. A cursor advances only over settled transactions
 * (`xid < pg_snapshot_xmin`): an identity column alone would skip rows that commit late.
 *
 * Two kinds of reader: a *tail* lives in one process and starts at now (subscriptions); a
 * *consumer* has a durable cursor, and one instance at a time advances it.
 */
import type { Database } from '#kernel/db/database.ts';
import type { Log } from '#kernel/log.ts';

export interface OutboxRow {
  readonly tenantId: string;
  readonly eventId: string;
  readonly type: string;
}

export interface Outbox {
  /** Something was committed here: readers of this instance look at once. */
  wake(): void;
  /** Every event committed from now on, on any instance, until `signal` aborts. */
  tail(signal: AbortSignal): AsyncGenerator<OutboxRow, void, undefined>;
  /** Hands the consumer its next settled rows, in order and at least once; returns how many. */
  consume(consumer: string, handle: (rows: readonly OutboxRow[]) => Promise<void>): Promise<number>;
  stop(): void;
}

interface SettledRow {
  xid: string;
  seq: string;
  tenant_id: string;
  event_id: string;
  type: string;
}

interface Position {
  readonly xid: string;
  readonly seq: string;
}

const POLL_MS = 500;
const BATCH = 500;

export function createOutbox(db: Database, log: Log): Outbox {
  const stopped = new AbortController();
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resume of waiting) resume();
  };

  return {
    wake,
    async *tail(signal) {
      const over = AbortSignal.any([signal, stopped.signal]);
      let position = await latestPosition(db);
      while (!over.aborted) {
        const rows = await settledAfter(db, position).catch((error: unknown) => {
          log.warn({ err: error }, 'the live tail could not read the outbox; trying again');
          return [];
        });
        const last = rows.at(-1);
        if (last) position = { xid: last.xid, seq: last.seq };
        for (const row of rows) yield outboxRow(row);
        if (rows.length < BATCH) await pause(waiting, over);
      }
    },
    async consume(consumer, handle) {
      return db.transaction(async () => {
        await db.query(
          'INSERT INTO outbox_cursors (consumer, xid, seq) VALUES ($1, 0::text::xid8, 0) ON CONFLICT DO NOTHING',
          [consumer],
        );
        const [cursor] = await db.query<Position>(
          'SELECT xid::text, seq::text FROM outbox_cursors WHERE consumer = $1 FOR UPDATE SKIP LOCKED',
          [consumer],
        );
        if (!cursor) return 0;
        const rows = await settledAfter(db, cursor);
        const last = rows.at(-1);
        if (!last) return 0;
        await handle(rows.map(outboxRow));
        await db.query(
          'UPDATE outbox_cursors SET xid = $2::text::xid8, seq = $3 WHERE consumer = $1',
          [consumer, last.xid, last.seq],
        );
        return rows.length;
      });
    },
    stop() {
      stopped.abort();
      wake();
    },
  };
}

async function latestPosition(db: Database): Promise<Position> {
  const [row] = await db.query<Position>(
    'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid, 0::text AS seq',
  );
  return row ?? { xid: '0', seq: '0' };
}

function settledAfter(db: Database, position: Position): Promise<SettledRow[]> {
  return db.query<SettledRow>(
    `SELECT xid::text, seq::text, tenant_id, event_id, type FROM outbox
     WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY xid, seq LIMIT ${BATCH}`,
    [position.xid, position.seq],
  );
}

function outboxRow(row: SettledRow): OutboxRow {
  return { tenantId: row.tenant_id, eventId: row.event_id, type: row.type };
}

/** Until somebody wakes us, the signal aborts or the poll interval is over. */
function pause(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      waiting.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, POLL_MS);
    waiting.add(done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
