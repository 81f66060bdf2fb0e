/** Rows that say themselves when they are over: one statement and one job for all such tables. */
import type { Database } from '#kernel/db/database.ts';
import { eachTenant, inBatches } from './each-tenant.ts';
import { type Job, job } from './job.ts';

const BATCH = 1_000;

/** A tenant-owned table with `id` and an indexed `expires_at`. */
export type ExpiringTable =
  | 'challenges'
  | 'messages'
  | 'oauth_client_secrets'
  | 'oauth_grants'
  | 'one_time_links'
  | 'sessions'
  | 'sign_in_flows';

/** In small batches: a sweep must not be felt by anybody. Inside the tenant whose rows they are. */
export function deleteExpired(
  { db, signal }: { readonly db: Database; readonly signal: AbortSignal },
  table: ExpiringTable,
  tenantId: string,
  before: Date,
): Promise<number> {
  // Asked again of each row: it may have been renewed since it was found.
  const text = `
DELETE FROM ${table} WHERE tenant_id = $1 AND expires_at < $2 AND id IN (
  SELECT id FROM ${table} WHERE tenant_id = $1 AND expires_at < $2 ORDER BY expires_at LIMIT ${BATCH})`;
  return inBatches(BATCH, signal, () => db.execute(text, [tenantId, before]));
}

/** The job that does it for one table, `keptMs` after the rows were over. */
export function expirySweep({
  name,
  cron,
  table,
  keptMs = 0,
}: {
  readonly name: string;
  readonly cron: string;
  readonly table: ExpiringTable;
  readonly keptMs?: number;
}): Job {
  return job({
    name,
    cron,
    async run({ db, clock }, _data, signal) {
      const before = new Date(clock.ms() - keptMs);
      await eachTenant(db, signal, (tenantId) =>
        deleteExpired({ db, signal }, table, tenantId, before),
      );
    },
  });
}
