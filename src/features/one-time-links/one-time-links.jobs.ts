/** Links that are over: used or not, they open nothing. */
import { eachTenant, inBatches } from '#kernel/jobs/each-tenant.ts';
import { job } from '#kernel/jobs/job.ts';

const BATCH = 1_000;

export const sweepOneTimeLinks = job({
  name: 'one-time-links.sweep',
  cron: '53 * * * *',
  async run({ db, clock }, _data, signal) {
    const now = clock.now();
    await eachTenant(db, signal, (tenantId) =>
      inBatches(BATCH, signal, () => db.execute(DELETE_LINKS, [tenantId, now])),
    );
  },
});

const DELETE_LINKS = `
DELETE FROM one_time_links WHERE tenant_id = $1 AND id IN (
  SELECT id FROM one_time_links WHERE tenant_id = $1 AND expires_at < $2 ORDER BY expires_at LIMIT ${BATCH})`;
