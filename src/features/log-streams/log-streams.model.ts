/** Log streams: shapes, filters and limits. */
import { z } from 'zod';
import { auditSeverity } from '#features/audit/audit.model.ts';
import { EVENT_PATTERN, isOfType } from '#features/audit/event-patterns.model.ts';
import type { Severity } from '#kernel/events/event.ts';
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';
import { line } from '#kernel/text.ts';
import type { DestinationKind } from './destination.ts';

declareScope('streams:read', 'Read where the audit log is streamed to, never the secrets for it');
declareScope('streams:write', 'Create, change, pause and delete streams of the audit log');

/** Streams of one tenant. */
export const MAX_STREAMS = 20;

export type LogStreamState = 'ACTIVE' | 'PAUSED' | 'DISABLED';

/** Which events a stream takes. */
export interface StreamFilter {
  /** `user.create`, `user.*`; none: every type. */
  readonly eventTypes: readonly string[];
  readonly minSeverity: Severity;
}

/** int8 is text. */
export interface LogStreamRow extends StreamFilter {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly kind: DestinationKind;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly batchSeconds: number;
  readonly withWhere: boolean;
  readonly state: LogStreamState;
  readonly stateReason: string | null;
  /** The first leaf that the receiver has not passed. */
  readonly headLeaf: string;
  /** Leaves of the tenant. */
  readonly leaves: string;
  /** When the event of `headLeaf` happened; null when there is none yet. */
  readonly headAt: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly attempts: number | null;
  readonly deadLetters: number;
  readonly lastSuccess: Date | null;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An event that the receiver rejected, alone. */
export interface DeadLetterRow {
  readonly tenantId: string;
  /** Of the delivery: what the receiver was told. */
  readonly id: string;
  readonly streamId: string;
  readonly eventId: string;
  readonly leafIndex: string;
  readonly attempts: number;
  readonly reason: string | null;
  readonly status: number | null;
  readonly diedAt: Date;
}

export const logStreamState = z.enum(['ACTIVE', 'PAUSED', 'DISABLED']).meta({
  id: 'LogStreamState',
  description:
    'ACTIVE: it sends. PAUSED: somebody stopped it. DISABLED: it stopped itself; stateReason says why. Nothing is lost meanwhile.',
});

export const destinationKind = z
  .enum(['HTTP', 'STANDARD_WEBHOOKS', 'S3', 'DATADOG', 'SPLUNK'])
  .meta({ id: 'LogStreamKind', description: 'What receives the events.' });

export const startAt = z.enum(['NOW', 'BEGINNING']).meta({
  id: 'LogStreamStart',
  description: 'Where a stream begins: with what happens from now on, or with all there is.',
});

export const streamId = id('logstream').describe('The log stream.');
export const streamName = line(120).describe('The name to show.');

const eventType = z
  .string()
  .regex(
    EVENT_PATTERN,
    'must be an event type such as user.create, or a prefix such as user.*; see schema/events.json',
  );

/** What may be said of a stream beside its name and its destination. */
export const streamFilter = {
  eventTypes: z
    .array(eventType)
    .max(100, 'must hold at most 100 types')
    .transform((types) => [...new Set(types)].sort())
    .optional()
    .describe(
      'Only events of these types: exactly (`user.create`) or by prefix (`user.*`). Empty: every type.',
    ),
  minSeverity: auditSeverity
    .optional()
    .describe('Only events of this severity or a higher one; INFO, which is all, unless told.'),
};

const RANK: Readonly<Record<Severity, number>> = { INFO: 0, NOTICE: 1, WARNING: 2, CRITICAL: 3 };

export function passes(
  { eventTypes, minSeverity }: StreamFilter,
  event: { readonly type: string; readonly severity: Severity },
): boolean {
  return (
    RANK[event.severity] >= RANK[minSeverity] &&
    (eventTypes.length === 0 || eventTypes.some((pattern) => isOfType(event.type, pattern)))
  );
}

/** Objects of a store are better few and large. */
export const DEFAULT_BATCH_SECONDS: Readonly<Record<DestinationKind, number>> = {
  HTTP: 0,
  STANDARD_WEBHOOKS: 0,
  S3: 60,
  DATADOG: 0,
  SPLUNK: 0,
};

export const batchSeconds = z
  .int()
  .min(0)
  .max(900)
  .optional()
  .describe(
    'How many seconds events are gathered for a batch that is not full, 0 to 900; 60 for S3 and 0 for others unless told.',
  );

export const withWhere = z
  .boolean()
  .optional()
  .describe(
    'Whether addresses and agents of people are opened and sent as `where`; false unless told. What a receiver holds outlives the erasure of a person.',
  );

export const streamSettings = z
  .record(z.string(), z.unknown())
  .describe('Where and how, as the kind knows it; see the guide. Readable, so nothing secret.');

export const streamSecrets = z
  .record(z.string(), z.unknown())
  .describe('What the kind needs to be let in; see the guide. Sealed, and never shown again.');
