/**
 * What surrounds one request or one job: who calls, for which tenant, through which door, and the
 * ambient services. Services of a feature are imported, never carried here.
 */
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Vault } from '#kernel/crypto/vault.ts';
import type { Database } from '#kernel/db/database.ts';
import type { Outbox } from '#kernel/events/outbox.ts';
import type { Refusals } from '#kernel/events/refusals.ts';
import type { Hooks } from '#kernel/hooks.ts';
import type { Jobs } from '#kernel/jobs.ts';
import type { RateLimits } from '#kernel/limits.ts';
import type { Log } from '#kernel/log.ts';
import type { Mailer } from '#kernel/mail.ts';
import type { Metrics } from '#kernel/metrics.ts';
import type { ReadyConfig } from '#kernel/secrets.ts';
import type { SmsProvider } from '#kernel/sms.ts';

/** The ambient things of a process: made once in `app`. */
export interface Services {
  readonly config: ReadyConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly db: Database;
  readonly vault: Vault;
  readonly outbox: Outbox;
  readonly refusals: Refusals;
  readonly hooks: Hooks;
  readonly jobs: Jobs;
  readonly limits: RateLimits;
  readonly mailer: Mailer;
  /** Null where no text messages can be sent. */
  readonly sms: SmsProvider | null;
  readonly metrics: Metrics;
}

/** The effective tenant of an anonymous caller: row security shows it nothing. */
export const NO_TENANT = '00000000-0000-0000-0000-000000000000';

/** `platform` is /internal, `public` every other door, `system` jobs and the CLI. */
export type Door = 'public' | 'platform' | 'system';

export interface Context extends Services {
  readonly actor: Actor;
  /** The one effective tenant. Only a platform caller at the platform door chooses it; NO_TENANT for strangers. */
  readonly tenantId: string;
  readonly door: Door;
  /** The tenant at whose own host the request came in: nobody else is served there. Null elsewhere. */
  readonly site: string | null;
  readonly requestId: string;
  /** The caller's address, after TRUSTED_PROXIES; null for jobs. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The request's Idempotency-Key, if it sent one. */
  readonly idempotencyKey: string | null;
  /** The request's Last-Event-ID: what a client of a stream saw before it lost the connection. */
  readonly lastEventId: string | null;
  /** Adds a Set-Cookie field to the answer; does nothing where there is none. */
  setCookie(cookie: string): void;
  /** Aborts when the client goes away or the operation's time is over. */
  readonly signal: AbortSignal;
  /** Who the credential is now, for what outlives a request; null when it is no longer good. */
  reauthenticate(): Promise<Actor | null>;
  /** Per-request memory: batches, verdicts, counters. Never shared between requests. */
  readonly memo: Map<unknown, unknown>;
}

/** What somebody does who shows in it who they are: by a sign-in, or by a link of theirs. */
export function asPerson(ctx: Context, userId: string): Context {
  const { tenantId } = ctx;
  return { ...ctx, actor: { ...ctx.actor, kind: 'user', id: userId, tenantId } };
}

/** The value kept for this request under `key`, made on first use. */
export function memoized<T>(ctx: Pick<Context, 'memo'>, key: unknown, make: () => T): T {
  if (!ctx.memo.has(key)) ctx.memo.set(key, make());
  return ctx.memo.get(key) as T;
}
