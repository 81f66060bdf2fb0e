/** What a stream sends: the tenant's events in the order of their leaves, those that pass a filter. */
import { auditEventJson } from '#features/audit/audit-event.json.ts';
import {
  type SequencedEvent,
  sequencedEvents,
  sequencedSize,
} from '#features/audit/audit-sequence.queries.ts';
import { openedWheres } from '#features/audit/event-wheres.ts';
import type { Services } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import type { Found, Frozen, Served } from './deliveries.store.ts';
import type { DestinationLimits, StreamedEvent } from './destination.ts';
import { passes, type StreamFilter } from './log-streams.model.ts';

type Home = Pick<Services, 'db' | 'vault'>;

/** Leaves that are read at once. */
const SPAN = 1_000;
/** Spans that are read for a batch, so that a turn has an end: for one that is gathered, and for others. */
const GATHERED_SPANS = 100;
const SPANS = 10;

/** The next batch after what is frozen; null at the end of the log. */
export async function nextBatch(
  home: Home,
  tenantId: string,
  stream: Served,
  limits: DestinationLimits,
): Promise<Found | null> {
  const filtered = stream.eventTypes.length > 0 || stream.minSeverity !== 'INFO';
  const batch: StreamedEvent[] = [];
  let bytes = 0;
  let next = stream.nextLeaf;
  let read = 0;
  const found = (nextLeaf: bigint, below: number, full: boolean): Found => {
    const gone = Number(nextLeaf - stream.nextLeaf) - below;
    return { nextLeaf, batch, full, gone };
  };
  for (let spans = stream.batchSeconds > 0 ? GATHERED_SPANS : SPANS; spans > 0; spans -= 1) {
    const limit = filtered ? SPAN : Math.min(SPAN, limits.maxEvents - batch.length);
    const span = await readSpan(home, tenantId, next, limit);
    for await (const event of streamed(home, tenantId, stream, span.rows)) {
      bytes += Buffer.byteLength(event.json);
      // An event that is too large by itself is a batch by itself: the destination will say so.
      if (batch.length > 0 && (batch.length >= limits.maxEvents || bytes > limits.maxBytes))
        return found(event.leafIndex, read + rowsBelow(span, event.leafIndex), true);
      batch.push(event);
    }
    next = span.end;
    read += span.rows.length;
    if (batch.length >= limits.maxEvents) break;
    if (span.rows.length < limit) return next === stream.nextLeaf ? null : found(next, read, false);
  }
  return found(next, read, true);
}

interface Span {
  readonly rows: readonly SequencedEvent[];
  /** The first leaf that was not looked at. */
  readonly end: bigint;
}

function rowsBelow({ rows }: Span, leaf: bigint): number {
  return rows.filter(({ leafIndex }) => leafIndex < leaf).length;
}

/** Fewer rows than `limit`: the end of the log. */
async function readSpan(home: Home, tenantId: string, from: bigint, limit: number): Promise<Span> {
  const read = (upTo: bigint | null) => sequencedEvents(home, tenantId, from - 1n, upTo, limit);
  let rows = await read(null);
  let end = (rows.at(-1)?.leafIndex ?? from - 1n) + 1n;
  if (rows.length === 0) {
    // Nothing there, or nothing left of it: what is sequenced from here on is not passed over.
    const size = await sequencedSize(home, tenantId);
    if (size <= from) return { rows, end: from };
    rows = await read(size - 1n);
    end = (rows.at(-1)?.leafIndex ?? size - 1n) + 1n;
  }
  return { rows, end };
}

/** The events of a frozen batch; fewer when some have left the log meanwhile. */
export async function frozenEvents(
  home: Home,
  tenantId: string,
  frozen: Frozen,
  { withWhere }: Pick<Served, 'withWhere'>,
): Promise<StreamedEvent[]> {
  const events: StreamedEvent[] = [];
  for (let from = frozen.fromLeaf; from <= frozen.toLeaf; ) {
    const rows = await sequencedEvents(home, tenantId, from - 1n, frozen.toLeaf, SPAN);
    for await (const event of streamed(home, tenantId, { ...frozen, withWhere }, rows))
      events.push(event);
    if (rows.length < SPAN) break;
    from = (rows.at(-1)?.leafIndex ?? frozen.toLeaf) + 1n;
  }
  return events;
}

/** Those that pass. One after the other, so that no more are made than a batch takes. */
async function* streamed(
  home: Home,
  tenantId: string,
  filter: StreamFilter & Pick<Served, 'withWhere'>,
  rows: readonly SequencedEvent[],
): AsyncGenerator<StreamedEvent> {
  const passing = rows.filter((row) => passes(filter, row));
  const wheres = filter.withWhere ? await openedWheres(home, tenantId, passing) : null;
  for (const [n, row] of passing.entries()) {
    const { leafIndex, leafHash, type, severity, occurredAt } = row;
    const where = wheres && { where: wheres[n] ?? null };
    yield {
      leafIndex,
      id: encodeId('event', row.id),
      type,
      severity,
      occurredAt,
      json: auditEventJson(row, { leafIndex, leafHash, ...where }),
      ...(where?.where === null ? { unreadable: true } : {}),
    };
  }
}
