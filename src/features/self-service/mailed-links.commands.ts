/**
 * Links that go to a user by mail, each with its message. A link ends the earlier one of its kind, so
 * what cannot be sent must not be made: else whoever asks often would end links that had arrived.
 */
import { queueMessage } from '#features/messages/messages.commands.ts';
import type { Template } from '#features/messages/messages.model.ts';
import { makeLink } from '#features/one-time-links/one-time-links.commands.ts';
import type { LinkPurpose } from '#features/one-time-links/one-time-links.model.ts';
import type { Context } from '#kernel/context.ts';
import { RateLimited } from '#kernel/errors.ts';
import type { Bucket } from '#kernel/limits.ts';

/** Whom to write to. Names are left out: anybody may have chosen them. */
export interface Addressee {
  /** uuid */
  readonly id: string;
  readonly email: string;
  readonly locale: string | null;
}

type LinkTemplate = Extract<
  Template,
  'reset-password' | 'verify-email' | 'invitation' | 'change-email'
>;

const TEMPLATE: { readonly [P in LinkPurpose]: LinkTemplate } = {
  RESET: 'reset-password',
  VERIFY_EMAIL: 'verify-email',
  INVITATION: 'invitation',
  CHANGE_EMAIL: 'change-email',
};

export interface LinkOptions {
  /** What an administrator orders is counted apart, so that strangers who ask cannot use it up. */
  readonly by?: 'STRANGER' | 'ADMINISTRATOR';
  /** When the link ends, where that is known before. */
  readonly until?: Date;
  /** Of CHANGE_EMAIL: the session that asks, with which the link ends. */
  readonly sessionId?: string;
}

/** A little tighter than what holds for messages, which drops without a word. */
const SPACING: Bucket = { name: 'mailed-spacing', counted: 'shared', points: 1, seconds: 35 };
const HOURLY: Bucket = { name: 'mailed-hourly', counted: 'shared', points: 5, seconds: 3660 };

/**
 * Part of the transaction that is open. False, and nothing has changed, when the user got too many
 * already.
 */
export async function mailLink(
  ctx: Context,
  purpose: LinkPurpose,
  user: Addressee,
  options: LinkOptions = {},
): Promise<boolean> {
  if (!(await mayMail(ctx, purpose, user, options))) return false;
  await queueLink(ctx, purpose, user, options);
  return true;
}

/** Uncounted: for an address that is new. Part of the transaction that is open. */
export async function queueLink(
  ctx: Context,
  purpose: LinkPurpose,
  { id, email, locale }: Addressee,
  { by = 'STRANGER', ...more }: LinkOptions = {},
): Promise<void> {
  const order = { purpose, userId: id, email, ...more };
  const { url, expiresAt } = await makeLink(ctx, order);
  await queueMessage(ctx, {
    template: TEMPLATE[purpose],
    to: { address: email },
    user: id,
    locale,
    parameters: { link: url },
    expiresAt,
    ...(by === 'ADMINISTRATOR' ? { isCounted: true } : {}),
  });
}

/** Counts what anybody can have sent to this user, unless the transaction that is open rolls back. */
export async function mayMail(
  ctx: Context,
  kind: LinkPurpose | 'ACCOUNT_EXISTS',
  { id }: Pick<Addressee, 'id'>,
  { by = 'STRANGER' }: LinkOptions = {},
): Promise<boolean> {
  const user = `${ctx.tenantId} ${id}${by === 'ADMINISTRATOR' ? ' ordered' : ''}`;
  try {
    await ctx.limits.consume(SPACING, `${user} ${kind}`);
    await ctx.limits.consume(HOURLY, user);
    return true;
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    ctx.log.info({ kind, tenant: ctx.tenantId }, 'one link too many');
    return false;
  }
}

/**
 * A password was chosen: no earlier mail may choose another, or move the account. Part of the
 * transaction that is open.
 */
export async function endPasswordLinks(
  ctx: Context,
  userId: string,
  purposes: readonly LinkPurpose[] = ['RESET', 'INVITATION', 'CHANGE_EMAIL'],
): Promise<void> {
  await ctx.db.query(
    `UPDATE one_time_links SET used_at = $3
     WHERE tenant_id = $1 AND user_id = $2 AND purpose = ANY ($4) AND used_at IS NULL`,
    [ctx.tenantId, userId, ctx.clock.now(), purposes],
  );
}

/** The address is another one already: no earlier mail may move it. Part of the transaction that is open. */
export function endMovingLinks(ctx: Context, userId: string): Promise<void> {
  return endPasswordLinks(ctx, userId, ['CHANGE_EMAIL']);
}
