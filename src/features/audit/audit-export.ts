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
import { openWheres } from '#kernel/events/personal.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { download } from '#kernel/http/download.ts';
import { type AuditEventRow, auditResult, auditSeverity } from './audit.model.ts';
import { coveringCheckpoint, latestCheckpoint } from './audit-checkpoints.store.ts';
import { EXPORT_FORMATS, type ExportedEvent, WRITERS } from './audit-export.formats.ts';
import { exportPages, type LeafRange, narrowed } from './audit-export.queries.ts';
import { type AuditEventFilter, matcher } from './audit-filter.ts';
import type { SequencedEvent } from './audit-sequence.queries.ts';

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

const instant = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-31T09:30:00Z' })
  .transform((text) => new Date(text));
const text = z.string().max(200).optional();
const leaf = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** As the list's. */
const filters = {
  type: text.describe('Events of exactly this type.'),
  types: z
    .array(z.string().max(200))
    .optional()
    .describe('Events of these types; `user.*` is all that begin so. Given once for each.'),
  severity: auditSeverity.optional().describe('Events of exactly this severity.'),
  minSeverity: auditSeverity.optional().describe('Events of this severity, or of a higher one.'),
  result: auditResult.optional().describe('Events that ended so.'),
  actor: text.describe('What this user or API key did.'),
  target: text.describe('What was done to this.'),
  requestId: text.describe('What this request did.'),
  text: z.string().max(512).optional().describe('Events in which all of these words stand.'),
  since: instant.optional().describe('Not before this.'),
  until: instant.optional().describe('Before this.'),
};

const exportInput = z.strictObject({
  format: z
    .enum(EXPORT_FORMATS)
    .default('NDJSON')
    .describe('NDJSON: one event a line, and a last line that closes it. JSON: one object. CSV.'),
  from: leaf
    .default(0)
    .describe('The first leaf: to go on after one that broke off, the last leafIndex plus one.'),
  to: leaf
    .optional()
    .describe(
      'Leaves below this one, as `signet-export-to` said of the one that broke off; all that there are when left out.',
    ),
  ...filters,
  where: z
    .boolean()
    .default(false)
    .describe(
      'Whether addresses and user agents are opened. A file keeps them when a person is erased here.',
    ),
});

type ExportInput = z.output<typeof exportInput>;

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
      'One event a line; the last line is `{"export": {"to", "filtered", "checkpoint"}}`.',
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
    const { to, note } = await coveredBy(ctx, input);
    const release = admit(ctx);
    // A reader who leaves before the first byte begins no stream that could end.
    ctx.signal.addEventListener('abort', release, { once: true });
    try {
      await recordExport(ctx, input, to);
      const range = await narrowed(ctx, { from: input.from, to }, filter ?? {});
      const { contentType, suffix } = WRITERS[input.format];
      return {
        contentType,
        fileName: `audit-${input.from}-${to}.${suffix}`,
        headers: {
          'signet-export-from': String(input.from),
          'signet-export-to': String(to),
          'signet-checkpoint': Buffer.from(note).toString('base64'),
        },
        chunks: chunks(ctx, input, { range, passes, to, note, release }),
      };
    } catch (error) {
      release();
      throw error;
    }
  },
});

/** Where it ends, and the checkpoint that covers that. */
async function coveredBy(
  ctx: Context,
  { from, to }: ExportInput,
): Promise<{ readonly to: number; readonly note: string }> {
  const exact = to === undefined ? null : await latestCheckpoint(ctx, ctx.tenantId, to);
  const { size, note } = exact ?? (await coveringCheckpoint(ctx, ctx.tenantId));
  const end = to ?? size;
  if (end > size) throw notBeyond('to', size);
  if (from > end) throw notBeyond('from', end);
  return { to: end, note };
}

function notBeyond(path: string, most: number): InvalidInput {
  return new InvalidInput([{ path, message: `must be at most ${most}, where the log ends` }]);
}

/** Null where everything passes: only then can a root be made of it. */
function filterOf(input: ExportInput): AuditEventFilter | null {
  const names = Object.keys(filters) as (keyof typeof filters)[];
  const given = names.filter((name) => input[name] !== undefined);
  return given.length === 0 ? null : Object.fromEntries(given.map((name) => [name, input[name]]));
}

/** Before the first byte: one that breaks off was an export too. */
function recordExport(ctx: Context, input: ExportInput, to: number): Promise<void> {
  const { format, from, where } = input;
  return recordEvents(ctx, [
    {
      type: EXPORTED,
      severity: 'NOTICE',
      targets: [{ type: 'tenant', id: ctx.tenantId }],
      details: { format, from, to, where, filtered: filterOf(input) !== null },
    },
  ]);
}

/** Of one tenant at once in this process: an export is as dear as thousands of pages. */
const AT_ONCE = 4;
const running = new Map<string, number>();

/** Answers how to leave again; once. */
function admit({ tenantId }: Context): () => void {
  const now = running.get(tenantId) ?? 0;
  if (now >= AT_ONCE) throw new RateLimited({ retryAfter: 10 });
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
  readonly to: number;
  readonly note: string;
  readonly release: () => void;
}

async function* chunks(
  ctx: Context,
  { format, where }: ExportInput,
  { range, passes, to, note, release }: Opened,
): AsyncGenerator<string, void, undefined> {
  const writer = WRITERS[format];
  const may = stillMay(ctx);
  try {
    if (writer.head) yield writer.head;
    let first = true;
    for await (const page of exportPages(ctx, range, passes))
      for (const part of partsOf(page)) {
        await may();
        yield writer.page(await withWhere(ctx, part, where), first);
        first = false;
      }
    const end = writer.end({ to, filtered: passes !== null, checkpoint: note });
    if (end) yield end;
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
  if (!opened) return page.map((event) => ({ event, where: null }));
  const wheres = await openWheres(ctx, ctx.tenantId, page);
  return page.map((event, n) => ({ event, where: wheres[n] ?? null }));
}
