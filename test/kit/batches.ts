/** Batches for destinations, as the engine would freeze them. */
import type { Batch, StreamedEvent } from '#features/log-streams/destination.ts';
import { encodeId, newId } from '#kernel/ids.ts';

export const STREAM = 'log-stream_01h2xcejqtf2nbrexx3vqjhp41';
export const DELIVERY = 'delivery_01h2xcejqtf2nbrexx3vqjhp42';

/** Event `n`: a minute after the one before. `padding`: bytes of details. */
export function streamedEvent(n: number, { padding = 0, at = FIRST } = {}): StreamedEvent {
  const occurredAt = new Date(at.getTime() + n * 60_000);
  const id = encodeId('event', newId());
  const details = { n, note: 'Übergröße 👗', padding: 'x'.repeat(padding) };
  return {
    leafIndex: BigInt(n),
    id,
    type: 'user.create',
    severity: n % 2 === 0 ? 'INFO' : 'WARNING',
    occurredAt,
    json: JSON.stringify({ v: 1, id, type: 'user.create', occurredAt, details }),
  };
}

export const FIRST = new Date('2026-03-04T05:06:07.089Z');

export function makeBatch(given: Partial<Batch> = {}): Batch {
  const events = given.events ?? [streamedEvent(7), streamedEvent(8), streamedEvent(11)];
  return {
    tenantId: newId(),
    streamId: STREAM,
    deliveryId: DELIVERY,
    events,
    attemptAt: new Date('2026-03-04T06:00:00.500Z'),
    ...given,
  };
}

export const parsed = (batch: Batch): unknown[] => batch.events.map(({ json }) => JSON.parse(json));
