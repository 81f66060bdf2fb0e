/** What nobody answered or confirmed: refused since its time was over, forgotten soon after. */
import { eachTenant, inBatches } from '#kernel/jobs/each-tenant.ts';
import { deleteExpired } from '#kernel/jobs/expired-rows.ts';
import { job } from '#kernel/jobs/job.ts';
import { PENDING_MS } from './mfa.model.ts';

const BATCH = 1_000;

export const sweepFactors = job({
  name: 'factors.sweep',
  cron: '53 * * * *',
  async run({ db, clock }, _data, signal) {
    const now = clock.now();
    const before = new Date(now.getTime() - PENDING_MS);
    await eachTenant(db, signal, async (tenantId) => {
      await deleteExpired({ db, signal }, 'challenges', tenantId, now);
      await inBatches(BATCH, signal, () => db.execute(DELETE_PENDING, [tenantId, before]));
    });
  },
});

const DELETE_PENDING = `
DELETE FROM factors WHERE tenant_id = $1 AND id IN (
  SELECT id FROM factors WHERE tenant_id = $1 AND confirmed_at IS NULL AND created_at < $2
  ORDER BY created_at LIMIT ${BATCH}) AND confirmed_at IS NULL`;
