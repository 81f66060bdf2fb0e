/**
 * What an address costs that nobody has. Hashes of a tenant differ in cost: they were made under an
 * older policy, or came from another system. Were unknown addresses always checked at the policy's
 * cost, an account with any other would be told by the time it takes (ASVS 6.3.8). So each of them is
 * checked against the hash of somebody in the tenant: always the same one, and nobody can tell who, for
 * that is chosen by a key. Known and unknown addresses take equally long, in the same proportions, and
 * unlike padding it costs nothing.
 */
import { createHmac } from 'node:crypto';
import type { Context } from '#kernel/context.ts';
import { deriveKey } from '#kernel/crypto/derive-key.ts';

/** A stored hash of the tenant's; null when it has none. `who` is in its canonical form. */
export async function standIn(ctx: Context, who: string): Promise<string | null> {
  const key = deriveKey(ctx.config.masterKey, 'signet password stand-ins v1');
  const place = createHmac('sha256', key).update(`${ctx.tenantId} ${who}`).digest().readInt32BE();
  const [found] = await ctx.db.query<{ hash: string }>(NEXT, [ctx.tenantId, place]);
  return found?.hash ?? null;
}

/** The next one on a circle on which users stand by the digest of their id. */
const NEXT = `
SELECT hash FROM (
  (SELECT hash, 1 AS turn FROM passwords
   WHERE tenant_id = $1 AND uuid_hash(user_id) >= $2 ORDER BY uuid_hash(user_id) LIMIT 1)
  UNION ALL
  (SELECT hash, 2 AS turn FROM passwords
   WHERE tenant_id = $1 ORDER BY uuid_hash(user_id) LIMIT 1)) AS circle
ORDER BY turn LIMIT 1`;
