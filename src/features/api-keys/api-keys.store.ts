/**
 * The hot path of API keys: which actor a presented secret is. Answers are remembered for less than
 * a second, so that a revoked key, a suspended tenant or a lost role is refused everywhere within
 * one; when a key was last used is collected in memory and written in batches.
 */
import { LRUCache } from 'lru-cache';
import type { Services } from '#kernel/context.ts';
import { hashSecret, looksLikeSecret } from './api-keys.model.ts';
import { findPresentedKey, type PresentedKey } from './api-keys.queries.ts';

export interface PresentedKeys {
  /** Null when no live key has this secret. */
  find(secret: string): Promise<PresentedKey | null>;
  /** Writes the collected last uses. */
  flush(): Promise<void>;
}

/** Less than the second in which a revocation must be everywhere: an answer is also in use a while. */
const REMEMBERED_MS = 700;

export function presentedKeys(services: Services): PresentedKeys {
  const remembered = new LRUCache<string, Promise<PresentedKey | null>>({
    max: 10_000,
    ttl: REMEMBERED_MS,
  });
  // Apart, so that guesses push out no good one.
  const unknown = new LRUCache<string, true>({ max: 10_000, ttl: REMEMBERED_MS });
  let used = new Map<string, { tenantId: string; id: string; at: Date }>();

  return {
    async find(secret) {
      if (!looksLikeSecret(secret)) return null;
      const hash = hashSecret(secret).toString('base64');
      if (unknown.has(hash)) return null;
      let finding = remembered.get(hash);
      if (!finding) {
        // Others wait for this answer too: it does not end with the request that asked first.
        finding = services.db.until(null, () => findPresentedKey(services, secret));
        remembered.set(hash, finding);
        finding.then(
          (found) => {
            if (found) return;
            remembered.delete(hash);
            unknown.set(hash, true);
          },
          () => remembered.delete(hash),
        );
      }
      const found = await finding;
      const now = services.clock.now();
      if (!found || (found.expiresAt && found.expiresAt <= now)) return null;
      used.set(found.id, { tenantId: found.tenantId, id: found.id, at: now });
      return found;
    },
    async flush() {
      const batch = [...used.values()];
      used = new Map();
      for (const [tenantId, keys] of Map.groupBy(batch, (mark) => mark.tenantId))
        await services.db.inTenant(tenantId, () =>
          services.db.query(MARK_USED, [tenantId, keys.map((k) => k.id), keys.map((k) => k.at)]),
        );
    },
  };
}

const MARK_USED = `
UPDATE api_keys k SET last_used_at = greatest(k.last_used_at, used.at)
FROM unnest($2::uuid[], $3::timestamptz[]) AS used(id, at)
WHERE k.tenant_id = $1 AND k.id = used.id`;
