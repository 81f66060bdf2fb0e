/** Rows of the audit log as they are stored, and the record that their leaf was made of. */
import type { AuditRecord } from '#kernel/events/event.ts';
import { encodeId } from '#kernel/ids.ts';
import type { Instance } from './house.ts';
import { rows } from './stored.ts';

export interface AuditRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly type: string;
  readonly severity: AuditRecord['severity'];
  readonly result: AuditRecord['result'];
  readonly reason: string | null;
  readonly occurred_at: Date;
  readonly actor_kind: string;
  readonly actor_id: string | null;
  readonly on_behalf_of: string | null;
  readonly targets: AuditRecord['targets'];
  readonly request_id: string;
  readonly details: AuditRecord['details'];
  readonly personal: AuditRecord['personal'];
  readonly leaf_hash: Buffer;
}

/** A tenant's log, the oldest first; of one request where its id is given. */
export function auditLog(
  house: Instance,
  tenantId: string,
  requestId?: unknown,
): Promise<AuditRow[]> {
  const of = requestId === undefined ? '' : 'WHERE request_id = $1';
  const values = requestId === undefined ? [] : [requestId];
  return rows(house, tenantId, `SELECT * FROM audit_events ${of} ORDER BY id`, values);
}

/** From nothing but the stored row. */
export function recordOf(row: AuditRow): AuditRecord {
  return {
    tenant: encodeId('tenant', row.tenant_id),
    id: encodeId('event', row.id),
    type: row.type,
    severity: row.severity,
    result: row.result,
    reason: row.reason,
    occurredAt: row.occurred_at.toISOString(),
    actor: { kind: row.actor_kind, id: row.actor_id, act: row.on_behalf_of },
    targets: row.targets,
    requestId: row.request_id,
    details: row.details,
    personal: row.personal,
  };
}
