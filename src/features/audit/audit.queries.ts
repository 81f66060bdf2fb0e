/** Reads of the audit log: pages, one event, and where a person was (opened from its seal). */
import type { Context } from '#kernel/context.ts';
import {
  type Condition,
  type ListShape,
  type Page,
  type PageRequest,
  page,
  rowsById,
} from '#kernel/db/keyset.ts';
import { openWhere, type Where } from '#kernel/events/personal.ts';
import { firstIdAt } from '#kernel/ids.ts';
import type { AuditEventRow } from './audit.model.ts';

export interface AuditEventFilter {
  readonly type?: string | null | undefined;
  readonly severity?: AuditEventRow['severity'] | null | undefined;
  readonly result?: AuditEventRow['result'] | null | undefined;
  readonly actor?: string | null | undefined;
  readonly target?: string | null | undefined;
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
}

export const AUDIT_COLUMNS = `e.tenant_id AS "tenantId", e.id, e.type, e.severity, e.result, e.reason,
  e.occurred_at AS "occurredAt", e.actor_kind AS "actorKind", e.actor_id AS "actorId",
  e.on_behalf_of AS "onBehalfOf", e.targets, e.request_id AS "requestId", e.details, e.personal`;

/** The newest first: that is what people look for. Ids carry the time. */
const byTime: ListShape = {
  name: 'audit-events',
  select: AUDIT_COLUMNS,
  from: 'audit_events e',
  tenant: 'e.tenant_id',
  order: [{ column: 'e.id', property: 'id', type: 'uuid' }],
  descending: true,
};

/** The index of targets drives when one is asked for. */
const ofTarget: ListShape = {
  ...byTime,
  name: 'audit-events-of-target',
  from: 'audit_targets a JOIN audit_events e ON e.tenant_id = a.tenant_id AND e.id = a.event_id',
  tenant: 'a.tenant_id',
  order: [{ column: 'a.event_id', property: 'id', type: 'uuid' }],
};

export function listAuditEvents(
  ctx: Context,
  filter: AuditEventFilter,
  request: PageRequest,
): Promise<Page<AuditEventRow>> {
  const shape = filter.target == null ? byTime : ofTarget;
  return page<AuditEventRow>(ctx, shape, conditionsOf(filter, shape), request);
}

/** Those of these that there are, for `node` and `nodes`. */
export function auditEventsById(ctx: Context, ids: readonly string[]): Promise<AuditEventRow[]> {
  return rowsById<AuditEventRow>(ctx, byTime, ids);
}

export async function getAuditEvent(ctx: Context, id: string): Promise<AuditEventRow | null> {
  const [row] = await ctx.db.query<AuditEventRow>(
    `SELECT ${AUDIT_COLUMNS} FROM audit_events e WHERE e.tenant_id = $1 AND e.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

/** Whether a live event passes the filter; the same rules as the list's. */
export function matches(row: AuditEventRow, filter: AuditEventFilter): boolean {
  return (
    (filter.type == null || row.type === filter.type) &&
    (filter.severity == null || row.severity === filter.severity) &&
    (filter.result == null || row.result === filter.result) &&
    (filter.actor == null || row.actorId === filter.actor) &&
    (filter.target == null || row.targets.some((target) => target.id === filter.target)) &&
    (filter.since == null || row.occurredAt >= filter.since) &&
    (filter.until == null || row.occurredAt < filter.until)
  );
}

/** Where the actor was; empty when that person was erased. Opened once for all fields of a row. */
export function whereOf(ctx: Context, row: AuditEventRow): Promise<Where> {
  const known = opened.get(row) ?? openWhere(ctx, row.tenantId, row.id, row.personal);
  opened.set(row, known);
  return known;
}

/** By the row itself: a stream lives for days, its rows must not. */
const opened = new WeakMap<AuditEventRow, Promise<Where>>();

function conditionsOf(filter: AuditEventFilter, shape: ListShape): Condition[] {
  const id = shape.order[0]?.column ?? 'e.id';
  const conditions: Condition[] = [];
  const add = (sql: string, value: unknown) => {
    if (value != null) conditions.push({ sql, values: [value] });
  };
  add('a.target = ?', storable(filter.target));
  add('e.type = ?', storable(filter.type));
  // Named as their indexes are, which hold what is rare.
  add(rare('e.severity', 'INFO', filter.severity), filter.severity);
  add(rare('e.result', 'SUCCESS', filter.result), filter.result);
  add('e.actor_id = ?', storable(filter.actor));
  add(`${id} >= ?`, filter.since && firstIdSince(filter.since));
  add(`${id} < ?`, filter.until && firstIdSince(filter.until));
  return conditions;
}

function rare(column: string, common: string, value: string | null | undefined): string {
  return value === common ? `${column} = ?` : `${column} = ? AND ${column} <> '${common}'`;
}

/** PostgreSQL takes no text with NUL, so no event holds one: it finds what nothing finds. */
function storable(text: string | null | undefined): string | null | undefined {
  return text?.includes('\u0000') ? '' : text;
}

/** Ids know no time before 1970, and nothing happened here before it. */
function firstIdSince(instant: Date): string {
  return firstIdAt(instant.getTime() < 0 ? new Date(0) : instant);
}
