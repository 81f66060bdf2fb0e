/**
 * What is changed of a user, whoever changes it: one statement, the words by which they are found, and
 * what follows from another e-mail address. Who may do so belongs to the commands that call it.
 */
import { queueMessage } from '#features/messages/messages.commands.ts';
import { endMovingLinks, mailNewAddress } from '#features/self-service/mailed-links.commands.ts';
import type { Context } from '#kernel/context.ts';
import { onUnique } from '#kernel/db/database-errors.ts';
import { defined } from '#kernel/defined.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import { nameKey } from '#kernel/text.ts';
import { EmailTaken, UserNotFound } from './users.errors.ts';
import { emailKey, searchTokens, type UserRow } from './users.model.ts';
import { getUser, USER_COLUMNS } from './users.queries.ts';

export const emailTaken = { users_tenant_id_email_key_key: () => new EmailTaken() };

/** Left out: stays; null clears. */
export interface Changes {
  readonly email?: string | undefined;
  readonly displayName?: string | null | undefined;
  readonly givenName?: string | null | undefined;
  readonly familyName?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly attributes?: object | undefined;
}

/** Two changes of one user come one after the other; the version is compared under the lock. */
export async function lockUser(
  ctx: Context,
  id: string,
  version: number | undefined,
): Promise<UserRow> {
  const [row] = await ctx.db.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM users u WHERE u.tenant_id = $1 AND u.id = $2 FOR UPDATE`,
    [ctx.tenantId, id],
  );
  if (!row) throw new UserNotFound();
  if (version !== undefined && version !== row.version) throw new VersionMismatch('The user');
  return row;
}

/**
 * Part of the transaction that is open, in which `before` was locked. A new address is not verified
 * unless its owner has shown that it is theirs. Throws `EmailTaken`.
 */
export async function changeUser(
  ctx: Context,
  before: UserRow,
  changes: Changes,
  { verified = false }: { verified?: boolean } = {},
): Promise<UserRow> {
  const key = changes.email && (emailKey(changes.email) as string);
  const moved = key !== undefined && key !== emailKey(before.email);
  const changed = defined({
    ...changes,
    ...(key ? { emailKey: key } : {}),
    ...(moved ? { emailVerified: verified } : {}),
    ...(changes.displayName === undefined
      ? {}
      : { nameKey: changes.displayName && nameKey(changes.displayName) }),
  });
  try {
    await ctx.db.prisma.user.updateMany({
      where: { tenantId: ctx.tenantId, id: before.id },
      data: { ...changed, version: { increment: 1 }, updatedAt: ctx.clock.now() } as never,
    });
  } catch (error) {
    throw onUnique(error, emailTaken);
  }
  await indexTokens(ctx, { ...before, ...defined(changes) });
  const after = (await getUser(ctx, before.id)) as UserRow;
  if (moved) await tellOfNewAddress(ctx, before, after);
  return after;
}

/** Both addresses hear of it (ASVS 6.3.7), and a new one that was not shown yet is asked whether it is theirs. */
async function tellOfNewAddress(ctx: Context, before: UserRow, after: UserRow): Promise<void> {
  await endMovingLinks(ctx, after.id);
  for (const address of [before.email, after.email])
    await queueMessage(ctx, {
      template: 'email-changed',
      to: { address },
      user: after.id,
      locale: after.locale,
      parameters: {},
    });
  if (after.status === 'ACTIVE' && !after.emailVerified) await mailNewAddress(ctx, after);
}

async function indexTokens(ctx: Context, changed: UserRow): Promise<void> {
  await ctx.db.query(
    `WITH wanted AS (SELECT unnest($3::text[]) AS token), gone AS (
       DELETE FROM user_search_tokens
       WHERE tenant_id = $1 AND user_id = $2 AND token NOT IN (SELECT token FROM wanted))
     INSERT INTO user_search_tokens (tenant_id, token, user_id)
     SELECT $1, token, $2 FROM wanted ON CONFLICT DO NOTHING`,
    [ctx.tenantId, changed.id, searchTokens(changed)],
  );
}
