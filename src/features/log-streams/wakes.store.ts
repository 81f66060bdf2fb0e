/**
 * The sequencer says whose log grew by a row that nobody else writes, in its own transaction; here the
 * streams hear of it. So it never waits for a stream's row, and what it said is not lost: it is
 * forgotten in the transaction in which all streams of the tenant were woken. A stream whose row is
 * held just now is woken by the next look, for which one row a tenant is enough.
 */
import type { Database } from '#kernel/db/database.ts';

export async function applyWakes(db: Database): Promise<void> {
  const [told] = await db.query('SELECT 1 FROM log_stream_wakes LIMIT 1');
  if (told) await db.query(APPLY);
}

/** Whoever goes to sleep meanwhile compares `woken`, and does not, or sleeps before and is woken by this. */
const APPLY = `
WITH told AS (
  SELECT id, tenant_id FROM log_stream_wakes ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
), free AS (
  SELECT stream_id, tenant_id FROM log_stream_work
  WHERE state = 'ACTIVE' AND tenant_id IN (SELECT tenant_id FROM told)
  FOR UPDATE SKIP LOCKED
), woken AS (
  UPDATE log_stream_work w SET woken = w.woken + 1, idle = false,
    due_at = CASE WHEN w.idle THEN '-infinity'::timestamptz ELSE w.due_at END
  FROM free WHERE w.stream_id = free.stream_id
)
DELETE FROM log_stream_wakes WHERE id IN (
  SELECT t.id FROM told t WHERE EXISTS (
    SELECT FROM told later WHERE later.tenant_id = t.tenant_id AND later.id > t.id)
  OR NOT EXISTS (
    SELECT FROM log_stream_work w WHERE w.tenant_id = t.tenant_id AND w.state = 'ACTIVE'
      AND w.stream_id NOT IN (SELECT stream_id FROM free)))`;
