/** Rows that say themselves when they are over: one statement and one job for all such tables. */
import type { Database } from '#kernel/db/database.ts';
import { eachTenant, inBatches } from './each-tenant.ts';
import { type Job, job } from './job.ts';

const BATCH = 1_000;

/** Tenant-owned tables with an indexed `expires_at`, and the column that names a row of theirs. */
const KEYS = {
  challenges: 'id',
  initial_access_tokens: 'id',
  messages: 'id',
  oauth_client_secrets: 'id',
  oauth_codes: 'hash',
  oauth_grants: 'id',
  oauth_interactions: 'hash',
  oauth_sessions: 'hash',
  oauth_spent: 'hash',
  oauth_tokens: 'hash',
  one_time_links: 'id',
  sessions: 'id',
  sign_in_flows: 'id',
} as const;

export type ExpiringTable = keyof typeof KEYS;

/** In small batches: a sweep must not be felt by anybody. Inside the tenant whose rows they are. */
export function deleteExpired(
  { db, signal }: { readonly db: Database; readonly signal: AbortSignal },
  table: ExpiringTable,
  tenantId: string,
  before: Date,
): Promise<number> {
  const key = KEYS[table];
  // Asked again of each row: it may have been renewed since it was found.
  const text = `
DELETE FROM ${table} WHERE tenant_id = $1 AND expires_at < $2 AND ${key} IN (
  SELECT ${key} FROM ${table} WHERE tenant_id = $1 AND expires_at < $2 ORDER BY expires_at LIMIT ${BATCH})`;
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
