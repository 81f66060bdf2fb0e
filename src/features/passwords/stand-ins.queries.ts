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

/** Where on the circle somebody stands; `who` is in its canonical form. */
export function placeOf({ config, tenantId }: Context, who: string): number {
  const key = deriveKey(config.masterKey, 'signet password stand-ins v1');
  return createHmac('sha256', key).update(`${tenantId} ${who}`).digest().readInt32BE();
}

/** A stored hash of the tenant's; null when it has none. */
export async function standIn(ctx: Context, place: number): Promise<string | null> {
  const [found] = await ctx.db.query<{ hash: string | null }>(`SELECT (${STAND_IN}) AS hash`, [
    ctx.tenantId,
    place,
  ]);
  return found?.hash ?? null;
}

/**
 * For the statement that looks an account up, whose parameters begin with the tenant and the place: the
 * next one on a circle on which users stand by the digest of their id.
 */
export const STAND_IN = `
SELECT hash FROM (
  (SELECT hash, 1 AS turn FROM passwords
   WHERE tenant_id = $1 AND uuid_hash(user_id) >= $2 ORDER BY uuid_hash(user_id) LIMIT 1)
  UNION ALL
  (SELECT hash, 2 AS turn FROM passwords
   WHERE tenant_id = $1 ORDER BY uuid_hash(user_id) LIMIT 1)) AS circle
ORDER BY turn LIMIT 1`;
