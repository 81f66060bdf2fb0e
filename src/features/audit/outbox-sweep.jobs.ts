/**
 * What leaves the outbox: rows that are older than a day, that every durable reader has had and whose
 * events have their leaf. One whose event has none, because its tree is damaged, goes behind the others.
 */
import type { Database } from '#kernel/db/database.ts';
import { job } from '#kernel/jobs/job.ts';

interface Passed {
  readonly xid: string;
  readonly seq: string;
  readonly tenantId: string;
  readonly old: boolean;
}

const BATCH = 2_000;
const DAY_MS = 86_400_000;

export const sweepOutbox = job({
  name: 'outbox.sweep',
  cron: '23 * * * *',
  async run({ db, clock }, _data, signal) {
    const before = new Date(clock.ms() - DAY_MS);
    // What goes behind the others now is not looked at again now.
    const [end] = await db.query<{ xid: string }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid',
    );
    for (let at = { xid: '0', seq: '0' }; !signal.aborted; ) {
      const rows = await db.query<Passed>(PASSED, [at.xid, at.seq, before, end?.xid]);
      const old = rows.filter((row) => row.old);
      for (const [tenantId, ofTenant] of Map.groupBy(old, (row) => row.tenantId))
        await leave(db, tenantId, ofTenant);
      const last = rows.at(-1);
      if (!last || old.length === 0 || rows.length < BATCH) return;
      at = last;
    }
  },
});

function leave(db: Database, tenantId: string, rows: readonly Passed[]): Promise<unknown> {
  const seqs = rows.map(({ seq }) => seq);
  return db.inTenant(tenantId, () => db.execute(LEAVE, [tenantId, seqs]));
}

/** From the oldest on, along the index by which the readers read. */
const PASSED = `
SELECT o.xid::text, o.seq::text, o.tenant_id AS "tenantId", o.occurred_at < $3 AS old
FROM outbox o
WHERE (o.xid, o.seq) > ($1::text::xid8, $2::bigint) AND o.xid < $4::text::xid8
  AND NOT EXISTS (SELECT FROM outbox_cursors c WHERE (c.xid, c.seq) < (o.xid, o.seq))
ORDER BY o.xid, o.seq LIMIT ${BATCH}`;

const LEAVE = `
WITH gone AS (DELETE FROM outbox WHERE tenant_id = $1 AND seq = ANY ($2::bigint[]) RETURNING *)
INSERT INTO outbox (tenant_id, event_id, type, occurred_at)
SELECT g.tenant_id, g.event_id, g.type, g.occurred_at FROM gone g
WHERE EXISTS (SELECT FROM audit_events e WHERE e.tenant_id = $1 AND e.id = g.event_id)
  AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.tenant_id = $1 AND l.event_id = g.event_id)
ORDER BY g.xid, g.seq`;
