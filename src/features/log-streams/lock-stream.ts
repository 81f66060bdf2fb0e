/** A stream's row and its place in the work, in the order in which the worker takes them. */
import type { Context } from '#kernel/context.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import type { DestinationKind } from './destination.ts';
import { LogStreamNotFound } from './log-streams.errors.ts';
import type { LogStreamState, StreamFilter } from './log-streams.model.ts';

/** A stream as it is stored. */
export interface StoredStream extends StreamFilter {
  readonly id: string;
  readonly name: string;
  readonly kind: DestinationKind;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Buffer;
  readonly batchSeconds: number;
  readonly withWhere: boolean;
  readonly state: LogStreamState;
  readonly version: number;
}

type Home = Pick<Context, 'db' | 'tenantId'>;

/** Until the end of the transaction. Throws LogStreamNotFound and VersionMismatch. */
export async function lockStream(
  { db, tenantId }: Home,
  id: string,
  version?: number,
): Promise<StoredStream> {
  await db.query(
    'SELECT 1 FROM log_stream_work WHERE tenant_id = $1 AND stream_id = $2 FOR UPDATE',
    [tenantId, id],
  );
  const stream = await storedStream({ db, tenantId }, id, 'FOR UPDATE');
  if (version !== undefined && version !== stream.version)
    throw new VersionMismatch('The log stream');
  return stream;
}

/** Throws LogStreamNotFound. */
export async function storedStream(
  { db, tenantId }: Home,
  id: string,
  lock: '' | 'FOR UPDATE' = '',
): Promise<StoredStream> {
  const [row] = await db.query<StoredStream>(
    `SELECT s.id, s.name, s.kind, s.settings, s.secrets, s.event_types AS "eventTypes",
       s.min_severity AS "minSeverity", s.batch_seconds AS "batchSeconds", s.with_where AS "withWhere", s.state, s.version
     FROM log_streams s WHERE s.tenant_id = $1 AND s.id = $2 ${lock}`,
    [tenantId, id],
  );
  if (!row) throw new LogStreamNotFound();
  return row;
}

/** Whoever works looks at it at once, whatever it waited for; what is known of its receiver stays. */
export async function nudge(
  { db, tenantId }: Home,
  id: string,
  state: LogStreamState = 'ACTIVE',
): Promise<void> {
  await db.query(NUDGE, [tenantId, id, state]);
}

const NUDGE = `
UPDATE log_stream_work SET state = $3, idle = false, woken = woken + 1, nudged = true,
  due_at = CASE WHEN $3 = 'ACTIVE' THEN '-infinity'::timestamptz ELSE 'infinity' END
WHERE tenant_id = $1 AND stream_id = $2`;
