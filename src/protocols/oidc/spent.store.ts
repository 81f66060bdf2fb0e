/** The table oauth_spent: what must not come a second time, on whatever instance. */
import { current } from './current.ts';
import { hashOf } from './hashes.ts';

/** True for the first who asks; one statement decides (RFC 7523, 3, point 7; RFC 9449, 11.1). */
export async function spend(what: string, value: string, expiresAt: Date): Promise<boolean> {
  const { db, tenantId } = current();
  const rows = await db.query(
    `INSERT INTO oauth_spent (tenant_id, hash, expires_at) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id, hash) DO NOTHING RETURNING 1`,
    [tenantId, hashOf(`${what} ${value}`), expiresAt],
  );
  return rows.length > 0;
}
