/**
 * Who is at which stream. A lease is taken with SKIP LOCKED by any process that works, renewed while it
 * is at it and given back when there is nothing to do; whoever is killed loses it by time. Every write of
 * a delivery is made under `holdLease`, so that whoever lost a lease without noticing changes nothing.
 * Leases go by the database's clock, the one that all processes share.
 */
import type { Database } from '#kernel/db/database.ts';

export interface Lease {
  readonly streamId: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly token: string;
  /** What may have come since is told by a greater one. */
  readonly woken: string;
  /** Attempts that failed since the last that did not. */
  readonly failures: number;
}

/** How much this process can take. */
export interface Room {
  /** What is due is due by the service's clock. */
  readonly now: Date;
  readonly leaseMs: number;
  readonly free: number;
  /** Of them, how many streams whose last attempt failed. */
  readonly failing: number;
  readonly perTenant: number;
  /** How many streams of which tenants it is at. */
  readonly busy: ReadonlyMap<string, number>;
  /** Streams that it is at: should a lease of its own run out, it is renewed and not taken twice. */
  readonly own: readonly string[];
}

/** Another process is at it by now, or the stream is gone. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Tenants take turns, then streams by who waited longest. */
export function takeLeases(db: Database, room: Room): Promise<Lease[]> {
  const { now, leaseMs, free, failing, perTenant, busy, own } = room;
  const tenants = [...busy.keys()];
  const counts = [...busy.values()];
  return db.query<Lease>(TAKE, [now, leaseMs, free, failing, perTenant, tenants, counts, own]);
}

const TAKE = `
WITH due AS (
  SELECT w.stream_id, w.failures > 0 AS failing, w.served_at,
    row_number() OVER (PARTITION BY w.tenant_id ORDER BY w.served_at, w.stream_id) + coalesce(b.streams, 0) AS nth
  FROM log_stream_work w
  LEFT JOIN unnest($6::uuid[], $7::int[]) AS b(tenant_id, streams) ON b.tenant_id = w.tenant_id
  WHERE w.due_at <= $1 AND w.lease_until <= clock_timestamp() AND w.stream_id <> ALL ($8::uuid[])
), placed AS (
  SELECT stream_id, failing, nth, served_at,
    row_number() OVER (PARTITION BY failing ORDER BY nth, served_at, stream_id) AS place
  FROM due WHERE nth <= $5
), chosen AS (
  SELECT stream_id FROM placed WHERE NOT failing OR place <= $4
  ORDER BY failing, nth, served_at, stream_id LIMIT $3
), locked AS (
  SELECT w.stream_id FROM log_stream_work w
  WHERE w.stream_id IN (SELECT stream_id FROM chosen) AND w.due_at <= $1 AND w.lease_until <= clock_timestamp()
  FOR UPDATE OF w SKIP LOCKED
)
UPDATE log_stream_work w SET lease_token = gen_random_uuid(), lease_until = clock_timestamp() + $2 * interval '1 millisecond',
  served_at = $1, nudged = false
FROM locked WHERE w.stream_id = locked.stream_id
RETURNING w.stream_id AS "streamId", w.tenant_id AS "tenantId", w.kind, w.lease_token AS token,
  w.woken, w.failures`;

/** Answers the tokens that still hold. */
export async function renewLeases(
  db: Database,
  leases: readonly Lease[],
  leaseMs: number,
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ token: string }>(
    `UPDATE log_stream_work w SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
     FROM unnest($1::uuid[], $2::uuid[]) AS l(stream_id, token)
     WHERE w.stream_id = l.stream_id AND w.lease_token = l.token RETURNING w.lease_token AS token`,
    [leases.map(({ streamId }) => streamId), leases.map(({ token }) => token), leaseMs],
  );
  return new Set(rows.map(({ token }) => token));
}

/** What changes in the line that is held. */
export interface Held {
  readonly failures?: number;
  /** When the oldest event happened that waits; null when none does. */
  readonly behindSince?: Date | null;
  readonly state?: 'DISABLED';
}

/** Until the end of the transaction nobody else takes the stream. Throws LeaseLost. */
export async function holdLease(db: Database, lease: Lease, held: Held = {}): Promise<void> {
  const rows = await db.query(HOLD, [
    lease.streamId,
    lease.token,
    held.failures ?? null,
    held.behindSince !== undefined,
    held.behindSince ?? null,
    held.state ?? null,
  ]);
  if (rows.length === 0) throw new LeaseLost();
}

const HOLD = `
UPDATE log_stream_work SET failures = coalesce($3, failures),
  behind_since = CASE WHEN $4 THEN $5::timestamptz ELSE behind_since END, state = coalesce($6, state)
WHERE stream_id = $1 AND lease_token = $2 RETURNING 1`;

/**
 * Gives it back: `idle` until the sequencer wakes it, unless it did since `woken` was read; due at a
 * moment; or at once (null).
 */
export async function returnLease(
  db: Database,
  lease: Lease,
  woken: string,
  next: Date | 'idle' | null,
): Promise<void> {
  const idle = next === 'idle';
  await db.query(RETURN, [lease.streamId, lease.token, woken, idle, idle ? null : next]);
}

const RETURN = `
UPDATE log_stream_work SET lease_token = NULL, lease_until = '-infinity',
  idle = state = 'ACTIVE' AND NOT nudged AND $4 AND woken = $3::bigint,
  due_at = CASE
    WHEN state <> 'ACTIVE' THEN 'infinity'
    WHEN nudged THEN '-infinity'
    WHEN $4 AND woken = $3::bigint THEN 'infinity'
    WHEN $4 THEN '-infinity'
    ELSE coalesce($5::timestamptz, '-infinity') END
WHERE stream_id = $1 AND lease_token = $2`;
