/** The table oauth_spent: what must not come a second time, on whatever instance. */
import type { Context } from '#kernel/context.ts';
import { hashOf } from './hashes.ts';

type Store = Pick<Context, 'db' | 'tenantId'>;

/** True for the first who asks; one statement decides (RFC 7523, 3, point 7; RFC 9449, 11.1). */
export async function spend(
  { db, tenantId }: Store,
  what: string,
  value: string,
  expiresAt: Date,
): Promise<boolean> {
  const rows = await db.query(
    `INSERT INTO oauth_spent (tenant_id, hash, expires_at) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id, hash) DO NOTHING RETURNING 1`,
    [tenantId, hashOf(`${what} ${value}`), expiresAt],
  );
  return rows.length > 0;
}

const TAKEN_BACK = 'access token';

/** RFC 7009: a JWT is not stored, so that it was taken back is. */
export function takeBack(store: Store, jti: string, expiresAt: Date): Promise<boolean> {
  return spend(store, TAKEN_BACK, jti, expiresAt);
}

export async function wasTakenBack(
  { db }: Pick<Context, 'db'>,
  tenantId: string,
  jti: string,
): Promise<boolean> {
  const rows = await db.query('SELECT 1 FROM oauth_spent WHERE tenant_id = $1 AND hash = $2', [
    tenantId,
    hashOf(`${TAKEN_BACK} ${jti}`),
  ]);
  return rows.length > 0;
}
