/**
 * The export of the audit log: what is asked for, who may, and the stream that answers. The range is
 * fixed by a signed checkpoint before the first byte, so that an export that broke off goes on from
 * its last leaf to the same end, and a whole one makes the root that was signed.
 */
import { z } from 'zod';
import { type Access, refusal } from '#kernel/access.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidInput, RateLimited, Unauthenticated } from '#kernel/errors.ts';
import { declareEvent } from '#kernel/events/event-types.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { download } from '#kernel/http/download.ts';
import { AuditTreeDamaged } from './audit.errors.ts';
import type { AuditEventRow } from './audit.model.ts';
import { coveringCheckpoint, latestCheckpoint } from './audit-checkpoints.store.ts';
import {
  EXPORT_FORMATS,
  type ExportEnd,
  type ExportedEvent,
  exportEnd,
  WRITERS,
} from './audit-export.formats.ts';
import { exportPages, narrowed } from './audit-export.queries.ts';
import { type ExportInput, exportInput, filterOf } from './audit-export-input.ts';
import type { LeafRange } from './audit-export-page.ts';
import { matcher } from './audit-filter.ts';
import { frontierFormula, overTiles, TilesDamaged } from './audit-proofs.ts';
import { archivedTo } from './audit-retention.store.ts';
import type { SequencedEvent } from './audit-sequence.queries.ts';
import { openedWheres } from './event-wheres.ts';

const EXPORTED = declareEvent({
  name: 'audit.export',
  summary: 'The audit log, or a part of it, was taken out.',
  severity: 'NOTICE',
  about: ['tenant'],
  tells: {
    format: z.enum(EXPORT_FORMATS),
    from: z.int().min(0).describe('The first leaf.'),
    to: z.int().min(0).describe('The leaf below which it ended.'),
    where: z.boolean().describe('Whether addresses and user agents were opened.'),
    filtered: z.boolean().describe('Whether a filter left events out.'),
  },
});

const access: Access = { scopes: [['audit:read']] };

export const auditExport = download({
  name: 'ExportAuditEvents',
  path: 'audit-events/export',
  tag: 'audit',
  summary:
    "The tenant's audit log in the order of its leaves, as a stream. It ends at a signed checkpoint, from which `signet audit verify` recomputes that nothing is missing and nothing was changed.",
  access,
  event: EXPORTED,
  input: exportInput,
  answers: {
    'application/x-ndjson':
      'One event a line; the last line is `{"export": {"from", "to", "filtered", "checkpoint"}}`, with `hashes` where it does not begin with leaf 0: the roots of the perfect subtrees of the leaves before it, in base64.',
    'application/json': '`{"events": [...], "export": {...}}`.',
    'text/csv':
      'A line of names, then one event a line; cells that begin like a formula are escaped.',
  },
  headers: {
    'signet-export-from': 'The first leaf of the answer.',
    'signet-export-to': 'The leaf below which it ends, and from which a later one goes on.',
    'signet-checkpoint': 'The signed checkpoint that covers it, in base64.',
  },
  async open(ctx, input) {
    const filter = filterOf(input);
    const passes = filter && matcher(filter);
    const { from, to, note, before } = await coveredBy(ctx, input);
    const release = admit(ctx);
    // A reader who leaves before the first byte begins no stream that could end.
    ctx.signal.addEventListener('abort', release, { once: true });
    try {
      await recordExport(ctx, input, { from, to });
      const range = await narrowed(ctx, { from, to }, filter ?? {});
      const begun = { from: input.begun ?? from, to };
      const end = exportEnd(begun, passes !== null, note, before);
      const { contentType, suffix } = WRITERS[input.format];
      return {
        contentType,
        fileName: `audit-${from}-${to}.${suffix}`,
        headers: {
          'signet-export-from': String(from),
          'signet-export-to': String(to),
          'signet-checkpoint': Buffer.from(note).toString('base64'),
        },
        chunks: chunks(ctx, input, { range, passes, end, release }),
      };
    } catch (error) {
      release();
      throw error;
    }
  },
});

interface Covered extends LeafRange {
  readonly note: string;
  /** The roots of the perfect subtrees of what stands before its beginning. */
  readonly before: readonly Buffer[];
}

