/** Reads of factors that are confirmed, and of how many backup codes are left. */
import type { Context } from '#kernel/context.ts';
import {
  type Condition,
  type ListShape,
  type Page,
  type PageRequest,
  page,
  rowsById,
} from '#kernel/db/keyset.ts';
import { closedUntil } from './guesses.ts';
import type { FactorRow } from './mfa.model.ts';

const FACTOR_COLUMNS = `f.tenant_id AS "tenantId", f.id, f.user_id AS "userId", f.kind, f.name,
  f.backed_up AS "backedUp", f.created_at AS "createdAt", f.confirmed_at AS "confirmedAt",
  f.last_used_at AS "lastUsedAt"`;

/** The factors of users; the parent's column is `f.user_id`. */
export const factorsOf: ListShape = {
  name: 'factors',
  select: FACTOR_COLUMNS,
  from: 'factors f',
  tenant: 'f.tenant_id',
  order: [{ column: 'f.id', property: 'id', type: 'uuid' }],
};

/** What waits for its confirmation is shown to nobody. */
export const CONFIRMED: Condition = { sql: 'f.confirmed_at IS NOT NULL', values: [] };

/** Those of these that there are, for `node` and `nodes`. */
export async function factorsById(ctx: Context, ids: readonly string[]): Promise<FactorRow[]> {
  const rows = await rowsById<FactorRow>(ctx, factorsOf, ids);
  return rows.filter((row) => row.confirmedAt !== null);
}

/** The factors of one user, the oldest first; none for nobody. */
export function listFactors(
  ctx: Context,
  userId: string | null,
  request: PageRequest,
): Promise<Page<FactorRow>> {
  const conditions = [{ sql: 'f.user_id = ?', values: [userId] }, CONFIRMED];
  return page<FactorRow>(ctx, factorsOf, conditions, request);
}

/** How many backup codes of a user are still good. */
export async function backupCodesLeft(ctx: Context, userId: string): Promise<number> {
  const [row] = await ctx.db.query<{ left: number }>(
    `SELECT count(*)::int AS left FROM backup_codes
     WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL`,
    [ctx.tenantId, userId],
  );
  return row?.left ?? 0;
}

/** By user: until when no code of theirs is taken; those of whom they are, are left out. */
export function secondFactorsClosedUntil(
  ctx: Context,
  userIds: readonly string[],
): Promise<Map<string, Date>> {
  return closedUntil(ctx, userIds);
}
