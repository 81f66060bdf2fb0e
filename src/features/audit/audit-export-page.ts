/**
 * Some thousand events of the log in one piece of text: read cell by cell by the driver, a row costs
 * this process more than to write it. Cells and rows stand between ASCII's own separators, which JSON
 * always escapes and nothing else that we store holds.
 */

import { readTimestamp } from '#kernel/db/column-types.ts';
import type { Database } from '#kernel/db/database.ts';
import type { AuditEventRow } from './audit.model.ts';
import { type SequencedEvent, sequencedEvents } from './audit-sequence.queries.ts';

/** Leaves `from` to below `to`. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** The events of these leaves that are there, in their order. */
export async function exportedPage(
  db: Database,
  tenantId: string,
  { from, to }: LeafRange,
): Promise<SequencedEvent[]> {
  const [page] = await db.inTenant(tenantId, () =>
    db.query<{ count: number; text: string | null }>(PAGE, [tenantId, from, to]),
  );
  const rows = page?.text?.split(ROW_END).map((row) => row.split(CELL_END)) ?? [];
  rows.pop();
  // Who writes to the database by hand can put a separator into a text: then as everywhere else.
  if (rows.length !== page?.count || rows.some(({ length }) => length !== CELLS))
    return sequencedEvents({ db }, tenantId, BigInt(from) - 1n, BigInt(to) - 1n, to - from);
  return rows.map((cells) => eventOf(tenantId, cells as unknown as Cells));
}

const CELL_END = '\u001f';
const ROW_END = '\u001e';
const NULL = '\u001d';

type Cells = readonly [
  leafIndex: string,
  leafHash: string,
  id: string,
  type: string,
  severity: AuditEventRow['severity'],
  result: AuditEventRow['result'],
  reason: string,
  occurredAt: string,
  actorKind: AuditEventRow['actorKind'],
  actorId: string,
  onBehalfOf: string,
  targets: string,
  requestId: string,
  details: string,
  personal: string,
];

const CELLS = 15;

function eventOf(tenantId: string, cells: Cells): SequencedEvent {
  const [leafIndex, leafHash, id, type, severity, result, reason, occurredAt, actorKind] = cells;
  const [, , , , , , , , , actorId, onBehalfOf, targets, requestId, details, personal] = cells;
  return {
    tenantId,
    id,
    type,
    severity,
    result,
    reason: orNull(reason),
    occurredAt: readTimestamp(occurredAt) as Date,
    actorKind,
    actorId: orNull(actorId),
    onBehalfOf: orNull(onBehalfOf),
    targets: JSON.parse(targets),
    requestId,
    details: JSON.parse(details),
    personal: JSON.parse(personal),
    leafIndex: BigInt(leafIndex),
    leafHash: Buffer.from(leafHash, 'base64'),
  };
}

function orNull(cell: string): string | null {
  return cell === NULL ? null : cell;
}

const CELL = [
  'l.leaf_index',
  "encode(l.leaf_hash, 'base64')",
  'e.id',
  'e.type',
  'e.severity',
  'e.result',
  'coalesce(e.reason, chr(29))',
  'e.occurred_at',
  'e.actor_kind',
  'coalesce(e.actor_id, chr(29))',
  'coalesce(e.on_behalf_of, chr(29))',
  'e.targets',
  'e.request_id',
  'e.details',
  'e.personal',
].join(', chr(31), ');

/** The rows are put in order before they are joined: an aggregate that orders sorts their texts. */
const PAGE = `
SELECT count(*)::int AS count, string_agg(r.text, '') AS text FROM (
  SELECT concat(${CELL}, chr(30)) AS text
  FROM audit_leaves l JOIN audit_events e ON e.tenant_id = l.tenant_id AND e.id = l.event_id
  WHERE l.tenant_id = $1 AND l.leaf_index >= $2 AND l.leaf_index < $3
  ORDER BY l.leaf_index) r`;
