/** The table backup_codes: a set of ten of a user, each row spent once. */
import type { Context } from '#kernel/context.ts';

/** Adds a set; the caller holds the user's row and has dropped the old one. */
export async function insertBackupCodes(
  ctx: Context,
  userId: string,
  hashes: readonly string[],
): Promise<void> {
  await ctx.db.query(
    `INSERT INTO backup_codes (tenant_id, user_id, hash, created_at)
     SELECT $1, $2, unnest($3::text[]), $4`,
    [ctx.tenantId, userId, hashes, ctx.clock.now()],
  );
}

export async function dropBackupCodes(ctx: Context, userId: string): Promise<void> {
  await ctx.db.query('DELETE FROM backup_codes WHERE tenant_id = $1 AND user_id = $2', [
    ctx.tenantId,
    userId,
  ]);
}

/** One hash of the user's set, used or not; null without a set. */
export async function anyBackupHash(ctx: Context, userId: string): Promise<string | null> {
  const [row] = await ctx.db.query<{ hash: string }>(
    'SELECT hash FROM backup_codes WHERE tenant_id = $1 AND user_id = $2 LIMIT 1',
    [ctx.tenantId, userId],
  );
  return row?.hash ?? null;
}

export async function hasBackupCodes(ctx: Context, userId: string): Promise<boolean> {
  return (await anyBackupHash(ctx, userId)) !== null;
}

/** Null when the user has no such code; else whether it was this call that used it. */
export async function spendBackupCode(
  ctx: Context,
  userId: string,
  hash: string,
): Promise<boolean | null> {
  const values = [ctx.tenantId, userId, hash, ctx.clock.now()];
  const [found] = await ctx.db.query<{ now: boolean }>(SPEND, values);
  return found?.now ?? null;
}

const SPEND = `
WITH spent AS (
  UPDATE backup_codes SET used_at = $4
  WHERE tenant_id = $1 AND user_id = $2 AND hash = $3 AND used_at IS NULL RETURNING 1
)
SELECT EXISTS (SELECT FROM spent) AS now FROM backup_codes
WHERE tenant_id = $1 AND user_id = $2 AND hash = $3`;
