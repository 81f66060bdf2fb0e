/** The audit log in the order of its leaves: what streams, exports and resumed tails read by. */
import type { Database } from '#kernel/db/database.ts';
import type { AuditEventRow } from './audit.model.ts';
import { AUDIT_COLUMNS } from './audit.queries.ts';
import { recentlyArchivedTo } from './recently-archived.ts';

export interface SequencedEvent extends AuditEventRow {
  readonly leafIndex: bigint;
  /** As the tree holds it. */
  readonly leafHash: Buffer;
}

/**
 * Events after the leaf `after` (-1n: from the first), up to and with the leaf `upTo` (null: to the
 * last), `limit` at most. Leaves whose events are not there any more (their month has left) are passed
 * over: fewer rows than `limit` mean the end, a gap in the indexes does not.
 */
export async function sequencedEvents(
  { db }: { readonly db: Database },
  tenantId: string,
  after: bigint,
  upTo: bigint | null,
  limit: number,
): Promise<SequencedEvent[]> {
  const left = BigInt(await recentlyArchivedTo(db, tenantId));
  const last = upTo ?? MAX_INDEX;
  const rows: SequencedEvent[] = [];
  let at = after;
  // Millions of leaves without an event are more than one statement may look through.
  while (at + 1n < left && at < last && rows.length < limit) {
    const end = least(at + AT_ONCE, left - 1n, last);
    rows.push(...(await sequenced(db, tenantId, { after: at, last: end }, limit - rows.length)));
    at = end;
  }
  if (at < last && rows.length < limit)
    rows.push(...(await sequenced(db, tenantId, { after: at, last }, limit - rows.length)));
  return rows;
}

const AT_ONCE = 5_000n;

async function sequenced(
  db: Database,
  tenantId: string,
  { after, last }: { readonly after: bigint; readonly last: bigint },
  limit: number,
): Promise<SequencedEvent[]> {
  const rows = await db.inTenant(tenantId, () =>
    db.query<AuditEventRow & { leafIndex: string; leafHash: Buffer }>(SEQUENCED, [
      tenantId,
      after,
      last,
      limit,
    ]),
  );
  return rows.map((row) => Object.assign(row, { leafIndex: BigInt(row.leafIndex) }));
}

function least(...numbers: readonly [bigint, ...bigint[]]): bigint {
  return numbers.reduce((a, b) => (b < a ? b : a));
}

/** How many events of the tenant have a leaf: the next one's index. */
export async function sequencedSize(
  { db }: { readonly db: Database },
  tenantId: string,
): Promise<bigint> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<{ size: string }>('SELECT size::text FROM audit_trees WHERE tenant_id = $1', [
      tenantId,
    ]),
  );
  return BigInt(row?.size ?? 0);
}

/** Null while the event has no leaf. */
export async function leafOf(
  { db }: { readonly db: Database },
  tenantId: string,
  eventId: string,
): Promise<bigint | null> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<{ leafIndex: string }>(
      'SELECT leaf_index::text AS "leafIndex" FROM audit_leaves WHERE tenant_id = $1 AND event_id = $2',
      [tenantId, eventId],
    ),
  );
  return row ? BigInt(row.leafIndex) : null;
}

/** The last leaf of the tree; null when it has none. */
export async function newestLeaf(
  { db }: { readonly db: Database },
  tenantId: string,
): Promise<{ readonly leafIndex: bigint; readonly eventId: string } | null> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<{ leafIndex: string; eventId: string }>(
      `SELECT leaf_index::text AS "leafIndex", event_id AS "eventId" FROM audit_leaves
       WHERE tenant_id = $1 ORDER BY leaf_index DESC LIMIT 1`,
      [tenantId],
    ),
  );
  return row ? { ...row, leafIndex: BigInt(row.leafIndex) } : null;
}

const MAX_INDEX = 9_223_372_036_854_775_807n;

const SEQUENCED = `
SELECT l.leaf_index::text AS "leafIndex", l.leaf_hash AS "leafHash", ${AUDIT_COLUMNS}
FROM audit_leaves l CROSS JOIN LATERAL (
  SELECT * FROM audit_events WHERE tenant_id = l.tenant_id AND id = l.event_id LIMIT 1) e
WHERE l.tenant_id = $1 AND l.leaf_index > $2 AND l.leaf_index <= $3
ORDER BY l.leaf_index LIMIT $4`;
