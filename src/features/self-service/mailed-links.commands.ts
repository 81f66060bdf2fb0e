/**
 * Links that go to a user by mail, each with its message. A link ends the earlier one of its kind, so
 * what cannot be sent must not be made: else whoever asks often would end links that had arrived.
 */
import { queueMessage, recipientCounts } from '#features/messages/messages.commands.ts';
import type { Template } from '#features/messages/messages.model.ts';
import { makeLink } from '#features/one-time-links/one-time-links.commands.ts';
import { type LinkPurpose, PURPOSES } from '#features/one-time-links/one-time-links.model.ts';
import type { Context } from '#kernel/context.ts';
import { defined } from '#kernel/defined.ts';
import { RateLimited } from '#kernel/errors.ts';
import type { Bucket, Count } from '#kernel/limits.ts';

/** Whom to write to. Names are left out: anybody may have chosen them. */
export interface Addressee {
  /** uuid */
  readonly id: string;
  readonly email: string;
  readonly locale: string | null;
}

type LinkTemplate = Extract<
  Template,
  'reset-password' | 'verify-email' | 'invitation' | 'change-email' | 'account-exists'
>;

const TEMPLATE: { readonly [K in Kind]: LinkTemplate } = {
  RESET: 'reset-password',
  VERIFY_EMAIL: 'verify-email',
  INVITATION: 'invitation',
  CHANGE_EMAIL: 'change-email',
  ACCOUNT_EXISTS: 'account-exists',
};

export interface LinkOptions {
  /** What an administrator orders is counted apart, so that strangers who ask cannot use it up. */
  readonly by?: 'STRANGER' | 'ADMINISTRATOR';
  /** When the link ends, where that is known before. */
  readonly until?: Date;
  /** Of CHANGE_EMAIL: the session that asks, with which the link ends. */
  readonly sessionId?: string;
}

/** Of one user and kind, wherever it goes; what its reader gets is counted beside it. */
const SPACING: Bucket = { name: 'mailed-spacing', counted: 'shared', points: 1, seconds: 35 };
const HOURLY: Bucket = { name: 'mailed-hourly', counted: 'shared', points: 5, seconds: 3660 };

/**
 * Part of the transaction that is open. False, and nothing has changed, when the user or the reader of
 * the address got too many already. The last one for a while is good for that while, so that nobody
 * who asks too often leaves a user without any.
 */
export async function mailLink(
  ctx: Context,
  purpose: LinkPurpose,
  user: Addressee,
  options: LinkOptions = {},
): Promise<boolean> {
  const room = await mayMail(ctx, purpose, user, options);
  if (!room) return false;
  const usual = ctx.clock.ms() + PURPOSES[purpose].seconds * 1000;
  const until = new Date(Math.max(usual, ctx.clock.ms() + room.closedMs));
  await queueLink(ctx, purpose, user, { until, ...options });
  return true;
}

/** To the address that a user has from now on, whatever went to the one before: only its reader counts. */
export async function mailNewAddress(ctx: Context, user: Addressee): Promise<void> {
  const counts = recipientCounts(ctx, TEMPLATE.VERIFY_EMAIL, user.email);
  if (await roomFor(ctx, 'VERIFY_EMAIL', counts)) await queueLink(ctx, 'VERIFY_EMAIL', user, {});
}

/** What is counted already. */
async function queueLink(
  ctx: Context,
  purpose: LinkPurpose,
  { id, email, locale }: Addressee,
  { until, sessionId }: LinkOptions,
): Promise<void> {
  const order = { purpose, userId: id, email, ...defined({ until, sessionId }) };
  const { url, expiresAt } = await makeLink(ctx, order);
  await queueMessage(ctx, {
    template: TEMPLATE[purpose],
    to: { address: email },
    user: id,
    locale,
    parameters: { link: url },
    expiresAt,
    isCounted: true,
  });
}

interface Room {
  /** How long there is none after this one; 0 when there is more. */
  readonly closedMs: number;
}

type Kind = LinkPurpose | 'ACCOUNT_EXISTS';

/**
 * Counts what anybody can have sent to this user, and to this address, unless the transaction that is
 * open rolls back. Each kind by itself: whoever registers with the address of somebody keeps no reset
 * from them. Null when it was too much; then nothing was counted.
 */
export function mayMail(
  ctx: Context,
  kind: Kind,
  { id, email }: Pick<Addressee, 'id' | 'email'>,
  { by = 'STRANGER' }: LinkOptions = {},
): Promise<Room | null> {
  const ordered = by === 'ADMINISTRATOR';
  const user = `${ctx.tenantId} ${id}${ordered ? ' ordered' : ''} ${kind}`;
  return roomFor(ctx, kind, [
    [SPACING, user],
    [HOURLY, user],
    ...(ordered ? [] : recipientCounts(ctx, TEMPLATE[kind], email)),
  ]);
}

async function roomFor(ctx: Context, kind: Kind, counts: readonly Count[]): Promise<Room | null> {
  try {
    const left = await ctx.limits.consumeAll(counts);
    const closed = left.filter(({ remaining }) => remaining === 0);
    return { closedMs: 1000 * Math.max(0, ...closed.map(({ resetSeconds }) => resetSeconds)) };
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    ctx.log.info({ kind, tenant: ctx.tenantId }, 'one link too many');
    return null;
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
