/** Who wants to sign in, as far as the steps need to know. */
import type { FactorKind } from '#features/mfa/mfa.model.ts';
import { holdUser } from '#features/users/users.queries.ts';
import type { Context } from '#kernel/context.ts';

export interface Account {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly emailVerified: boolean;
  /** PHC text; null without a password. */
  readonly passwordHash: string | null;
  readonly passwordSetAt: Date | null;
  readonly mustChangePassword: boolean;
  /** Kinds of confirmed factors. */
  readonly factors: readonly FactorKind[];
  readonly hasBackupCodes: boolean;
}

const COLUMNS = `u.id AS "userId", u.email, u.display_name AS "displayName", u.given_name AS "givenName",
  u.family_name AS "familyName", u.email_verified AS "emailVerified",
  p.hash AS "passwordHash", p.set_at AS "passwordSetAt", coalesce(p.must_change, false) AS "mustChangePassword",
  ARRAY(SELECT DISTINCT f.kind FROM factors f
    WHERE f.tenant_id = u.tenant_id AND f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS factors,
  EXISTS (SELECT FROM backup_codes b
    WHERE b.tenant_id = u.tenant_id AND b.user_id = u.id AND b.used_at IS NULL) AS "hasBackupCodes"`;

const FROM = `users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id`;

/** Null for an unknown address and for a closed account. */
export async function accountByEmail(ctx: Context, emailKey: string): Promise<Account | null> {
  const [row] = await ctx.db.query<Account>(
    `SELECT ${COLUMNS} FROM ${FROM} WHERE u.tenant_id = $1 AND u.email_key = $2 AND u.status = 'ACTIVE'`,
    [ctx.tenantId, emailKey],
  );
  return row ?? null;
}

export async function accountById(ctx: Context, userId: string): Promise<Account | null> {
  const [row] = await ctx.db.query<Account>(
    `SELECT ${COLUMNS} FROM ${FROM} WHERE u.tenant_id = $1 AND u.id = $2 AND u.status = 'ACTIVE'`,
    [ctx.tenantId, userId],
  );
  return row ?? null;
}

/** Whether the password is still the one that was set then, while nobody can change it. */
export async function isPasswordOf(ctx: Context, userId: string, setAt: string): Promise<boolean> {
  // Sent together, and run one after the other: what is read is read under the lock.
  const [, [row]] = await Promise.all([
    holdUser(ctx, userId),
    ctx.db.query('SELECT 1 FROM passwords WHERE tenant_id = $1 AND user_id = $2 AND set_at = $3', [
      ctx.tenantId,
      userId,
      new Date(setAt),
    ]),
  ]);
  return row !== undefined;
}
