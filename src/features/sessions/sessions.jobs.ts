/** Sessions that are over: kept for a month, so that people see where they were signed in. */
import { expirySweep } from '#kernel/jobs/expired-rows.ts';

export const sweepSessions = expirySweep({
  name: 'sessions.sweep',
  cron: '41 * * * *',
  table: 'sessions',
  keptMs: 30 * 86_400_000,
});
