/** The doctor's look at the audit log: whose numbers the outbox has, and what keeps events from their leaves. */
import type pg from 'pg';
import { SEQUENCER } from '#features/audit/audit-sequencer.ts';
import { IS_FOREIGN } from '#kernel/events/outbox-move.ts';
import type { Finding } from './doctor-finding.ts';

const CHECK = 'audit leaves';
const LATE_SECONDS = 60;

/** As the run-time role. */
export async function examineEvidence(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query(WAITING, [SEQUENCER]);
  const [{ foreign, seconds }] = rows as [{ foreign: boolean; seconds: number | null }];
  if (foreign)
    return warn(
      'the outbox was written on another server (this database was restored); the next start numbers it anew',
    );
  if (seconds === null || seconds < LATE_SECONDS)
    return { check: CHECK, state: 'ok', says: 'every event has one, or soon will' };
  const late = `events have waited for a leaf for ${Math.round(seconds)} s`;
  const holder = await oldestTransaction(client);
  return warn(
    holder === null ? `${late}; run a process with ROLES=jobs` : `${late}, until ${holder}`,
  );
}

function warn(says: string): Finding {
  return { check: CHECK, state: 'warn', says };
}

/** The one that all settling waits for, in whatever database; null when it is none that lasts. */
async function oldestTransaction(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query(OLDEST);
  const [row] = rows as { pid: number | null; name: string; database: string; owner: string }[];
  if (!row) return null;
  const whose = `in database ${row.database} of ${row.owner}`;
  return row.pid === null
    ? `the prepared transaction ${row.name} ${whose} ends: COMMIT PREPARED or ROLLBACK PREPARED it`
    : `the transaction of process ${row.pid} (${row.name}) ${whose} ends: finish it, or SELECT pg_terminate_backend(${row.pid})`;
}

const WAITING = `
SELECT ${IS_FOREIGN} AS foreign, (
  SELECT extract(epoch FROM clock_timestamp() - o.occurred_at)::float8
  FROM outbox_cursors c JOIN outbox o ON (o.xid, o.seq) > (c.xid, c.seq)
  WHERE c.consumer = $1 ORDER BY o.xid, o.seq LIMIT 1) AS seconds`;

// Everybody may see which transactions there are, though not what others do in them.
const OLDEST = `
SELECT pid, name, database, owner FROM (
  SELECT pid, coalesce(nullif(application_name, ''), backend_type, 'unnamed') AS name, datname AS database,
    coalesce(usename, 'unknown') AS owner, age(backend_xid) AS age
  FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
  UNION ALL
  SELECT NULL, gid, database, owner, age(transaction) FROM pg_prepared_xacts
) AS open WHERE pg_snapshot_xmin(pg_current_snapshot()) <= (
  SELECT o.xid FROM outbox_cursors c JOIN outbox o ON (o.xid, o.seq) > (c.xid, c.seq)
  WHERE c.consumer = '${SEQUENCER}' ORDER BY o.xid, o.seq LIMIT 1)
ORDER BY age DESC LIMIT 1`;
