/** Sign-ins that ended or took too long: they continue no more. */
import { eachTenant, inBatches } from '#kernel/jobs/each-tenant.ts';
import { job } from '#kernel/jobs/job.ts';

const BATCH = 1_000;

export const sweepSignInFlows = job({
  name: 'sign-in-flows.sweep',
  cron: '47 * * * *',
  async run({ db, clock }, _data, signal) {
    const now = clock.now();
    await eachTenant(db, signal, (tenantId) =>
      inBatches(BATCH, signal, () => db.execute(DELETE_FLOWS, [tenantId, now])),
    );
  },
});

const DELETE_FLOWS = `
DELETE FROM sign_in_flows WHERE tenant_id = $1 AND id IN (
  SELECT id FROM sign_in_flows WHERE tenant_id = $1 AND expires_at < $2 ORDER BY expires_at LIMIT ${BATCH})`;
