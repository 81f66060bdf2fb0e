/** Who wants to sign in, as far as the steps need to know. */
import type { FactorKind } from '#features/mfa/mfa.model.ts';
import type { FoundOwner } from '#features/passwords/passwords.queries.ts';
import { STAND_IN } from '#features/passwords/stand-ins.queries.ts';
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

/**
 * The owner is null for an unknown address and for a closed account. `place` is that of the hash which
 * stands in for it: one statement for both, the same whoever is asked for.
 */
export async function accountByEmail(
  ctx: Context,
  emailKey: string,
  place: number,
): Promise<FoundOwner<Account>> {
  type Row = (Account | { userId: null }) & { like: string | null };
  const [row] = await ctx.db.query<Row>(BY_EMAIL, [ctx.tenantId, place, emailKey]);
  if (!row) throw new Error('there is a row whoever is asked for');
  const { like, ...account } = row;
  return { owner: account.userId === null ? null : (account as Account), like };
}

const BY_EMAIL = `
SELECT one."like", a.* FROM (SELECT (${STAND_IN}) AS "like") one LEFT JOIN (
  SELECT ${COLUMNS} FROM ${FROM}
  WHERE u.tenant_id = $1 AND u.email_key = $3 AND u.status = 'ACTIVE') a ON true`;

export async function accountById(ctx: Context, userId: string): Promise<Account | null> {
  const [row] = await ctx.db.query<Account>(
    `SELECT ${COLUMNS} FROM ${FROM} WHERE u.tenant_id = $1 AND u.id = $2 AND u.status = 'ACTIVE'`,
    [ctx.tenantId, userId],
  );
  return row ?? null;
}

/** The account as it is, and stays until the transaction that is open ends. */
export async function holdAccount(ctx: Context, userId: string): Promise<Account | null> {
  // Sent together, and run one after the other: what is read is read under the lock.
  const [, account] = await Promise.all([holdUser(ctx, userId), accountById(ctx, userId)]);
  return account;
}

/** Whether the password is still the one that was set then, as ISO 8601; without one none was shown. */
export function isPasswordOf({ passwordSetAt }: Account, setAt: string | undefined): boolean {
  return setAt === undefined || passwordSetAt?.toISOString() === setAt;
}