/** Where it begins and ends, and the checkpoint that covers that. */
async function coveredBy(ctx: Context, { from, begun, to }: ExportInput): Promise<Covered> {
  const exact = to === undefined ? null : await latestCheckpoint(ctx, ctx.tenantId, to);
  const { size, note } = exact ?? (await coveringCheckpoint(ctx, ctx.tenantId));
  const end = to ?? size;
  if (end > size) throw notBeyond('to', size);
  const first = from ?? Math.min(await archivedTo(ctx.db, ctx.tenantId), end);
  if (first > end) throw notBeyond('from', end);
  if (begun !== undefined && begun > first)
    throw new InvalidInput([
      { path: 'begun', message: `must be at most ${first}, where this export begins` },
    ]);
  const roots = overTiles(ctx.db, ctx.tenantId, frontierFormula(begun ?? first));
  const before = await roots.catch((error: unknown) => {
    throw error instanceof TilesDamaged ? new AuditTreeDamaged() : error;
  });
  return { from: first, to: end, note, before };
}

function notBeyond(path: string, most: number): InvalidInput {
  return new InvalidInput([{ path, message: `must be at most ${most}, where the log ends` }]);
}

/** Before the first byte: one that breaks off was an export too. */
function recordExport(ctx: Context, input: ExportInput, { from, to }: LeafRange): Promise<void> {
  const { format, where } = input;
  return recordEvents(ctx, [
    {
      type: EXPORTED,
      severity: 'NOTICE',
      targets: [{ type: 'tenant', id: ctx.tenantId }],
      details: { format, from, to, where, filtered: filterOf(input) !== null },
    },
  ]);
}

/** At once in this process, of one tenant and of all: an export is as dear as thousands of pages. */
const AT_ONCE = 4;
const AT_ONCE_TOGETHER = 32;
const running = new Map<string, number>();

/** Answers how to leave again; once. */
function admit({ tenantId }: Context): () => void {
  const now = running.get(tenantId) ?? 0;
  const together = running.values().reduce((sum, count) => sum + count, 0);
  if (now >= AT_ONCE || together >= AT_ONCE_TOGETHER) throw new RateLimited({ retryAfter: 10 });
  running.set(tenantId, now + 1);
  let left = false;
  return () => {
    const rest = (running.get(tenantId) ?? 1) - 1;
    if (left) return;
    left = true;
    if (rest > 0) running.set(tenantId, rest);
    else running.delete(tenantId);
  };
}

interface Opened {
  readonly range: LeafRange;
  readonly passes: ((row: AuditEventRow) => boolean) | null;
  readonly end: ExportEnd;
  readonly release: () => void;
}

async function* chunks(
  ctx: Context,
  { format, where }: ExportInput,
  { range, passes, end, release }: Opened,
): AsyncGenerator<string, void, undefined> {
  const writer = WRITERS[format];
  const may = stillMay(ctx);
  try {
    if (writer.head) yield writer.head;
    let first = true;
    for await (const page of exportPages(ctx, range, passes)) {
      // Of a page without events, too: what is looked for may be far away.
      await may();
      for (const part of partsOf(page)) {
        await may();
        yield writer.page(await withWhere(ctx, part, where), first);
        first = false;
      }
    }
    const last = writer.end(end);
    if (last) yield last;
  } finally {
    release();
  }
}

/** What is handed over at once: large enough to cost little, small enough to be forgotten soon. */
const PART = 100;

function partsOf(page: readonly SequencedEvent[]): (readonly SequencedEvent[])[] {
  const count = Math.ceil(page.length / PART);
  return Array.from({ length: count }, (_, n) => page.slice(n * PART, (n + 1) * PART));
}

const RECHECK_MS = 1_000;

/** Throws once the caller may not any more: a revoked key, a lost role, a suspended tenant. */
function stillMay(ctx: Context): () => Promise<void> {
  let checked = ctx.clock.ms();
  return async () => {
    if (ctx.clock.ms() - checked < RECHECK_MS) return;
    checked = ctx.clock.ms();
    const actor = await ctx.reauthenticate();
    const refused = actor && refusal(access, { ...ctx, actor }, auditExport.name);
    if (!actor || refused) throw refused ?? new Unauthenticated();
  };
}

async function withWhere(
  ctx: Context,
  page: readonly SequencedEvent[],
  opened: boolean,
): Promise<ExportedEvent[]> {
  if (!opened) return page.map((event) => ({ event }));
  const wheres = await openedWheres(ctx, ctx.tenantId, page);
  return page.map((event, n) => ({ event, where: wheres[n] ?? null }));
}
