/**
 * One stream's turn: batch after batch, each frozen, sent and settled before the next, until there is
 * nothing to send, an attempt failed or others have waited long enough.
 */
import type { Services } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import {
  type Frozen,
  freeze,
  loadStream,
  type Served,
  settleDelivered,
  settleGone,
} from './deliveries.store.ts';
import type { Destination, Outcome, StreamedEvent } from './destination.ts';
import { openDestination } from './destination-kinds.ts';
import type { Lease } from './leases.store.ts';
import { outboundOf } from './outbound-of.ts';
import { tellGap } from './pass-over.ts';
import { settleFailure } from './settle-failure.ts';
import { frozenEvents, nextBatch } from './stream-events.ts';
import type { StreamFigures } from './stream-figures.ts';
import { openSecrets } from './stream-secrets.ts';

/** Then others have their turn. */
const TURN_MS = 1_000;
/** Of one attempt, whatever its connector allows itself. */
const ATTEMPT_MS = 30_000;

export interface Turn {
  readonly lease: Lease;
  /** Aborts when the lease is lost or the process must end now. */
  readonly signal: AbortSignal;
  /** Whether the process wants to end: no further batch. */
  stopping(): boolean;
}

/** When it is due again: `idle` when it has sent all there is, null: at once. */
export interface TurnEnd {
  readonly next: Date | 'idle' | null;
  /** What had been told when it last looked. */
  readonly woken: string;
}

type Opened = { readonly version: number; readonly destination: Destination };
type Step = 'again' | 'idle' | Date;

/** What was just frozen need not be read again. */
interface Hand {
  batch: { readonly id: string; readonly events: readonly StreamedEvent[] } | null;
}

export async function serveStream(
  services: Services,
  figures: StreamFigures,
  turn: Turn,
): Promise<TurnEnd> {
  const until = performance.now() + TURN_MS;
  let opened: Opened | null = null;
  const hand: Hand = { batch: null };
  let { woken } = turn.lease;
  for (;;) {
    const stream = await loadStream(services.db, turn.lease);
    if (stream?.state !== 'ACTIVE') return { next: 'idle', woken };
    woken = stream.woken;
    if (opened === null || opened.version !== stream.version)
      opened = await open(services, turn.lease, stream);
    const { destination } = opened;
    const step = stream.head
      ? await sendHead(services, figures, turn, { stream, frozen: stream.head, destination, hand })
      : await freezeNext(services, turn.lease, { stream, destination, hand });
    if (step !== 'again') return { next: step, woken };
    if (turn.stopping() || turn.signal.aborted || performance.now() > until)
      return { next: null, woken };
  }
}

async function open(services: Services, { tenantId }: Lease, stream: Served): Promise<Opened> {
  const secrets = await openSecrets(services, { tenantId, id: stream.id }, stream.secrets);
  const destination = openDestination(stream.kind, stream.settings, secrets);
  return { version: stream.version, destination };
}

async function freezeNext(
  services: Services,
  lease: Lease,
  { stream, destination, hand }: Omit<ToSend, 'frozen'>,
): Promise<Step> {
  const { db, clock } = services;
  const found = await nextBatch(services, lease.tenantId, stream, destination.limits);
  if (!found) return 'idle';
  const [oldest] = found.batch;
  if (oldest && !found.full && stream.batchSeconds > 0) {
    const ripe = oldest.occurredAt.getTime() + stream.batchSeconds * 1000;
    if (ripe > clock.ms()) return new Date(ripe);
  }
  await db.transaction(async () => {
    const { moved, id } = await freeze(db, lease, stream, found, clock.now());
    hand.batch = id === null ? null : { id, events: found.batch };
    const gap = { fromLeaf: stream.nextLeaf, toLeaf: found.nextLeaf - 1n, events: found.gone };
    if (moved) await tellGap(services, lease, gap);
  });
  return 'again';
}

interface ToSend {
  readonly stream: Served;
  readonly frozen: Frozen;
  readonly destination: Destination;
  readonly hand: Hand;
}

async function sendHead(
  services: Services,
  figures: StreamFigures,
  { lease, signal }: Turn,
  { stream, frozen, destination, hand }: ToSend,
): Promise<Step> {
  const { db, clock } = services;
  const now = clock.now();
  if (frozen.nextAttemptAt && frozen.nextAttemptAt > now) return frozen.nextAttemptAt;
  const events =
    hand.batch?.id === frozen.id
      ? hand.batch.events
      : await frozenEvents(services, lease.tenantId, frozen, stream);
  const gap = { ...frozen, events: frozen.events - events.length };
  if (events.length === 0) {
    figures.attempt(destination.kind, 'gone');
    await db.transaction(async () => {
      await settleGone(db, lease, frozen);
      await tellGap(services, lease, gap);
    });
    return 'again';
  }
  const began = performance.now();
  const outcome = await attempt(services, { lease, signal, frozen, destination, events, now });
  const tookMs = performance.now() - began;
  // Given up by us and not by the receiver: the next one sends it under the same id.
  if (signal.aborted) return 'again';
  figures.attempt(destination.kind, outcome.kind);
  if (outcome.kind === 'delivered') {
    await db.transaction(async () => {
      await settleDelivered(db, lease, frozen, { now: clock.now(), tookMs });
      await tellGap(services, lease, gap);
    });
    figures.delivered(destination.kind, events, clock.now());
    return 'again';
  }
  return (
    (await settleFailure(services, lease, { stream, frozen, events, tookMs }, outcome)) ?? 'again'
  );
}

interface Attempt {
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly frozen: Frozen;
  readonly destination: Destination;
  readonly events: readonly StreamedEvent[];
  readonly now: Date;
}

function attempt(
  { config }: Services,
  { lease, signal, frozen, destination, events, now }: Attempt,
): Promise<Outcome> {
  const batch = {
    tenantId: lease.tenantId,
    streamId: encodeId('logstream', lease.streamId),
    deliveryId: frozen.id,
    events,
    attemptAt: now,
  };
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]);
  return destination.send(outboundOf(config), batch, limited);
}
