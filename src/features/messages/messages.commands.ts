/**
 * Messages: what people are told by mail. This room owns the texts, the limits of how often a person
 * is written to, and that each message leaves once; who is told what, and when, is decided by others.
 */
import { createHash } from 'node:crypto';
import { emailKey } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import { RateLimited } from '#kernel/errors.ts';
import { idAt } from '#kernel/ids.ts';
import type { Bucket, Count } from '#kernel/limits.ts';
import { sendMessage } from './messages.jobs.ts';
import {
  type Counted,
  languageOf,
  type MessageOrder,
  type Payload,
  TEMPLATES,
  type Template,
} from './messages.model.ts';
import { sealPayload } from './messages.payload.ts';

/** One message of a kind; what a change gives rise to is told each time. */
const SPACING: Bucket = { name: 'message-spacing', counted: 'shared', points: 1, seconds: 30 };
/** What is asked for, of each kind by itself: nobody's invitation keeps a reset back. */
const HOURLY: { readonly [C in Counted]: Bucket } = {
  asked: hourly('asked', 5),
  codes: hourly('codes', 5),
  notices: hourly('notices', 30),
};

/**
 * Part of the transaction that is open, if one is: no message of what was rolled back. It goes to the
 * canonical form of the address. One that is too many is dropped, and the caller cannot tell: throws
 * only what the database throws.
 */
export async function queueMessage<T extends Template>(
  ctx: Context,
  order: MessageOrder<T>,
): Promise<void> {
  const address = emailKey(order.to.address);
  // Whoever could be written to has an address that was checked when it was stored.
  if (address === null) throw new Error(`${order.template} has no address to go to`);
  if (!order.isCounted && (await isTooMany(ctx, order.template, address))) {
    ctx.log.info({ template: order.template, tenant: ctx.tenantId }, 'one message too many');
    return;
  }
  const { user } = order;
  const now = ctx.clock.now();
  const id = idAt(now);
  const expiresAt = order.expiresAt ?? later(now, TEMPLATES[order.template].seconds);
  const payload: Payload = {
    to: { name: order.to.name, address },
    language: languageOf(order.locale),
    parameters: order.parameters,
  };
  await ctx.db.transaction(
    async () => {
      const sealed = await sealPayload(ctx.vault, { tenantId: ctx.tenantId, id, user }, payload);
      const values = [ctx.tenantId, id, user, order.template, sealed, now, expiresAt];
      await ctx.db.query(INSERT_MESSAGE, values);
      await ctx.jobs.send(sendMessage, { tenantId: ctx.tenantId, id });
    },
    { tenantId: ctx.tenantId },
  );
}

const INSERT_MESSAGE = `
INSERT INTO messages (tenant_id, id, user_id, template, payload, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)`;

/**
 * What one more message of this kind counts for whoever gets it. For callers who must know before whether
 * it will leave: they take these, and say `isCounted`.
 */
export function recipientCounts(
  { tenantId }: Pick<Context, 'tenantId'>,
  template: Template,
  address: string,
): Count[] {
  const { counted } = TEMPLATES[template];
  // No addresses in the table of limits.
  const digest = createHash('sha256').update(emailKey(address) ?? address);
  const recipient = `${tenantId} ${digest.digest('base64url')}`;
  const kind = `${recipient} ${template}`;
  if (counted === 'notices') return [[HOURLY.notices, recipient]];
  return [
    [SPACING, kind],
    [HOURLY[counted], counted === 'asked' ? kind : recipient],
  ];
}

async function isTooMany(ctx: Context, template: Template, address: string): Promise<boolean> {
  try {
    await ctx.limits.consumeAll(recipientCounts(ctx, template, address));
    return false;
  } catch (error) {
    if (error instanceof RateLimited) return true;
    throw error;
  }
}

function hourly(counted: Counted, points: number): Bucket {
  return { name: `message-${counted}`, counted: 'shared', points, seconds: 3600 };
}

function later(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000);
}
