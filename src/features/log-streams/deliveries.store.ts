/**
 * What is frozen to be sent, and what became of it. A row is written before its batch is first sent, and
 * all that follows from an answer is one transaction, under the lease.
 */
import type { Database } from '#kernel/db/database.ts';
import type { Severity } from '#kernel/events/event.ts';
import { newId } from '#kernel/ids.ts';
import { derivedId } from './derived-id.ts';
import type { DestinationKind, Outcome, StreamedEvent } from './destination.ts';
import { holdLease, type Lease } from './leases.store.ts';
import type { LogStreamState, StreamFilter } from './log-streams.model.ts';

/** A batch: the same events under the same id for as long as it is there. */
export interface Frozen extends StreamFilter {
  readonly id: string;
  readonly fromLeaf: bigint;
  /** The last one, included. */
  readonly toLeaf: bigint;
  readonly events: number;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
}

/** A stream as the worker sees it. */
export interface Served extends StreamFilter {
  readonly id: string;
  readonly kind: DestinationKind;
  readonly settings: unknown;
  readonly secrets: Buffer;
  readonly batchSeconds: number;
  readonly withWhere: boolean;
  readonly state: LogStreamState;
  readonly nextLeaf: bigint;
  readonly rejections: number;
  readonly failingSince: Date | null;
  readonly version: number;
  /** As it was before anything else was read. */
  readonly woken: string;
  /** What is to be sent first; null when nothing is frozen. */
  readonly head: Frozen | null;
}

interface ServedRow extends Omit<Served, 'nextLeaf' | 'head'> {
  readonly nextLeaf: string;
  readonly headId: string | null;
  readonly fromLeaf: string;
  readonly toLeaf: string;
  readonly events: number;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly headTypes: string[];
  readonly headSeverity: Severity;
}

/** Null when it is gone, or its tenant is. */
export async function loadStream(db: Database, lease: Lease): Promise<Served | null> {
  const [row] = await db.query<ServedRow>(LOAD, [lease.tenantId, lease.streamId]);
  if (!row) return null;
  const head = row.headId && {
    id: row.headId,
    fromLeaf: BigInt(row.fromLeaf),
    toLeaf: BigInt(row.toLeaf),
    events: row.events,
    attempts: row.attempts,
    nextAttemptAt: row.nextAttemptAt,
    eventTypes: row.headTypes,
    minSeverity: row.headSeverity,
  };
  return { ...row, nextLeaf: BigInt(row.nextLeaf), head: head || null };
}

const LOAD = `
SELECT s.id, s.kind, s.settings, s.secrets, s.event_types AS "eventTypes", s.min_severity AS "minSeverity",
  s.batch_seconds AS "batchSeconds", s.with_where AS "withWhere", s.state, s.next_leaf AS "nextLeaf", s.rejections,
  s.failing_since AS "failingSince", s.version, w.woken, d.id AS "headId", d.from_leaf AS "fromLeaf",
  d.to_leaf AS "toLeaf", d.events, d.attempts, d.next_attempt_at AS "nextAttemptAt",
  d.event_types AS "headTypes", d.min_severity AS "headSeverity"
FROM log_streams s
JOIN log_stream_work w ON w.stream_id = s.id
JOIN tenants t ON t.id = s.tenant_id AND t.deleted_at IS NULL
LEFT JOIN LATERAL (
  SELECT * FROM log_stream_deliveries d
  WHERE d.tenant_id = s.tenant_id AND d.stream_id = s.id AND d.state = 'PENDING'
  ORDER BY d.from_leaf LIMIT 1) d ON true
WHERE s.tenant_id = $1 AND s.id = $2`;

/** What the worker found behind `nextLeaf`: leaves to pass over, and a batch among them. */
export interface Found {
  /** The first leaf that was not looked at. */
  readonly nextLeaf: bigint;
  readonly batch: readonly StreamedEvent[];
  /** More would not go into it, or more was not looked for. */
  readonly full: boolean;
  /** Leaves among them whose events have left the log. */
  readonly gone: number;
}

export interface Passed {
  /** False: somebody changed the stream meanwhile, look again. */
  readonly moved: boolean;
  /** Of the batch; null when there was none. */
  readonly id: string | null;
}

/** Inside a transaction. */
export async function freeze(
  db: Database,
  lease: Lease,
  stream: Served,
  { nextLeaf, batch }: Found,
  now: Date,
): Promise<Passed> {
  const [first] = batch;
  const last = batch.at(-1);
  await holdLease(db, lease, first ? { behindSince: first.occurredAt } : {});
  const { tenantId } = lease;
  const passed = await db.query(PASS, [
    tenantId,
    stream.id,
    stream.nextLeaf,
    nextLeaf,
    stream.version,
  ]);
  const moved = passed.length > 0;
  if (!moved || !first || !last) return { moved, id: null };
  const id = newId();
  const [fromLeaf, toLeaf] = [first.leafIndex, last.leafIndex];
  await insert(db, lease, stream, { id, fromLeaf, toLeaf, events: batch.length, now });
  return { moved, id };
}

const PASS = `
UPDATE log_streams SET next_leaf = $4
WHERE tenant_id = $1 AND id = $2 AND next_leaf = $3 AND version = $5 AND state = 'ACTIVE' RETURNING 1`;

interface NewDelivery extends Pick<Frozen, 'id' | 'fromLeaf' | 'toLeaf' | 'events'> {
  readonly now: Date;
}

