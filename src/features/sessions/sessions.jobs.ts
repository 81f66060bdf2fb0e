/** Sessions that are over: kept for a month, so that people see where they were signed in. */
import { eachTenant, inBatches } from '#kernel/jobs/each-tenant.ts';
import { job } from '#kernel/jobs/job.ts';

const BATCH = 1_000;
const KEPT_MS = 30 * 86_400_000;

export const sweepSessions = job({
  name: 'sessions.sweep',
  cron: '41 * * * *',
  async run({ db, clock }, _data, signal) {
    const before = new Date(clock.ms() - KEPT_MS);
    await eachTenant(db, signal, (tenantId) =>
      inBatches(BATCH, signal, () => db.execute(DELETE_SESSIONS, [tenantId, before])),
    );
  },
});

const DELETE_SESSIONS = `
DELETE FROM sessions WHERE tenant_id = $1 AND id IN (
  SELECT id FROM sessions WHERE tenant_id = $1 AND expires_at < $2 ORDER BY expires_at LIMIT ${BATCH})`;
