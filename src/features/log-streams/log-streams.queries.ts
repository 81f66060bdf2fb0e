/** Reads of log streams with how far they have come, and of their dead letters. Never secrets. */
import type { Context } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, page, rowsById } from '#kernel/db/keyset.ts';
import { LogStreamNotFound } from './log-streams.errors.ts';
import type { DeadLetterRow, LogStreamRow } from './log-streams.model.ts';

/** The readable columns of the alias `s`, under their GraphQL names; `h` is what is to be sent first. */
const COLUMNS = `s.tenant_id AS "tenantId", s.id, s.name, s.kind, s.settings,
  s.event_types AS "eventTypes", s.min_severity AS "minSeverity", s.batch_seconds AS "batchSeconds",
  s.with_where AS "withWhere",
  s.state, s.state_reason AS "stateReason", coalesce(h.from_leaf, s.next_leaf) AS "headLeaf",
  coalesce((SELECT t.size FROM audit_trees t WHERE t.tenant_id = s.tenant_id), 0) AS leaves,
  coalesce((SELECT e.occurred_at FROM audit_leaves l
   JOIN audit_events e ON e.tenant_id = l.tenant_id AND e.id = l.event_id
   WHERE l.tenant_id = s.tenant_id AND l.leaf_index = coalesce(h.from_leaf, s.next_leaf)),
   (SELECT o.occurred_at FROM outbox_cursors c JOIN outbox o ON (o.xid, o.seq) > (c.xid, c.seq)
    WHERE c.consumer = 'audit-trees' AND o.tenant_id = s.tenant_id
    ORDER BY o.xid, o.seq LIMIT 1)) AS "headAt",
  h.next_attempt_at AS "nextAttemptAt", h.attempts,
  (SELECT count(*)::int FROM log_stream_deliveries d WHERE d.tenant_id = s.tenant_id
     AND d.stream_id = s.id AND d.state = 'DEAD') AS "deadLetters",
  s.last_success AS "lastSuccess", s.last_error AS "lastError", s.last_error_at AS "lastErrorAt",
  s.version, s.created_at AS "createdAt", s.updated_at AS "updatedAt"`;

const FROM = `log_streams s LEFT JOIN LATERAL (
  SELECT d.from_leaf, d.next_attempt_at, d.attempts FROM log_stream_deliveries d
  WHERE d.tenant_id = s.tenant_id AND d.stream_id = s.id AND d.state = 'PENDING'
  ORDER BY d.from_leaf LIMIT 1) h ON true`;

const byId: ListShape = {
  name: 'log-streams',
  select: COLUMNS,
  from: FROM,
  tenant: 's.tenant_id',
  order: [{ column: 's.id', property: 'id', type: 'uuid' }],
};

const deadById: ListShape = {
  name: 'log-stream-dead-letters',
  select: `d.tenant_id AS "tenantId", d.id, d.stream_id AS "streamId", d.event_id AS "eventId",
    d.from_leaf AS "leafIndex", d.attempts, d.reason, d.status, d.died_at AS "diedAt"`,
  from: 'log_stream_deliveries d',
  tenant: 'd.tenant_id',
  // Ids of events sort by time.
  order: [{ column: 'd.event_id', property: 'eventId', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function logStreamsById(ctx: Context, ids: readonly string[]): Promise<LogStreamRow[]> {
  return rowsById<LogStreamRow>(ctx, byId, ids);
}

export async function getLogStream(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  id: string,
): Promise<LogStreamRow | null> {
  const [row] = await ctx.db.query<LogStreamRow>(
    `SELECT ${COLUMNS} FROM ${FROM} WHERE s.tenant_id = $1 AND s.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

/** How many of the tenant's streams, paused ones too, have not yet had every leaf below `leaf`. */
export async function streamsBehind(
  { db, tenantId }: Pick<Context, 'db' | 'tenantId'>,
  leaf: number,
): Promise<number> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<{ behind: number }>(
      `SELECT count(*)::int AS behind FROM ${FROM}
       WHERE s.tenant_id = $1 AND coalesce(h.from_leaf, s.next_leaf) < $2
         AND EXISTS (SELECT FROM tenants t WHERE t.id = s.tenant_id AND t.deleted_at IS NULL)`,
      [tenantId, leaf],
    ),
  );
  return row?.behind ?? 0;
}

/** Throws LogStreamNotFound. */
export async function findLogStream(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  id: string,
): Promise<LogStreamRow> {
  const row = await getLogStream(ctx, id);
  if (!row) throw new LogStreamNotFound();
  return row;
}

export function listLogStreams(ctx: Context, request: PageRequest): Promise<Page<LogStreamRow>> {
  return page<LogStreamRow>(ctx, byId, [], request);
}

/** The oldest event first; none for a stream that the tenant does not have. */
export function listDeadLetters(
  ctx: Context,
  streamId: string,
  request: PageRequest,
): Promise<Page<DeadLetterRow>> {
  const ofStream = { sql: "d.stream_id = ? AND d.state = 'DEAD'", values: [streamId] };
  return page<DeadLetterRow>(ctx, deadById, [ofStream], request);
}
