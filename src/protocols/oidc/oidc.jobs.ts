/** What the issuers stored and need no more: codes, tokens, what browsers were in the middle of. */
import { eachTenant } from '#kernel/jobs/each-tenant.ts';
import { deleteExpired, type ExpiringTable } from '#kernel/jobs/expired-rows.ts';
import { job } from '#kernel/jobs/job.ts';

const HOUR_MS = 3_600_000;

/** How long each is kept after it was over. */
const KEPT_MS = {
  // Whoever comes with a code that was used ends what was given for it, also when they come late.
  oauth_codes: 24 * HOUR_MS,
  oauth_interactions: 0,
  oauth_sessions: 0,
  // An assertion is taken a little after its end, where clocks differ: it must not come again then.
  oauth_spent: HOUR_MS,
  // A refresh token that was used stays as long as it would have been good: it may have been stolen.
  oauth_tokens: 0,
} satisfies Partial<Record<ExpiringTable, number>>;

export const sweepIssuers = job({
  name: 'issuers.sweep',
  cron: '53 * * * *',
  async run({ db, clock }, _data, signal) {
    const now = clock.ms();
    const tables = Object.entries(KEPT_MS) as [keyof typeof KEPT_MS, number][];
    await eachTenant(db, signal, async (tenantId) => {
      for (const [table, kept] of tables)
        await deleteExpired({ db, signal }, table, tenantId, new Date(now - kept));
    });
  },
});
