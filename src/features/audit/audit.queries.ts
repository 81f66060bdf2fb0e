/** Reads of the audit log: pages, one event, and where a person was (opened from its seal). */
import type { Context } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, page, rowsById } from '#kernel/db/keyset.ts';
import { scannedPage } from '#kernel/db/scan.ts';
import { openWhere, type Where } from '#kernel/events/personal.ts';
import type { AuditEventRow } from './audit.model.ts';
import { type AuditEventFilter, indexedConditions, lookedThrough } from './audit-filter.ts';

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

/** Events that a search by text looks at for one page. */
const BUDGET = 20_000;

/** Throws InvalidInput where the filter makes no sense. */
export function listAuditEvents(
  ctx: Context,
  filter: AuditEventFilter,
  request: PageRequest,
): Promise<Page<AuditEventRow>> {
  const shape = filter.target == null ? byTime : ofTarget;
  const conditions = indexedConditions(filter, shape.order[0]?.column ?? 'e.id');
  const test = lookedThrough(filter);
  return test
    ? scannedPage<AuditEventRow>(ctx, shape, { conditions, test, budget: BUDGET }, request)
    : page<AuditEventRow>(ctx, shape, conditions, request);
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

/** Where the actor was; empty when that person was erased. Opened once for all fields of a row. */
export function whereOf(ctx: Context, row: AuditEventRow): Promise<Where> {
  const known = opened.get(row) ?? openWhere(ctx, row.tenantId, row.id, row.personal);
  opened.set(row, known);
  return known;
}

/** By the row itself: a stream lives for days, its rows must not. */
const opened = new WeakMap<AuditEventRow, Promise<Where>>();
