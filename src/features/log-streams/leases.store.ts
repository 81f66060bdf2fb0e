/**
 * Who is at which stream. A lease is taken with SKIP LOCKED by any process that works, renewed while it
 * is at it and given back when there is nothing to do; whoever is killed loses it by time. Every write of
 * a delivery is made under `holdLease`, so that whoever lost a lease without noticing changes nothing.
 * Leases go by the database's clock, the one that all processes share.
 */
import type { Database } from '#kernel/db/database.ts';
import { type Pace, QUICK_MS, type Room } from './places.ts';

export interface Lease {
  readonly streamId: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly token: string;
  /** What may have come since is told by a greater one. */
  readonly woken: string;
  readonly pace: Pace;
}

/** How much this process can take. */
export interface Wanted {
  /** What is due is due by the service's clock. */
  readonly now: Date;
  readonly leaseMs: number;
  readonly room: Room;
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

/** The quick of a tenant come first, then who waited longest; of each pace the tenants take turns. */
export function takeLeases(db: Database, wanted: Wanted): Promise<Lease[]> {
  const { now, leaseMs, room, perTenant, busy, own } = wanted;
  const tenants = [...busy.keys()];
  const counts = [...busy.values()];
  return db.query<Lease>(TAKE, [
    now,
    leaseMs,
    room.quick,
    room.untried,
    room.slow,
    perTenant,
    tenants,
    counts,
    own,
  ]);
}

/** In the order in which a tenant's streams are served. */
const PACE = `CASE WHEN w.failures > 0 OR w.slowness > 0 THEN 'slow' WHEN w.slowness = 0 THEN 'quick' ELSE 'untried' END`;

const TAKE = `
WITH due AS (
  SELECT w.stream_id, w.tenant_id, w.served_at, ${PACE} AS pace, coalesce(b.streams, 0) AS busy
  FROM log_stream_work w
  LEFT JOIN unnest($7::uuid[], $8::int[]) AS b(tenant_id, streams) ON b.tenant_id = w.tenant_id
  WHERE w.due_at <= $1 AND w.lease_until <= clock_timestamp() AND w.stream_id <> ALL ($9::uuid[])
), counted AS (
  SELECT stream_id, pace, served_at, busy + row_number() OVER (PARTITION BY tenant_id
    ORDER BY array_position(ARRAY['quick', 'untried', 'slow'], pace), served_at, stream_id) AS nth
  FROM due
), placed AS (
  SELECT stream_id, pace, row_number() OVER (PARTITION BY pace ORDER BY nth, served_at, stream_id) AS place
  FROM counted WHERE nth <= $6
), locked AS (
  SELECT w.stream_id, p.pace FROM log_stream_work w JOIN placed p ON p.stream_id = w.stream_id
  WHERE p.place <= CASE p.pace WHEN 'quick' THEN $3::int WHEN 'untried' THEN $4::int ELSE $5::int END
    AND w.due_at <= $1 AND w.lease_until <= clock_timestamp()
  FOR UPDATE OF w SKIP LOCKED
)
UPDATE log_stream_work w SET lease_token = gen_random_uuid(), served_at = $1, nudged = false,
  lease_until = clock_timestamp() + $2 * interval '1 millisecond'
FROM locked WHERE w.stream_id = locked.stream_id
RETURNING w.stream_id AS "streamId", w.tenant_id AS "tenantId", w.kind, w.lease_token AS token,
  w.woken, locked.pace`;

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
  /** It was our fault: one failure more. */
  readonly fault?: true;
  /** How long an attempt took. */
  readonly tookMs?: number;
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
    held.tookMs === undefined ? null : held.tookMs <= QUICK_MS,
    SLOWNESS,
    held.fault ?? false,
  ]);
  if (rows.length === 0) throw new LeaseLost();
}

/** So many quick answers after a slow one: whoever hangs now and then is slow. */
const SLOWNESS = 8;

const HOLD = `
UPDATE log_stream_work SET failures = CASE WHEN $9 THEN failures + 1 ELSE coalesce($3, failures) END,
  slowness = CASE WHEN $7 THEN greatest(coalesce(slowness, 0) - 1, 0) WHEN NOT $7 THEN $8::int ELSE slowness END,
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
  failures = CASE WHEN $4 AND state = 'ACTIVE' AND NOT nudged THEN 0 ELSE failures END,
  idle = state = 'ACTIVE' AND NOT nudged AND $4 AND woken = $3::bigint,
  due_at = CASE
    WHEN state <> 'ACTIVE' THEN 'infinity'
    WHEN nudged THEN '-infinity'
    WHEN $4 AND woken = $3::bigint THEN 'infinity'
    WHEN $4 THEN '-infinity'
    ELSE coalesce($5::timestamptz, '-infinity') END
WHERE stream_id = $1 AND lease_token = $2`;
