/** What a process does without being asked: jobs, and the marks of when API keys were last used. */
import { sweepApiKeySecrets } from '#features/api-keys/api-keys.jobs.ts';
import type { PresentedKeys } from '#features/api-keys/api-keys.store.ts';
import { ensureAuditPartitions } from '#features/audit/audit.jobs.ts';
import { auditFigures } from '#features/audit/audit-figures.ts';
import { reconcileLeaves } from '#features/audit/audit-reconcile.jobs.ts';
import { startSequencer } from '#features/audit/audit-sequencer.ts';
import { startCheckpointer } from '#features/audit/checkpointer.ts';
import { sweepOutbox } from '#features/audit/outbox-sweep.jobs.ts';
import { sweepInitialAccessTokens } from '#features/client-registrations/client-registrations.jobs.ts';
import { sweepClientSecrets } from '#features/clients/clients.jobs.ts';
import { sweepGrants } from '#features/grants/grants.jobs.ts';
import { tendSigningKeys } from '#features/keys/keys.jobs.ts';
import { startLogStreams } from '#features/log-streams/log-streams.jobs.ts';
import { sendMessage, sweepMessages } from '#features/messages/messages.jobs.ts';
import { sweepFactors } from '#features/mfa/mfa.jobs.ts';
import { sweepOneTimeLinks } from '#features/one-time-links/one-time-links.jobs.ts';
import {
  prepareInvitationAgain,
  preparePasswordReset,
  prepareRegistration,
} from '#features/self-service/self-service.jobs.ts';
import { sweepSessions } from '#features/sessions/sessions.jobs.ts';
import { sweepSignInFlows } from '#features/sign-in/sign-in.jobs.ts';
import type { Services } from '#kernel/context.ts';
import { sweepIdempotencyKeys, sweepRateLimits } from '#kernel/jobs/sweeps.ts';
import { sendLogoutTokens } from '#protocols/oidc/logout-tokens.jobs.ts';
import { sweepIssuers } from '#protocols/oidc/oidc.jobs.ts';
import type { Issuers } from '#protocols/oidc/providers.ts';

export interface Workers {
  stop(): Promise<void>;
}

/** Every job of the program, but those that speak for an issuer. */
const JOBS = [
  ensureAuditPartitions,
  prepareInvitationAgain,
  preparePasswordReset,
  prepareRegistration,
  reconcileLeaves,
  sendMessage,
  sweepApiKeySecrets,
  sweepClientSecrets,
  sweepFactors,
  sweepGrants,
  sweepIdempotencyKeys,
  sweepInitialAccessTokens,
  sweepIssuers,
  sweepMessages,
  sweepOneTimeLinks,
  sweepOutbox,
  sweepRateLimits,
  sweepSessions,
  sweepSignInFlows,
  tendSigningKeys,
];

const FLUSH_USES_MS = 20_000;
/** For what log streams are sending when the process ends. */
const STREAMS_SECONDS = 3;

export async function startWorkers(
  services: Services,
  keys: PresentedKeys,
  issuers: Issuers,
): Promise<Workers> {
  const { jobs, log } = services;
  for (const job of JOBS) jobs.register(job);
  jobs.register(sendLogoutTokens(issuers));
  await jobs.start(services);
  auditFigures(services);
  const stopEvidence = services.config.roles.has('jobs') ? startEvidence(services) : null;
  const flush = () =>
    keys
      .flush()
      .catch((error: unknown) =>
        log.warn({ err: error }, 'the last uses of API keys were not written'),
      );
  const timer = setInterval(() => void flush(), FLUSH_USES_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await stopEvidence?.();
      await flush();
    },
  };
}

/** Sequences events, signs what they grew into and sends them on, until what it answers is called. */
function startEvidence(services: Services): () => Promise<void> {
  const checkpointer = startCheckpointer(services);
  const streams = startLogStreams(services);
  const sequencer = startSequencer(services, (tenants) => {
    streams.wake();
    checkpointer.grown(tenants);
  });
  return async () => {
    await sequencer.stop();
    await Promise.all([
      checkpointer.stop(),
      streams.stop(Math.min(STREAMS_SECONDS, services.config.shutdownTimeout)),
    ]);
  };
}
