/** Secrets that were rotated out: refused since they expired, forgotten soon after. */
import { eachTenant } from '#kernel/jobs/each-tenant.ts';
import { job } from '#kernel/jobs/job.ts';

export const sweepApiKeySecrets = job({
  name: 'api-key-secrets.sweep',
  cron: '37 * * * *',
  async run({ db, clock }, _data, signal) {
    const now = clock.now();
    await eachTenant(db, signal, (tenantId) =>
      db.execute('DELETE FROM api_key_secrets WHERE tenant_id = $1 AND expires_at < $2', [
        tenantId,
        now,
      ]),
    );
  },
});
