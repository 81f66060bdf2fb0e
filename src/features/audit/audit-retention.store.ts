/**
 * What retention reads of the log and takes from it. Reading is done as everybody's; a month is dropped
 * by the owner of the tables, in one transaction with the record of where its events went.
 */
import type { Database } from '#kernel/db/database.ts';
import { type Month, monthOfPartition } from './audit-months.ts';

/** What a tenant has in a month. */
export interface MonthShare {
  readonly tenantId: string;
  readonly events: number;
  /** Of these events: how many have a leaf, and one more than the last such leaf. */
  readonly leaves: number;
  readonly end: number;
}

/** Where a tenant's leaves from one to below another went. */
export interface Archived {
  readonly tenantId: string;
  readonly from: number;
  readonly to: number;
  readonly sha256: Buffer;
}

/** Whether this connection may drop months. */
export async function ownsLog(db: Database): Promise<boolean> {
  const [row] = await asOwner(db, () => db.query<{ owns: boolean }>(OWNS));
  return row?.owns ?? false;
}

/** Months that have a partition, the oldest first. */
export async function storedMonths(db: Database): Promise<Month[]> {
  const rows = await db.query<{ name: string }>(PARTITIONS);
  return rows.map(({ name }) => monthOfPartition(name)).filter((month) => month !== null);
}

/** Null when the tenant has no event in the month. */
export async function shareOf(
  db: Database,
  tenantId: string,
  month: Month,
): Promise<MonthShare | null> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<{ events: string; leaves: string; last: string | null }>(SHARE, [
      tenantId,
      month.first,
      month.end,
    ]),
  );
  if (!row || row.events === '0') return null;
  const end = row.last === null ? 0 : Number(row.last) + 1;
  return { tenantId, events: Number(row.events), leaves: Number(row.leaves), end };
}

/** The leaf below which a tenant's events may have left: from it on all of them are there. */
export async function archivedTo(db: Database, tenantId: string): Promise<number> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<{ to: string }>(ARCHIVED_TO, [tenantId]),
  );
  return Number(row?.to ?? 0);
}

/** Events from before `month` that are still stored. */
export async function eventsBefore(db: Database, tenantId: string, month: Month): Promise<number> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<{ events: string }>(BEFORE, [tenantId, month.first]),
  );
  return Number(row?.events ?? 0);
}

/** The month holds what no archive has; nothing was dropped. */
export class MonthChanged extends Error {
  override readonly name = 'MonthChanged';
}

/**
 * Drops the month with all that it holds, which must be these shares and nothing more. Readers and
 * writers are kept out for a moment only: throws `Unavailable` where the log is not free within
 * `LOCK_MS`, and is to be called again then. Throws `MonthChanged`.
 */
export async function dropMonth(
  db: Database,
  month: Month,
  shares: readonly MonthShare[],
  archives: readonly Archived[],
  now: Date,
): Promise<void> {
  const table = `public.${month.partition}`;
  await db.transaction(async () => {
    await db.query('SET LOCAL ROLE NONE');
    await db.query(`SET LOCAL lock_timeout = '${LATE_WRITER_MS}ms'`);
    // From here on nothing comes to the month; others go on, and read it.
    await db.query(`LOCK TABLE ONLY ${table} IN SHARE MODE`);
    for (const { tenantId, events } of shares)
      if ((await shareOf(db, tenantId, month))?.events !== events)
        throw new MonthChanged(`tenant ${tenantId} has other events in it than were archived`);
    for (const { tenantId, from, to, sha256 } of archives)
      await db.inTenant(tenantId, () =>
        db.execute(RECORD_ARCHIVE, [tenantId, month.day, from, to, sha256, now]),
      );
    await db.execute(RECORD_MONTH, [month.day, now]);
    // Now for the moment in which nobody else is in the log: whoever waits behind us waits this long.
    await db.query(`SET LOCAL lock_timeout = '${LOCK_MS}ms'`);
    // The whole first, as readers lock it: who holds it and waits for the month would wait for us, and we for them.
    await db.query('LOCK TABLE ONLY public.audit_events IN ACCESS EXCLUSIVE MODE');
    await db.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
    const known = new Set(shares.map(({ tenantId }) => tenantId));
    const stored = await db.query<{ id: string }>(tenantsIn(table));
    const strange = stored.find(({ id }) => !known.has(id));
    if (strange)
      throw new MonthChanged(`tenant ${strange.id} has events in it that were not archived`);
    await db.query(`DROP TABLE ${table}`);
  });
}

/** Of a transaction that writes into a month that is over. */
const LATE_WRITER_MS = 10_000;
const LOCK_MS = 500;

