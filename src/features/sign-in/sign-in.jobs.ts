/** Sign-ins that ended or took too long: they continue no more. */
import { expirySweep } from '#kernel/jobs/expired-rows.ts';

export const sweepSignInFlows = expirySweep({
  name: 'sign-in-flows.sweep',
  cron: '47 * * * *',
  table: 'sign_in_flows',
});
