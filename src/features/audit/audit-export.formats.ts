/**
 * How an export is written. Each format is a head, pages of events and an end; NDJSON is what proofs
 * are made from, line by line, and CSV is for spreadsheets, which would run a cell that begins like a
 * formula.
 */
import { stringify } from 'csv-stringify/sync';
import type { Where } from '#kernel/events/personal.ts';
import { encodeId } from '#kernel/ids.ts';
import { auditEventJson } from './audit-event.json.ts';
import type { SequencedEvent } from './audit-sequence.queries.ts';

export const EXPORT_FORMATS = ['NDJSON', 'JSON', 'CSV'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** `where` only where it was asked to be opened; null for what does not open. */
export interface ExportedEvent {
  readonly event: SequencedEvent;
  readonly where?: Where | null;
}

/** The last record of an export: whoever has it has all that was asked for. */
export interface ExportEnd {
  /** The leaf with which it begins. */
  readonly from: number;
  /** Leaves below this were looked at; a later export may begin here. */
  readonly to: number;
  /** Whether events were left out by a filter: then no root can be made of it. */
  readonly filtered: boolean;
  /** The signed note that covers it (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
  /**
   * Where it does not begin with the first leaf: the roots of the perfect subtrees (RFC 9162) of those
   * before it, the largest first, in base64. With them its events make the root that was signed.
   */
  readonly hashes?: readonly string[];
}

/** `before`: the roots for `hashes`. */
export function exportEnd(
  { from, to }: { readonly from: number; readonly to: number },
  filtered: boolean,
  checkpoint: string,
  before: readonly Buffer[],
): ExportEnd {
  const hashes = before.map((root) => root.toString('base64'));
  return { from, to, filtered, checkpoint, ...(from > 0 ? { hashes } : {}) };
}

interface Writer {
  readonly contentType: string;
  readonly suffix: string;
  readonly head: string;
  /** `first`: nothing was written since the head. Not called for an empty page. */
  readonly page: (events: readonly ExportedEvent[], first: boolean) => string;
  readonly end: (end: ExportEnd) => string;
}

/** RFC 4180; a cell that a spreadsheet would run gets an apostrophe before it. */
const CSV = { escape_formulas: true, record_delimiter: '\r\n' } as const;

const COLUMNS = [
  'leafIndex',
  'id',
  'occurredAt',
  'type',
  'severity',
  'result',
  'reason',
  'actorKind',
  'actorId',
  'actorAct',
  'targets',
  'requestId',
  'ipAddress',
  'userAgent',
  'details',
  'leafHash',
];

export const WRITERS: Readonly<Record<ExportFormat, Writer>> = {
  NDJSON: {
    contentType: 'application/x-ndjson',
    suffix: 'ndjson',
    head: '',
    page: (events) => events.map((event) => `${jsonOf(event)}\n`).join(''),
    end: (end) => `${JSON.stringify({ export: end })}\n`,
  },
  JSON: {
    contentType: 'application/json',
    suffix: 'json',
    head: '{"events":[',
    page: (events, first) => `${first ? '\n' : ',\n'}${events.map(jsonOf).join(',\n')}`,
    end: (end) => `\n],"export":${JSON.stringify(end)}}\n`,
  },
  CSV: {
    contentType: 'text/csv; charset=utf-8; header=present',
    suffix: 'csv',
    head: stringify([COLUMNS], CSV),
    page: (events) => stringify(events.map(cellsOf), CSV),
    // A row of another shape would be taken for an event: the checkpoint stands in the headers.
    end: () => '',
  },
};

function jsonOf({ event, ...opened }: ExportedEvent): string {
  const { leafIndex, leafHash } = event;
  return auditEventJson(event, { leafIndex, leafHash, ...opened });
}

function cellsOf({ event, where }: ExportedEvent): (string | null)[] {
  return [
    String(event.leafIndex),
    encodeId('event', event.id),
    event.occurredAt.toISOString(),
    event.type,
    event.severity,
    event.result,
    event.reason,
    event.actorKind,
    event.actorId,
    event.onBehalfOf,
    event.targets.map(({ id }) => id).join(' '),
    event.requestId,
    where?.ipAddress ?? null,
    where?.userAgent ?? null,
    Object.keys(event.details).length === 0 ? null : JSON.stringify(event.details),
    event.leafHash.toString('base64'),
  ];
}
