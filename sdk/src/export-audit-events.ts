/** Owns the export of the audit log: a stream that goes on by itself when its connection is lost. */

import { connectionLost } from './answer.ts';
import type { Client } from './client.ts';

export interface AuditExportOptions {
  /** NDJSON unless told: what `signet audit verify` reads. CSV is for spreadsheets. */
  readonly format?: 'NDJSON' | 'JSON' | 'CSV';
  /** The first leaf. Unless told, the first one from which no event has left by retention: 0 where none has. */
  readonly from?: number;
  /** Leaves below this one; all that there are unless told. */
  readonly to?: number;
  readonly type?: string;
  /** Each a type, or `user.*`: all that begin so. */
  readonly types?: readonly string[];
  readonly severity?: 'INFO' | 'NOTICE' | 'WARNING' | 'CRITICAL';
  readonly minSeverity?: 'INFO' | 'NOTICE' | 'WARNING' | 'CRITICAL';
  readonly result?: 'SUCCESS' | 'REFUSED' | 'FAILED';
  readonly actor?: string;
  readonly target?: string;
  readonly requestId?: string;
  readonly text?: string;
  /** RFC 3339. */
  readonly since?: string;
  readonly until?: string;
  /** Opens addresses and user agents, which the export then keeps when a person is erased. */
  readonly where?: boolean;
  readonly signal?: AbortSignal;
}

/** A line of the export: the record that its leaf was made of, and what stands outside of it. */
export interface ExportedAuditEvent {
  readonly v: number;
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
  readonly severity: 'INFO' | 'NOTICE' | 'WARNING' | 'CRITICAL';
  readonly result: 'SUCCESS' | 'REFUSED' | 'FAILED';
  readonly reason: string | null;
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  readonly actor: {
    readonly kind: string;
    readonly id: string | null;
    readonly act: string | null;
  };
  readonly targets: readonly { readonly type: string; readonly id: string }[];
  readonly requestId: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly personal: Readonly<Record<string, string>>;
  readonly leafIndex: number;
  /** Base64. */
  readonly leafHash: string;
  /** Where it was asked for: empty when nothing was known or the person was erased, null when it does not open. */
  readonly where?: { readonly ipAddress?: string; readonly userAgent?: string } | null;
}

export interface AuditExport {
  /** The first leaf; more than 0 where you said so, or where events have left. */
  readonly from: number;
  /** Leaves below this; a later export may begin here. */
  readonly to: number;
  /** The signed note that covers it (C2SP tlog-checkpoint). Keep it where nobody changes it. */
  readonly checkpoint: string;
  /** The bytes, for a file. NDJSON goes on by itself when the connection is lost, without a gap. */
  readonly stream: ReadableStream<Uint8Array>;
  /** Instead of `stream`, for NDJSON: the events one by one. */
  events(): AsyncGenerator<ExportedAuditEvent, void, undefined>;
}

/**
 * The tenant's audit log up to a signed checkpoint; needs the scope `audit:read`. Resolves once the
 * stream has begun. Throws RequestError.
 */
export async function exportAuditEvents(
  client: Pick<Client, 'download'>,
  options: AuditExportOptions = {},
): Promise<AuditExport> {
  const { signal, format = 'NDJSON' } = options;
  const open = (range: { readonly from?: number; readonly to?: number; readonly begun?: number }) =>
    client.download(`audit-events/export?${queryOf({ ...options, ...range })}`, { signal });
  const first = await open({});
  const from = Number(first.headers.get('signet-export-from'));
  const to = Number(first.headers.get('signet-export-to'));
  const checkpoint = atob(first.headers.get('signet-checkpoint') ?? '');
  const body = bodyOf(first);
  const stream =
    format === 'NDJSON'
      ? goingOn(body, from, signal, (next) => open({ from: next, to, begun: from }))
      : body;
  return {
    from,
    to,
    // base64 of UTF-8: a note has a dash before its signature.
    checkpoint: new TextDecoder().decode(Uint8Array.from(checkpoint, (c) => c.charCodeAt(0))),
    stream,
    events: () => eventsIn(stream),
  };
}

function queryOf({ signal: _, ...given }: AuditExportOptions): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) query.append(name, String(one));
  return query.toString();
}

function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  if (!body) throw connectionLost(new Error('the answer has no body'));
  return body;
}

const LF = 0x0a;
/** Times in a row that a connection may bring nothing. */
const ATTEMPTS = 5;

/** Hands on whole lines only, so that a connection that is lost leaves nothing half said. */
function goingOn(
  begun: ReadableStream<Uint8Array>,
  from: number,
  signal: AbortSignal | undefined,
  reopen: (next: number) => Promise<Response>,
): ReadableStream<Uint8Array> {
  let reader = begun.getReader();
  let rest: Uint8Array = new Uint8Array();
  let next = from;
  let ended = false;

  /** Whole lines; null at the end. Throws when the connection is lost. */
  async function read(): Promise<Uint8Array | null> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done && ended) return null;
      if (done) throw connectionLost(new Error('the export ended before its last line'));
      const all = joined(rest, value);
      const end = all.lastIndexOf(LF) + 1;
      rest = all.subarray(end);
      if (end === 0) continue;
      const lines = all.subarray(0, end);
      const last = lastLine(lines);
      ended = last.leafIndex === undefined || Object.hasOwn(last, 'export');
      if (!ended && last.leafIndex !== undefined) next = last.leafIndex + 1;
      return lines;
    }
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (let failed = 0; ; ) {
        try {
          const lines = await read();
          if (lines) controller.enqueue(lines);
          else controller.close();
          return;
        } catch (error) {
          signal?.throwIfAborted();
          failed += 1;
          if (failed === ATTEMPTS) throw error;
          rest = new Uint8Array();
          reader = bodyOf(await reopen(next)).getReader();
        }
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** The line that closes an export is about no leaf. */
function lastLine(lines: Uint8Array): { readonly leafIndex?: number } {
  const start = lines.lastIndexOf(LF, -2) + 1;
  return JSON.parse(new TextDecoder().decode(lines.subarray(start))) as { leafIndex?: number };
}

async function* eventsIn(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<ExportedAuditEvent, void, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const read = JSON.parse(line) as ExportedAuditEvent;
        // The line that closes an export, whatever else it says, is no event.
        if (read.leafIndex !== undefined && !Object.hasOwn(read, 'export')) yield read;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
