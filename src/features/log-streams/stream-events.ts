/** What a stream sends: the tenant's events in the order of their leaves, those that pass a filter. */
import { auditEventJson } from '#features/audit/audit-event.json.ts';
import { type SequencedEvent, sequencedEvents } from '#features/audit/audit-sequence.queries.ts';
import type { Services } from '#kernel/context.ts';
import { openWhere } from '#kernel/events/personal.ts';
import { encodeId } from '#kernel/ids.ts';
import type { Found, Frozen, Served } from './deliveries.store.ts';
import type { DestinationLimits, StreamedEvent } from './destination.ts';
import { passes } from './log-streams.model.ts';

type Home = Pick<Services, 'db' | 'vault'>;

/** Leaves that are read at once; the span of a batch is no longer. */
const SPAN = 1_000;

/** The next batch after what is frozen; null at the end of the log. */
export async function nextBatch(
  home: Home,
  tenantId: string,
  stream: Served,
  limits: DestinationLimits,
): Promise<Found | null> {
  const filtered = stream.eventTypes.length > 0 || stream.minSeverity !== 'INFO';
  const span = filtered ? SPAN : Math.min(SPAN, limits.maxEvents);
  const rows = await sequencedEvents(home, tenantId, stream.nextLeaf - 1n, null, span);
  if (rows.length === 0) return null;
  const batch: StreamedEvent[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (!passes(stream, row)) continue;
    const event = await streamed(home, row);
    bytes += Buffer.byteLength(event.json);
    // An event that is too large by itself is a batch by itself: the destination will say so.
    if (batch.length > 0 && (batch.length >= limits.maxEvents || bytes > limits.maxBytes))
      return { nextLeaf: row.leafIndex, batch, full: true };
    batch.push(event);
  }
  const last = rows.at(-1)?.leafIndex ?? stream.nextLeaf;
  const full = rows.length === span || batch.length >= limits.maxEvents;
  return { nextLeaf: last + 1n, batch, full };
}

/** The events of a frozen batch; fewer when their month has left the log meanwhile. */
export async function frozenEvents(
  home: Home,
  tenantId: string,
  frozen: Frozen,
): Promise<StreamedEvent[]> {
  const { fromLeaf, toLeaf } = frozen;
  const limit = Number(toLeaf - fromLeaf) + 1;
  const rows = await sequencedEvents(home, tenantId, fromLeaf - 1n, toLeaf, limit);
  return Promise.all(rows.filter((row) => passes(frozen, row)).map((row) => streamed(home, row)));
}

async function streamed(home: Home, row: SequencedEvent): Promise<StreamedEvent> {
  const { leafIndex, type, severity, occurredAt } = row;
  const where = await openWhere(home, row.tenantId, row.id, row.personal);
  return {
    leafIndex,
    id: encodeId('event', row.id),
    type,
    severity,
    occurredAt,
    json: auditEventJson(row, { leafIndex, where }),
  };
}
