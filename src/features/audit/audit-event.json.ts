/**
 * The one JSON form of an event: for exports, streams, and whoever verifies them. The canonical
 * record (RFC 8785), then members of its own names that no hash covers: `leafIndex`, `leafHash` and
 * `where`. So the leaf can be hashed anew from the line itself.
 */
import { canonicalJson, type Json } from '#kernel/events/event.ts';
import type { Where } from '#kernel/events/personal.ts';
import { encodeId } from '#kernel/ids.ts';
import type { AuditEventRow } from './audit.model.ts';

/** What the sequencer knows of an event, and what its reader may see opened. */
export interface Outside {
  readonly leafIndex?: bigint;
  readonly leafHash?: Buffer;
  /** Null: there is something, and it does not open. */
  readonly where?: Where | null;
}

/** One line, without a line feed. */
export function auditEventJson(row: AuditEventRow, outside: Outside = {}): string {
  const record = canonicalRow(row);
  const { leafIndex, leafHash, where } = outside;
  const more =
    (leafIndex === undefined ? '' : `,"leafIndex":${leafIndex}`) +
    (leafHash === undefined ? '' : `,"leafHash":"${leafHash.toString('base64')}"`) +
    (where === undefined ? '' : `,"where":${JSON.stringify(where)}`);
  return `${record.slice(0, -1)}${more}}`;
}

/** The text whose leaf was hashed, from nothing but the stored row; the members in their canonical order. */
function canonicalRow(row: AuditEventRow): string {
  return (
    `{"actor":{"act":${text(row.onBehalfOf)},"id":${text(row.actorId)},"kind":${text(row.actorKind)}}` +
    `,"details":${canonicalJson(row.details as Json)},"id":"${encodeId('event', row.id)}"` +
    `,"occurredAt":"${row.occurredAt.toISOString()}","personal":${canonicalJson(row.personal)}` +
    `,"reason":${text(row.reason)},"requestId":${text(row.requestId)},"result":"${row.result}"` +
    `,"severity":"${row.severity}","targets":${canonicalJson(row.targets as unknown as Json)}` +
    `,"tenant":"${encodeId('tenant', row.tenantId)}","type":${text(row.type)},"v":1}`
  );
}

function text(value: string | null): string {
  return value === null ? 'null' : JSON.stringify(value);
}
