/** Links that are over: used or not, they open nothing. */
import { expirySweep } from '#kernel/jobs/expired-rows.ts';

export const sweepOneTimeLinks = expirySweep({
  name: 'one-time-links.sweep',
  cron: '53 * * * *',
  table: 'one_time_links',
});
