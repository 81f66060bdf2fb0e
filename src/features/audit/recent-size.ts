/**
 * How many leaves a tenant has, asked once for all the live tails of this process that look at about the
 * same time: fifty streams of a busy tenant cost one small statement a look, and not fifty.
 */
import { LRUCache } from 'lru-cache';
import type { Database } from '#kernel/db/database.ts';
import { sequencedSize } from './audit-sequence.queries.ts';

/** Less than the pause between two looks of one tail (bell.ts), so that it never sees its own answer again. */
const REMEMBERED_MS = 40;

type Sizes = LRUCache<string, Promise<bigint>>;

const ofDatabase = new WeakMap<Database, Sizes>();

export function recentSize(db: Database, tenantId: string): Promise<bigint> {
  const sizes: Sizes = ofDatabase.get(db) ?? new LRUCache({ max: 2_000, ttl: REMEMBERED_MS });
  ofDatabase.set(db, sizes);
  const known = sizes.get(tenantId);
  if (known) return known;
  // Others wait for this answer too: it does not end with the stream that asked first.
  const size = db.until(null, () => sequencedSize({ db }, tenantId));
  sizes.set(tenantId, size);
  size.catch(() => sizes.delete(tenantId));
  return size;
}
