/** Sign-ins that are under way end with what they were begun with, such as a password. */
import type { Context } from '#kernel/context.ts';

/** Of one user. Part of the transaction that is open. */
export async function endOpenSignIns(ctx: Context, userId: string): Promise<void> {
  await ctx.db.query(
    `UPDATE sign_in_flows SET ended_at = $3
     WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL`,
    [ctx.tenantId, userId, ctx.clock.now()],
  );
}
