/** What follows from an answer that is no success: again later, in halves, a dead letter, or no more. */
import type { Services } from '#kernel/context.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { decodeId } from '#kernel/ids.ts';
import { systemContext } from '#kernel/system-context.ts';
import { retryDelay } from './backoff.ts';
import {
  bury,
  disable,
  divide,
  type Frozen,
  noteFailure,
  type Served,
} from './deliveries.store.ts';
import type { Outcome, StreamedEvent } from './destination.ts';
import { holdLease, type Lease } from './leases.store.ts';
import { tellGap } from './pass-over.ts';

/** After so many events that were rejected one by one, with none taken between, it is not the events. */
const MAX_REJECTIONS = 20;
/** How long a receiver may be away before its stream stops asking. Nothing is lost by that. */
const MAX_FAILING_MS = 3 * 86_400_000;

type Failed = Exclude<Outcome, { kind: 'delivered' }>;

interface Sent {
  readonly stream: Served;
  readonly frozen: Frozen;
  readonly events: readonly StreamedEvent[];
  readonly tookMs: number;
}

/** Answers when to try again; null: go on. */
export function settleFailure(
  services: Services,
  lease: Lease,
  sent: Sent,
  outcome: Failed,
): Promise<Date | null> {
  const { db } = services;
  return db.transaction(async () => {
    if (outcome.kind === 'retry') return retry(services, lease, sent, outcome);
    if (outcome.kind === 'rejected') await reject(services, lease, sent, outcome);
    else await end(services, lease, sent, outcome);
    return null;
  });
}

async function retry(
  services: Services,
  lease: Lease,
  { stream, frozen, tookMs }: Sent,
  outcome: Extract<Failed, { kind: 'retry' }>,
): Promise<Date> {
  const { db, clock } = services;
  const now = clock.now();
  const delay = retryDelay(frozen.attempts + 1, outcome.retryAfterMs);
  const nextAttemptAt = new Date(now.getTime() + delay);
  await holdLease(db, lease, { failures: frozen.attempts + 1, tookMs });
  await noteFailure(db, lease, frozen, outcome, { now, nextAttemptAt });
  const failing = now.getTime() - (stream.failingSince ?? now).getTime();
  if (failing > MAX_FAILING_MS)
    await stop(services, lease, `no attempt succeeded for three days; the last: ${outcome.reason}`);
  return nextAttemptAt;
}

async function reject(
  services: Services,
  lease: Lease,
  { stream, frozen, events, tookMs }: Sent,
  outcome: Failed,
): Promise<void> {
  const { db, clock } = services;
  const now = clock.now();
  await holdLease(db, lease, { failures: 0, tookMs });
  const [first] = events;
  await tellGap(services, lease, { ...frozen, events: frozen.events - events.length });
  if (events.length > 1 || !first) return divide(db, lease, frozen, events, now);
  await bury(db, lease, frozen, decodeId('event', first.id) ?? '', outcome, now);
  if (stream.rejections + 1 >= MAX_REJECTIONS)
    await stop(
      services,
      lease,
      `${MAX_REJECTIONS} events in a row were rejected; the last: ${outcome.reason}`,
    );
}

async function end(
  services: Services,
  lease: Lease,
  { frozen, tookMs }: Sent,
  outcome: Failed,
): Promise<void> {
  await holdLease(services.db, lease, { tookMs });
  const when = { now: services.clock.now(), nextAttemptAt: null };
  await noteFailure(services.db, lease, frozen, outcome, when);
  await stop(services, lease, outcome.reason);
}

/** Part of the transaction that is open. */
async function stop(services: Services, lease: Lease, reason: string): Promise<void> {
  const { tenantId, streamId } = lease;
  if (!(await disable(services.db, lease, reason, services.clock.now()))) return;
  await recordEvents(systemContext(services, tenantId), [
    {
      type: 'log-stream.disable',
      severity: 'WARNING',
      targets: [{ type: 'logstream', id: streamId }],
      details: { reason },
    },
  ]);
}
