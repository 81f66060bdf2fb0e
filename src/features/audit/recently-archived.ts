/**
 * Below which leaf a tenant's events may have left, remembered for a while: retention runs once a month,
 * and readers of the log ask several times a second. Whoever hears it late only looks for longer.
 */
import { LRUCache } from 'lru-cache';
import type { Database } from '#kernel/db/database.ts';
import { archivedTo } from './audit-retention.store.ts';

const REMEMBERED_MS = 60_000;

const ofDatabase = new WeakMap<Database, LRUCache<string, Promise<number>>>();

export function recentlyArchivedTo(db: Database, tenantId: string): Promise<number> {
  const known = ofDatabase.get(db) ?? new LRUCache({ max: 20_000, ttl: REMEMBERED_MS });
  ofDatabase.set(db, known);
  const remembered = known.get(tenantId);
  if (remembered) return remembered;
  // Others wait for this answer too: it does not end with the reader that asked first.
  const asked = db.until(null, () => archivedTo(db, tenantId));
  known.set(tenantId, asked);
  asked.catch(() => known.delete(tenantId));
  return asked;
}
