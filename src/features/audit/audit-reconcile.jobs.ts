/**
 * No event stays without a leaf: what has none after a while, whatever became of its place in the outbox,
 * gets another one. A mark a tenant says up to which event all have theirs, so that each is looked at once.
 */
import type { Services } from '#kernel/context.ts';
import type { Database } from '#kernel/db/database.ts';
import { firstIdAt } from '#kernel/ids.ts';
import { eachTenant } from '#kernel/jobs/each-tenant.ts';
import { job } from '#kernel/jobs/job.ts';
import { SEQUENCER } from './audit-sequencer.ts';
import { canGrow } from './audit-tree.store.ts';

/** No transaction puts its commit off for so long. */
const AFTER_MS = 900_000;
const PAGE = 5_000;
/** Of one tenant in one run; the next one goes on. */
const MOST = 100_000;

export const reconcileLeaves = job({
  name: 'audit-leaves.reconcile',
  cron: '*/10 * * * *',
  async run(services, _data, signal) {
    const { db, clock } = services;
    const before = new Date(clock.ms() - AFTER_MS);
    const [behind] = await db.query(BEHIND, [SEQUENCER, before]);
    // Then the sequencer is late, and nothing is lost.
    if (behind) return;
    await eachTenant(db, signal, (tenantId) =>
      reconcile(services, tenantId, { below: firstIdAt(before), signal }),
    );
  },
});

interface Looked {
  readonly count: number;
  readonly last: string | null;
  /** In the order of their ids. */
  readonly lost: readonly string[];
  /** Before the first that is lost; null when that is the first of the page. */
  readonly sound: string | null;
}

/** Inside the tenant. */
async function reconcile(
  { db, log }: Services,
  tenantId: string,
  { below, signal }: { readonly below: string; readonly signal: AbortSignal },
): Promise<void> {
  let at: string | null = null;
  let lost = 0;
  for (let more = true; more && lost < MOST && !signal.aborted; ) {
    const [page]: Looked[] = await db.query(LOOK, [tenantId, at, below]);
    if (!page || page.last === null) return;
    const sound = page.lost.length === 0 ? page.last : page.sound;
    // After the first one that is lost the mark stays where it is.
    if (lost === 0 && sound !== null) await db.execute(MARK, [tenantId, sound]);
    if (page.lost.length > 0 && !(await canGrow(db, tenantId))) {
      log.error({ tenant: tenantId }, 'events wait until their audit tree is mended');
      return;
    }
    if (page.lost.length > 0) lost += await putBack(db, tenantId, page.lost);
    more = page.count === PAGE;
    at = page.last;
  }
  if (lost > 0) log.warn({ tenant: tenantId, events: lost }, 'events without a leaf get theirs');
}

function putBack(db: Database, tenantId: string, events: readonly string[]): Promise<number> {
  return db.execute(PUT_BACK, [tenantId, events, SEQUENCER]);
}

const BEHIND = `
SELECT 1 FROM outbox_cursors c CROSS JOIN LATERAL (
  SELECT o.occurred_at FROM outbox o WHERE (o.xid, o.seq) > (c.xid, c.seq) ORDER BY o.xid, o.seq LIMIT 1) oldest
WHERE c.consumer = $1 AND oldest.occurred_at < $2`;

const LOOK = `
WITH page AS MATERIALIZED (
  SELECT e.id, l.event_id IS NULL AS lost FROM (
    SELECT id FROM audit_events
    WHERE tenant_id = $1 AND id < $3::uuid AND id > coalesce($2::uuid,
      (SELECT up_to FROM audit_reconciled WHERE tenant_id = $1), '00000000-0000-0000-0000-000000000000')
    ORDER BY id LIMIT ${PAGE}) e
  LEFT JOIN audit_leaves l ON l.tenant_id = $1 AND l.event_id = e.id
)
SELECT (SELECT count(*)::int FROM page) AS count,
  (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last,
  ARRAY(SELECT id FROM page WHERE lost ORDER BY id) AS lost,
  (SELECT id FROM page WHERE id < (SELECT id FROM page WHERE lost ORDER BY id LIMIT 1)
   ORDER BY id DESC LIMIT 1) AS sound`;

const MARK = `
INSERT INTO audit_reconciled (tenant_id, up_to) VALUES ($1, $2)
ON CONFLICT (tenant_id) DO UPDATE SET up_to = excluded.up_to WHERE audit_reconciled.up_to < excluded.up_to`;

/** In the order of their transactions, as far as the same server numbered them. */
const PUT_BACK = `
INSERT INTO outbox (tenant_id, event_id, type, occurred_at)
SELECT e.tenant_id, e.id, e.type, e.occurred_at FROM audit_events e
WHERE e.tenant_id = $1 AND e.id = ANY ($2::uuid[]) AND NOT EXISTS (
  SELECT FROM outbox_cursors c JOIN outbox o ON (o.xid, o.seq) > (c.xid, c.seq)
  WHERE c.consumer = $3 AND o.tenant_id = $1 AND o.event_id = e.id)
ORDER BY e.xid, e.id`;
