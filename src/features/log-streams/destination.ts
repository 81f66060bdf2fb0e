/**
 * What the engine of the log streams and a destination agree on. The engine freezes a batch, sends
 * it, and does what the outcome says; a destination knows its receiver's format, limits and answers
 * and keeps no state.
 */
import type { Severity } from '#kernel/events/event.ts';
import type { Outbound } from '#kernel/outbound.ts';

export interface StreamedEvent {
  readonly leafIndex: bigint;
  /** `event_...` */
  readonly id: string;
  readonly type: string;
  readonly severity: Severity;
  readonly occurredAt: Date;
  /** The event as one line of JSON, without its line break. */
  readonly json: string;
  /** Its address and agent are there and do not open. */
  readonly unreadable?: boolean;
}

/** At least one event, in the order of their leaves. */
export interface Batch {
  /** uuid */
  readonly tenantId: string;
  /** `log-stream_...` */
  readonly streamId: string;
  /** The same on every retry, so that the receiver can drop what it has already. */
  readonly deliveryId: string;
  readonly events: readonly StreamedEvent[];
  readonly attemptAt: Date;
}

/** `reason` is for people and for storage: it names no secret and nothing that the receiver wrote. */
export type Outcome =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly status?: number;
      readonly retryAfterMs?: number;
    }
  /** This batch will never be taken: bisect it, then put it among the dead letters. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly status?: number }
  /** The receiver wants no more, or not from us: the stream stops itself. */
  | { readonly kind: 'disabled'; readonly reason: string; readonly status?: number };

export type DestinationKind = 'HTTP' | 'STANDARD_WEBHOOKS' | 'S3' | 'DATADOG' | 'SPLUNK';

export interface DestinationLimits {
  readonly maxEvents: number;
  /** Of all events together as JSON, uncompressed; what the format adds is left room for. */
  readonly maxBytes: number;
  /** Of one event as JSON. */
  readonly maxEventBytes?: number;
}

export interface Destination {
  readonly kind: DestinationKind;
  readonly limits: DestinationLimits;
  /** Never throws for what the receiver or the network does. */
  send(outbound: Outbound, batch: Batch, signal: AbortSignal): Promise<Outcome>;
}
