/** Whether a tenant takes registrations, for its metadata: remembered for less than a second. */
import { LRUCache } from 'lru-cache';
import type { Context } from '#kernel/context.ts';
import type { Database } from '#kernel/db/database.ts';
import { clientRegistrationPolicyOf } from './client-registrations.queries.ts';

/** The rest of the second is for an answer that is in use. */
const REMEMBERED_MS = 700;

const ofDatabase = new WeakMap<Database, LRUCache<string, Promise<boolean>>>();

/** As it was less than a second ago; a registration itself asks anew. */
export function takesRegistrations({
  db,
  tenantId,
}: Pick<Context, 'db' | 'tenantId'>): Promise<boolean> {
  const remembered = ofDatabase.get(db) ?? new LRUCache({ max: 5_000, ttl: REMEMBERED_MS });
  ofDatabase.set(db, remembered);
  const known = remembered.get(tenantId);
  if (known) return known;
  // Others wait for this answer too: it does not end with the request that asked first.
  const asked = db.until(null, async () => {
    const { enabled } = await clientRegistrationPolicyOf({ db, tenantId });
    return enabled;
  });
  remembered.set(tenantId, asked);
  asked.catch(() => remembered.get(tenantId) === asked && remembered.delete(tenantId));
  return asked;
}