function insert(
  db: Database,
  { tenantId, streamId }: Lease,
  { eventTypes, minSeverity }: StreamFilter,
  { id, fromLeaf, toLeaf, events, now }: NewDelivery,
): Promise<unknown> {
  const values = [tenantId, id, streamId, fromLeaf, toLeaf, events, eventTypes, minSeverity, now];
  return db.query(INSERT, values);
}

const INSERT = `
INSERT INTO log_stream_deliveries (tenant_id, id, stream_id, from_leaf, to_leaf, events, event_types,
  min_severity, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/** The receiver has it. Inside a transaction. */
export async function settleDelivered(
  db: Database,
  lease: Lease,
  frozen: Frozen,
  { now, tookMs }: { readonly now: Date; readonly tookMs: number },
): Promise<void> {
  await holdLease(db, lease, { failures: 0, behindSince: null, tookMs });
  await db.query(DELIVERED, [lease.tenantId, lease.streamId, frozen.id, now]);
}

/** Nothing of it is left in the log. Inside a transaction. */
export async function settleGone(db: Database, lease: Lease, frozen: Frozen): Promise<void> {
  await holdLease(db, lease, { failures: 0, behindSince: null });
  await db.query('DELETE FROM log_stream_deliveries WHERE tenant_id = $1 AND id = $2', [
    lease.tenantId,
    frozen.id,
  ]);
}

const DELIVERED = `
WITH taken AS (DELETE FROM log_stream_deliveries WHERE tenant_id = $1 AND id = $3)
UPDATE log_streams SET last_success = $4, rejections = 0, failing_since = NULL
WHERE tenant_id = $1 AND id = $2`;

/** For whoever looks at the stream; in plain words. Inside a transaction that holds the lease. */
export async function noteError(
  db: Database,
  { tenantId, streamId }: Lease,
  reason: string,
  now: Date,
): Promise<void> {
  await db.query(
    'UPDATE log_streams SET last_error = $3, last_error_at = $4 WHERE tenant_id = $1 AND id = $2',
    [tenantId, streamId, reason, now],
  );
}

type Failed = Exclude<Outcome, { kind: 'delivered' }>;

/** The same again at `nextAttemptAt`. Inside a transaction that holds the lease. */
export async function noteFailure(
  db: Database,
  { tenantId, streamId }: Lease,
  frozen: Frozen,
  { reason, status }: Failed,
  when: { readonly now: Date; readonly nextAttemptAt: Date | null },
): Promise<void> {
  await db.query(FAILED, [
    tenantId,
    streamId,
    frozen.id,
    when.now,
    when.nextAttemptAt,
    reason,
    status ?? null,
  ]);
}

const FAILED = `
WITH again AS (
  UPDATE log_stream_deliveries SET attempts = attempts + 1, next_attempt_at = $5, reason = $6, status = $7
  WHERE tenant_id = $1 AND id = $3)
UPDATE log_streams SET last_error = $6, last_error_at = $4, failing_since = coalesce(failing_since, $4)
WHERE tenant_id = $1 AND id = $2`;

/** Two halves take the place of a batch that was rejected. Inside a transaction that holds the lease. */
export async function divide(
  db: Database,
  lease: Lease,
  frozen: Frozen,
  batch: readonly StreamedEvent[],
  now: Date,
): Promise<void> {
  const gone = await db.query(
    'DELETE FROM log_stream_deliveries WHERE tenant_id = $1 AND id = $2 RETURNING 1',
    [lease.tenantId, frozen.id],
  );
  // Somebody went back behind it meanwhile.
  if (gone.length === 0) return;
  const middle = Math.ceil(batch.length / 2);
  for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
    const fromLeaf = half[0]?.leafIndex ?? frozen.fromLeaf;
    const toLeaf = half.at(-1)?.leafIndex ?? frozen.toLeaf;
    const id = derivedId(`${frozen.id} ${fromLeaf} ${toLeaf}`);
    await insert(db, lease, frozen, { id, fromLeaf, toLeaf, events: half.length, now });
  }
}

/** The one event that the receiver will not have. Inside a transaction that holds the lease. */
export async function bury(
  db: Database,
  { tenantId, streamId }: Lease,
  frozen: Frozen,
  eventId: string,
  { reason, status }: Failed,
  now: Date,
): Promise<void> {
  await db.query(
    `DELETE FROM log_stream_deliveries
     WHERE tenant_id = $1 AND stream_id = $2 AND event_id = $3 AND state = 'DEAD'`,
    [tenantId, streamId, eventId],
  );
  await db.query(BURY, [tenantId, streamId, frozen.id, now, eventId, reason, status ?? null]);
}

const BURY = `
WITH dead AS (
  UPDATE log_stream_deliveries SET state = 'DEAD', attempts = attempts + 1, next_attempt_at = NULL,
    died_at = $4, event_id = $5, events = 1, reason = $6, status = $7
  WHERE tenant_id = $1 AND id = $3 RETURNING 1)
UPDATE log_streams SET rejections = rejections + (SELECT count(*)::int FROM dead), last_error = $6, last_error_at = $4
WHERE tenant_id = $1 AND id = $2`;

/** It stops itself. Inside a transaction that holds the lease. */
export async function disable(
  db: Database,
  lease: Lease,
  reason: string,
  now: Date,
): Promise<boolean> {
  const rows = await db.query(
    `UPDATE log_streams SET state = 'DISABLED', state_reason = $3, updated_at = $4, version = version + 1
     WHERE tenant_id = $1 AND id = $2 AND state = 'ACTIVE' RETURNING 1`,
    [lease.tenantId, lease.streamId, reason, now],
  );
  if (rows.length > 0) await holdLease(db, lease, { state: 'DISABLED' });
  return rows.length > 0;
}
