/**
 * The audit log from one leaf to another, some thousand leaves at a time: each is one statement of
 * its own, so that a reader who is slow holds no connection and no transaction.
 */
import type { Context } from '#kernel/context.ts';
import { firstIdAt } from '#kernel/ids.ts';
import type { AuditEventRow } from './audit.model.ts';
import { exportedPage, type LeafRange } from './audit-export-page.ts';
import type { AuditEventFilter } from './audit-filter.ts';
import type { SequencedEvent } from './audit-sequence.queries.ts';

/** Leaves of a page, and pages that are read ahead. On the embedded database everybody waits meanwhile. */
const PAGES = { server: { leaves: 1_000, ahead: 2 }, embedded: { leaves: 500, ahead: 1 } };

/** Pages of events that pass, in the order of their leaves; pages may be empty. */
export async function* exportPages(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  { from, to }: LeafRange,
  passes: ((row: AuditEventRow) => boolean) | null,
): AsyncGenerator<SequencedEvent[], void, undefined> {
  const { leaves, ahead } = ctx.db.embedded ? PAGES.embedded : PAGES.server;
  const asked: Promise<SequencedEvent[]>[] = [];
  let next = from;
  const ask = () => {
    for (; asked.length < ahead && next < to; next += leaves) {
      const range = { from: next, to: Math.min(next + leaves, to) };
      const page = exportedPage(ctx.db, ctx.tenantId, range);
      // Should the reader leave before, nobody waits for this one.
      page.catch(() => undefined);
      asked.push(page);
    }
  };
  for (ask(); asked.length > 0; ) {
    const rows = (await asked.shift()) ?? [];
    ask();
    yield passes ? rows.filter(passes) : rows;
  }
}

/**
 * Narrows the range to where events of that time can be. Leaves stand in the order in which
 * transactions settled, which no transaction puts off for longer than `SLACK_MS`.
 */
export async function narrowed(
  ctx: Pick<Context, 'db' | 'tenantId'>,
  { from, to }: LeafRange,
  { since, until }: Pick<AuditEventFilter, 'since' | 'until'>,
): Promise<LeafRange> {
  const [first, end] = await Promise.all([
    since ? firstLeafAt(ctx, since.getTime() - SLACK_MS) : 0,
    until ? firstLeafAt(ctx, until.getTime() + SLACK_MS) : to,
  ]);
  return { from: Math.max(from, first ?? to), to: Math.min(to, end ?? to) };
}

const SLACK_MS = 600_000;

/** Of the first event since then; null when there is none. */
async function firstLeafAt(
  { db, tenantId }: Pick<Context, 'db' | 'tenantId'>,
  ms: number,
): Promise<number | null> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<{ leafIndex: string }>(FIRST_LEAF, [tenantId, firstIdAt(new Date(Math.max(ms, 0)))]),
  );
  return row ? Number(row.leafIndex) : null;
}

const FIRST_LEAF = `
SELECT leaf_index::text AS "leafIndex" FROM audit_leaves
WHERE tenant_id = $1 AND event_id >= $2 ORDER BY event_id LIMIT 1`;
