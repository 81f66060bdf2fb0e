/** Initial access tokens: refused since they expired, forgotten a month later. */
import { expirySweep } from '#kernel/jobs/expired-rows.ts';

export const sweepInitialAccessTokens = expirySweep({
  name: 'initial-access-tokens.sweep',
  cron: '43 * * * *',
  table: 'initial_access_tokens',
  keptMs: 30 * 86_400_000,
});
