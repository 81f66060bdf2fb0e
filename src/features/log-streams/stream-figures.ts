/** What operators see of the streams: by kind of receiver, never by tenant. */
import type { Services } from '#kernel/context.ts';
import type { DestinationKind, Outcome, StreamedEvent } from './destination.ts';

export interface StreamFigures {
  /** `gone`: nothing was left to send. `fault`: ours. */
  attempt(kind: string, outcome: Outcome['kind'] | 'gone' | 'fault'): void;
  delivered(kind: DestinationKind, events: readonly StreamedEvent[], now: Date): void;
}

const DELAYS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

export function streamFigures({ metrics, db }: Services): StreamFigures {
  const attempts = metrics.counter(
    'log_stream_attempts_total',
    'Batches that were sent to receivers of log streams, by kind and outcome',
    ['kind', 'outcome'],
  );
  const events = metrics.counter(
    'log_stream_events_total',
    'Events that receivers of log streams have taken, by kind',
    ['kind'],
  );
  const delays = metrics.histogram(
    'log_stream_delay_seconds',
    'From an event to its delivery, of the oldest one of each batch, by kind',
    ['kind'],
    DELAYS,
  );
  const unreadable = metrics.counter(
    'log_stream_unreadable_total',
    'Events that were sent without the address and the agent that they hold, which did not open, by kind',
    ['kind'],
  );
  metrics.gauges(
    'log_streams',
    'Log streams by kind and state; FAILING: active, and the last attempt failed, or could not be made',
    ['kind', 'state'],
    async () =>
      (await db.query<{ kind: string; state: string; value: number }>(STATES)).map(labelled),
  );
  metrics.gauges(
    'log_stream_behind_seconds',
    'Age of the oldest event that waits for a receiver, by kind',
    ['kind'],
    async () => (await db.query<{ kind: string; value: number }>(BEHIND)).map(labelled),
  );
  return {
    attempt: (kind, outcome) => attempts({ kind, outcome }),
    delivered(kind, batch, now) {
      const [oldest] = batch;
      events({ kind }, batch.length);
      const sealed = batch.filter((event) => event.unreadable).length;
      if (sealed > 0) unreadable({ kind }, sealed);
      if (oldest) delays({ kind }, (now.getTime() - oldest.occurredAt.getTime()) / 1000);
    },
  };
}

function labelled<Row extends { readonly value: number }>({ value, ...labels }: Row) {
  return { labels, value };
}

const STATES = `
SELECT kind, CASE WHEN state = 'ACTIVE' AND failures > 0 THEN 'FAILING' ELSE state END AS state,
  count(*)::int AS value
FROM log_stream_work GROUP BY 1, 2`;

const BEHIND = `
SELECT kind, coalesce(max(extract(epoch FROM clock_timestamp() - behind_since)), 0)::float8 AS value
FROM log_stream_work WHERE state = 'ACTIVE' GROUP BY 1`;
