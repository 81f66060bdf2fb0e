/** What operators see of the sequencer: what is committed and has no leaf, of all tenants together. */
import type { Services } from '#kernel/context.ts';
import { SEQUENCER } from './audit-sequencer.ts';

/** Nobody needs to know more exactly, and counting costs. */
const MOST = 100_000;

export function auditFigures({ metrics, db, clock }: Services): void {
  metrics.gauges(
    'audit_unsequenced_seconds',
    'Age of the oldest committed event that the sequencer has not had; some transaction that stays open on the server holds it',
    [],
    async () => {
      const [row] = await db.query<{ at: Date }>(OLDEST, [SEQUENCER]);
      return [{ labels: {}, value: row ? Math.max(0, (clock.ms() - row.at.getTime()) / 1000) : 0 }];
    },
  );
  metrics.gauges(
    'audit_unsequenced_events',
    `Committed events that the sequencer has not had; counted up to ${MOST}`,
    [],
    async () => {
      const [row] = await db.query<{ count: number }>(COUNT, [SEQUENCER]);
      return [{ labels: {}, value: row?.count ?? 0 }];
    },
  );
}

const WAITING = `
FROM outbox_cursors c JOIN outbox o ON (o.xid, o.seq) > (c.xid, c.seq) WHERE c.consumer = $1`;
const OLDEST = `SELECT o.occurred_at AS at ${WAITING} ORDER BY o.xid, o.seq LIMIT 1`;
const COUNT = `SELECT count(*)::int AS count FROM (SELECT 1 ${WAITING} LIMIT ${MOST}) AS waiting`;
