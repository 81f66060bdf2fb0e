/** Secrets that were rotated out: refused since they expired, forgotten soon after. */
import { expirySweep } from '#kernel/jobs/expired-rows.ts';

export const sweepClientSecrets = expirySweep({
  name: 'client-secrets.sweep',
  cron: '39 * * * *',
  table: 'oauth_client_secrets',
});
