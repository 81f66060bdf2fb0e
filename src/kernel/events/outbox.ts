/**
 * Reading events after their commit. A cursor advances only over settled transactions
 * (`xid < pg_snapshot_xmin`): an identity column alone would skip rows that commit late.
 *
 * Two kinds of reader: a *tail* lives in one process and starts at now (subscriptions); a
 * *consumer* has a durable cursor, and one instance at a time advances it.
 */
import type { Database } from '#kernel/db/database.ts';
import type { Log } from '#kernel/log.ts';
import { IS_FOREIGN, settleIn } from './outbox-move.ts';
import { createTails, outboxRow } from './tails.ts';

export interface OutboxRow {
  readonly tenantId: string;
  readonly eventId: string;
  readonly type: string;
}

export interface Outbox {
  /** Something was committed here: readers of this instance look at once. */
  wake(): void;
  /**
   * The tenant's events committed from now on, on any instance, until `signal` aborts or the reader
   * falls far behind. Throws RateLimited when the tenant has too many readers here.
   */
  tail(tenantId: string, signal: AbortSignal): AsyncGenerator<OutboxRow, void, undefined>;
  /** Calls `listener` whenever something was committed here, until what it answers is called. */
  onWake(listener: () => void): () => void;
  /**
   * Whether there are settled rows that this consumer, who has consumed before, has not had. After the
   * database was restored on another server it settles in first.
   */
  waits(consumer: string): Promise<boolean>;
  /** The tenant's events that are committed and that this consumer has not had; the first 10,000. */
  waiting(consumer: string, tenantId: string): Promise<ReadonlySet<string>>;
  /**
   * Hands the consumer its next settled rows, in order and at least once, `limit` at most; returns
   * how many. What `handle` writes is kept together with the cursor.
   */
  consume(
    consumer: string,
    handle: (rows: readonly OutboxRow[]) => Promise<void>,
    limit?: number,
  ): Promise<number>;
  stop(): void;
}

export interface SettledRow {
  xid: string;
  seq: string;
  tenant_id: string;
  event_id: string;
  type: string;
}

export interface Position {
  readonly xid: string;
  readonly seq: string;
}

const BATCH = 500;

export function createOutbox(db: Database, log: Log): Outbox {
  const stopped = new AbortController();
  const listeners = new Set<() => void>();
  const tails = createTails(
    {
      snapshot: () => currentSnapshot(db),
      after: (position) => settledAfter(db, position, BATCH),
      batch: BATCH,
    },
    log,
  );

  return {
    wake() {
      tails.wake();
      for (const listener of listeners) listener();
    },
    onWake(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tail: (tenantId, signal) => tails.open(tenantId, AbortSignal.any([signal, stopped.signal])),
    async waiting(consumer, tenantId) {
      const rows = await db.query<{ event_id: string }>(WAITING, [consumer, tenantId]);
      return new Set(rows.map(({ event_id: id }) => id));
    },
    async waits(consumer) {
      const [looked] = await db.query<{ waits: boolean; foreign: boolean }>(WAITS, [consumer]);
      if (looked?.foreign) await settleIn(db, log);
      return looked?.waits === true || looked?.foreign === true;
    },
    async consume(consumer, handle, limit = BATCH) {
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
        const rows = await settledAfter(db, cursor, limit);
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
    },
  };
}

async function currentSnapshot(db: Database): Promise<string> {
  const [row] = await db.query<{ snapshot: string }>(
    'SELECT pg_current_snapshot()::text AS snapshot',
  );
  return row?.snapshot ?? '';
}

/** Not only what is settled: whatever can be seen now. */
const WAITING = `
SELECT o.event_id FROM outbox_cursors c JOIN outbox o ON (o.xid, o.seq) > (c.xid, c.seq)
WHERE c.consumer = $1 AND o.tenant_id = $2 LIMIT 10000`;

const WAITS = `
SELECT ${IS_FOREIGN} AS foreign, EXISTS (SELECT FROM outbox_cursors c WHERE c.consumer = $1 AND EXISTS (
  SELECT FROM outbox o WHERE (o.xid, o.seq) > (c.xid, c.seq)
    AND o.xid < pg_snapshot_xmin(pg_current_snapshot()))) AS waits`;

function settledAfter(db: Database, position: Position, limit: number): Promise<SettledRow[]> {
  return db.query<SettledRow>(
    // "ORDER BY seq" alone would mean the text that is selected under this name.
    `SELECT o.xid::text, o.seq::text, tenant_id, event_id, type FROM outbox o
     WHERE (o.xid, o.seq) > ($1::text::xid8, $2::bigint)
       AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY o.xid, o.seq LIMIT $3`,
    [position.xid, position.seq, limit],
  );
}
