/**
 * Writing events: one audit row and one outbox row each, in the transaction that is open. Nothing
 * is sent from here; the drainer wakes after the commit.
 */
import { type Actor, idTypeOfActor } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import { encodeId, idAt } from '#kernel/ids.ts';
import { type AuditRecord, type EventDraft, leafHash, typedTargets } from './event.ts';
import { sealWhere } from './personal.ts';

/** A row that is ready to be written, so that the statement itself can leave together with COMMIT. */
export type EventRow = readonly unknown[];

/** Seals what is personal and computes the leaf; may read keys, so call it inside the transaction. */
export function prepareEvents(
  ctx: Context,
  drafts: readonly EventDraft[],
  tenantId: string = ctx.tenantId,
): Promise<EventRow[]> {
  return Promise.all(drafts.map((draft) => eventRow(ctx, tenantId, draft)));
}

/** Writes prepared rows with one statement. Not awaited by commands: it leaves with COMMIT. */
export function writeEvents(ctx: Context, rows: readonly EventRow[]): Promise<unknown> {
  const columns = rows[0]?.map((_, i) => rows.map((row) => row[i])) ?? [];
  return ctx.db.query(INSERT_EVENTS, columns);
}

/** For protocol stores and refusals: a transaction of its own unless one is open. */
export async function recordEvents(
  ctx: Context,
  drafts: readonly EventDraft[],
  tenantId: string = ctx.tenantId,
): Promise<void> {
  await ctx.db.transaction(
    async () => writeEvents(ctx, await prepareEvents(ctx, drafts, tenantId)),
    { tenantId },
  );
  ctx.outbox.wake();
}

async function eventRow(ctx: Context, tenantId: string, draft: EventDraft): Promise<EventRow> {
  const occurredAt = ctx.clock.now();
  const id = idAt(occurredAt);
  const personal = await sealWhere(ctx, tenantId, id);
  const record: AuditRecord = {
    tenant: encodeId('tenant', tenantId),
    id: encodeId('event', id),
    type: draft.type,
    severity: draft.severity ?? ((draft.result ?? 'SUCCESS') === 'SUCCESS' ? 'INFO' : 'WARNING'),
    result: draft.result ?? 'SUCCESS',
    reason: draft.reason ?? null,
    occurredAt: occurredAt.toISOString(),
    actor: actorOf(ctx.actor),
    targets: typedTargets(draft.targets),
    requestId: ctx.requestId,
    details: draft.details ?? {},
    personal,
  };
  return [
    tenantId,
    id,
    record.type,
    record.severity,
    record.result,
    record.reason,
    record.occurredAt,
    record.actor.kind,
    record.actor.id,
    record.actor.act,
    JSON.stringify(record.targets),
    record.requestId,
    JSON.stringify(record.details),
    JSON.stringify(record.personal),
    leafHash(record),
  ];
}

/** Who really did it, and in whose name. */
function actorOf({ kind, id, act }: Actor): AuditRecord['actor'] {
  const idType = idTypeOfActor(kind);
  const own = idType && id ? encodeId(idType, id) : null;
  return act
    ? { kind: act.kind, id: encodeId(act.kind, act.id), act: own }
    : { kind, id: own, act: null };
}

/** One statement for any number of events: arrays in, rows out; the targets are indexed beside them. */
export const INSERT_EVENTS = `
WITH rows AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::text[],
    $13::jsonb[], $14::jsonb[], $15::bytea[])
  AS r(tenant_id, id, type, severity, result, reason, occurred_at, actor_kind, actor_id,
    on_behalf_of, targets, request_id, details, personal, leaf_hash)
), events AS (
  INSERT INTO audit_events (tenant_id, id, type, severity, result, reason, occurred_at, actor_kind,
    actor_id, on_behalf_of, targets, request_id, details, personal, leaf_hash)
  SELECT tenant_id, id, type, severity, result, reason, occurred_at,
    actor_kind, actor_id, on_behalf_of, targets, request_id, details, personal, leaf_hash FROM rows
), targets AS (
  INSERT INTO audit_targets (tenant_id, target, event_id)
  SELECT DISTINCT r.tenant_id, t ->> 'id', r.id FROM rows r, jsonb_array_elements(r.targets) t
)
INSERT INTO outbox (tenant_id, event_id, type, occurred_at)
SELECT tenant_id, id, type, occurred_at FROM rows`;