/**
 * Takes from the index of targets what is about events that have left, for all months that are not
 * through with it; some thousand at a time, since this may be millions. Answers how many.
 */
export async function dropTargets(
  db: Database,
  tenants: () => AsyncIterable<string>,
  now: () => Date,
): Promise<number> {
  const due = await asOwner(db, () => db.query<{ day: string }>(DUE_MONTHS));
  if (due.length === 0) return 0;
  let dropped = 0;
  for await (const tenantId of tenants())
    for (let after: readonly string[] | null = ['', ZERO_ID]; after; ) {
      const [page] = await asOwner(db, () =>
        db.inTenant(tenantId, () =>
          db.query<{ dropped: number; target: string | null; id: string | null }>(DROP_TARGETS, [
            tenantId,
            ...(after as readonly string[]),
          ]),
        ),
      );
      dropped += page?.dropped ?? 0;
      after = page?.target != null && page.id != null ? [page.target, page.id] : null;
    }
  const days = due.map(({ day }) => day);
  await asOwner(db, () => db.execute(TARGETS_LEFT, [days, now()]));
  return dropped;
}

function asOwner<T>(db: Database, fn: () => Promise<T>): Promise<T> {
  return db.transaction(async () => {
    await db.query('SET LOCAL ROLE NONE');
    return fn();
  });
}

const ZERO_ID = '00000000-0000-0000-0000-000000000000';

const PARTITIONS = `
SELECT c.relname AS name FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'public.audit_events'::regclass ORDER BY 1`;

const OWNS = `
SELECT pg_has_role(relowner, 'USAGE') AS owns FROM pg_catalog.pg_class
WHERE oid = 'public.audit_events'::regclass`;

const SHARE = `
SELECT count(*)::text AS events, count(l.leaf_index)::text AS leaves, max(l.leaf_index)::text AS last
FROM audit_events e LEFT JOIN audit_leaves l ON l.tenant_id = e.tenant_id AND l.event_id = e.id
WHERE e.tenant_id = $1 AND e.id >= $2 AND e.id < $3`;

const ARCHIVED_TO = 'SELECT max(to_index)::text AS to FROM audit_archives WHERE tenant_id = $1';

const BEFORE = `
SELECT count(*)::text AS events FROM audit_events WHERE tenant_id = $1 AND id < $2`;

const RECORD_ARCHIVE = `
INSERT INTO audit_archives (tenant_id, month, from_index, to_index, sha256, archived_at)
VALUES ($1, $2::text::date, $3, $4, $5, $6)`;

const RECORD_MONTH = 'INSERT INTO audit_retention (month, dropped_at) VALUES ($1::text::date, $2)';

/** From one tenant to the next along the key, instead of over every row. */
function tenantsIn(table: string): string {
  const next = (than: string) =>
    `(SELECT tenant_id FROM ${table} ${than} ORDER BY tenant_id LIMIT 1)`;
  return `
WITH RECURSIVE found AS (
  SELECT ${next('')} AS id
  UNION ALL
  SELECT ${next('WHERE tenant_id > found.id')} FROM found WHERE found.id IS NOT NULL
)
SELECT id FROM found WHERE id IS NOT NULL`;
}

const DUE_MONTHS = 'SELECT month::text AS day FROM audit_retention WHERE targets_left_at IS NULL';

/** What is still there of such a month came late, and keeps its targets. */
const DROP_TARGETS = `
WITH page AS (
  SELECT target, event_id FROM audit_targets WHERE tenant_id = $1 AND (target, event_id) > ($2, $3::uuid)
  ORDER BY target, event_id LIMIT 5000
), dropped AS (
  DELETE FROM audit_targets t USING page p
  WHERE t.tenant_id = $1 AND t.target = p.target AND t.event_id = p.event_id
    AND EXISTS (SELECT FROM audit_retention r
      WHERE r.month = uuid7_month(p.event_id) AND r.targets_left_at IS NULL)
    AND NOT EXISTS (SELECT FROM audit_events e WHERE e.tenant_id = $1 AND e.id = p.event_id)
  RETURNING 1
), last AS (
  SELECT target, event_id FROM page ORDER BY target DESC, event_id DESC LIMIT 1
)
SELECT (SELECT count(*)::int FROM dropped) AS dropped,
  (SELECT target FROM last) AS target, (SELECT event_id FROM last) AS id`;

const TARGETS_LEFT = `
UPDATE audit_retention SET targets_left_at = $2
WHERE month = ANY ($1::text[]::date[]) AND targets_left_at IS NULL`;
