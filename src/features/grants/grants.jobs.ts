/** Grants that are over: revoked ones too. They stay a month, so that a token of theirs can be explained. */
import { expirySweep } from '#kernel/jobs/expired-rows.ts';

export const sweepGrants = expirySweep({
  name: 'oauth-grants.sweep',
  cron: '47 * * * *',
  table: 'oauth_grants',
  keptMs: 30 * 86_400_000,
});
