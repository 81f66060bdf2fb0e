/** What the kernel stored and needs no more. Small batches: a sweep must not be felt by anybody. */
import { eachTenant, inBatches } from './each-tenant.ts';
import { job } from './job.ts';

const BATCH = 1_000;

/** The answers of requests that may not be repeated any more. */
export const sweepIdempotencyKeys = job({
  name: 'idempotency-keys.sweep',
  cron: '7 * * * *',
  async run({ db }, _data, signal) {
    await eachTenant(db, signal, (tenantId) =>
      inBatches(BATCH, signal, () => db.execute(DELETE_IDEMPOTENCY_KEYS, [tenantId])),
    );
  },
});

const DELETE_IDEMPOTENCY_KEYS = `
DELETE FROM idempotency_keys WHERE tenant_id = $1 AND id IN (
  SELECT id FROM idempotency_keys WHERE tenant_id = $1 AND expires_at < now()
  ORDER BY expires_at LIMIT ${BATCH})`;

/** The counters of windows that are over. */
export const sweepRateLimits = job({
  name: 'rate-limits.sweep',
  cron: '13 * * * *',
  run: ({ limits }) => limits.sweep(),
});
