/** What may be asked of an export. */
import { z } from 'zod';
import { auditResult, auditSeverity } from './audit.model.ts';
import { EXPORT_FORMATS } from './audit-export.formats.ts';
import type { AuditEventFilter } from './audit-filter.ts';

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

export const exportInput = z.strictObject({
  format: z
    .enum(EXPORT_FORMATS)
    .default('NDJSON')
    .describe('NDJSON: one event a line, and a last line that closes it. JSON: one object. CSV.'),
  from: leaf
    .optional()
    .describe(
      'The first leaf: to go on after one that broke off, the last leafIndex plus one. Unless told, the first one from which no event has left by retention: 0 where none has.',
    ),
  begun: leaf
    .optional()
    .describe(
      'Of an export that goes on: the `signet-export-from` of the one that broke off, so that the end speaks of both as one.',
    ),
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

export type ExportInput = z.output<typeof exportInput>;

/** Null where everything passes: only then can a root be made of it. */
export function filterOf(input: ExportInput): AuditEventFilter | null {
  const names = Object.keys(filters) as (keyof typeof filters)[];
  const given = names.filter((name) => input[name] !== undefined);
  return given.length === 0 ? null : Object.fromEntries(given.map((name) => [name, input[name]]));
}
