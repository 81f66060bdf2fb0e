/**
 * How a code reaches a person: by the messages that wait for the mail server, or at once by the
 * operator's gateway for text messages.
 */
import { createHmac } from 'node:crypto';
import { queueMessage } from '#features/messages/messages.commands.ts';
import { type LanguageTag, languageOf } from '#features/messages/messages.model.ts';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import type { UserRow } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { RateLimited, Unavailable } from '#kernel/errors.ts';
import type { Bucket, Count } from '#kernel/limits.ts';
import { SmsNotSent } from '#kernel/sms/sms-not-sent.ts';
import type { Challenge, ChallengePurpose } from './challenges.store.ts';
import { FactorKindNotOffered } from './mfa.errors.ts';

export interface Delivery {
  readonly user: UserRow;
  /** The address or the number. */
  readonly to: string;
  readonly code: string;
  readonly challenge: Challenge;
}

/**
 * One recipient is sent five an hour. Three of them go only to whoever has shown that the address or
 * number is theirs; the other two to whoever asks first, so that whoever adds the number of somebody
 * else uses up at most those. Spaced they are apart, for the same reason.
 */
const SPACING: Bucket = { name: 'code-spacing', counted: 'shared', points: 1, seconds: 31 };
const PROVEN: Bucket = { name: 'code-recipient', counted: 'shared', points: 3, seconds: 3605 };
const ANYBODY: Bucket = { name: 'code-anybody', counted: 'shared', points: 2, seconds: 3605 };

/** Whoever sends themselves codes may name any number: each costs the operator, and reaches a stranger. */
const USER: Bucket = { name: 'code-user', counted: 'shared', points: 5, seconds: 3600 };
const USER_DAILY: Bucket = {
  name: 'code-user-day',
  counted: 'shared',
  points: 20,
  seconds: 86_400,
};
const TENANT: Bucket = { name: 'code-tenant', counted: 'shared', points: 1000, seconds: 3600 };

/** To whom a code goes, and what for. */
export interface Sending {
  readonly userId: string;
  readonly purpose: ChallengePurpose;
  readonly to: string;
}

/**
 * Throws `RateLimited`: a user is sent five an hour and twenty a day, wherever to; a tenant's users a
 * thousand an hour; a recipient one in 30 seconds and five an hour, whoever asks for them, of which at
 * most two are to enrol.
 */
export async function countSending(ctx: Context, { userId, purpose, to }: Sending): Promise<void> {
  const recipient = digestOf(ctx, to);
  const spaced = purpose === 'ENROL' ? `${recipient} unproven` : recipient;
  const user = `${ctx.tenantId} ${userId}`;
  const counts: Count[] = [
    [USER, user],
    [USER_DAILY, user],
    [TENANT, ctx.tenantId],
    [SPACING, spaced],
  ];
  const anybody = () => ctx.limits.consumeAll([...counts, [ANYBODY, recipient]]);
  if (purpose === 'ENROL') return void (await anybody());
  try {
    await ctx.limits.consumeAll([...counts, [PROVEN, recipient]]);
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    await anybody();
  }
}

/** No addresses and numbers in the table of limits; there are so few numbers that a plain digest hides none. */
function digestOf({ config, tenantId }: Context, to: string): string {
  const key = deriveKey(config.masterKey, 'signet code recipients v1');
  return createHmac('sha256', key).update(`${tenantId} ${to}`).digest('base64url');
}

/** Part of the transaction that is open: no code is sent that is not stored. */
export function mailCode(ctx: Context, { user, to, code, challenge }: Delivery): Promise<void> {
  return queueMessage(ctx, {
    template: 'sign-in-code',
    to: { name: user.displayName, address: to },
    user: user.id,
    locale: user.locale,
    parameters: { code },
    expiresAt: challenge.expiresAt,
    isCounted: true,
  });
}

/** After the transaction, for it waits for others. Throws `Unavailable` or `FactorKindNotOffered`. */
export async function textCode(
  ctx: Context,
  { user, to, code, challenge }: Delivery,
): Promise<void> {
  if (!ctx.sms) throw new FactorKindNotOffered();
  const tenant = await getTenant(ctx, ctx.tenantId);
  const text = TEXTS[languageOf(user.locale)](code, tenant?.name ?? 'Signet');
  try {
    await ctx.sms.send({ to, text, id: challenge.id });
  } catch (error) {
    if (!(error instanceof SmsNotSent)) throw error;
    ctx.log.error({ err: error, challenge: challenge.id }, 'a text message was not sent');
    throw new Unavailable('The text message could not be sent; try again shortly', {
      retryAfter: 30,
      cause: error,
    });
  }
}

/** 160 characters are one message. */
const TEXTS: { readonly [L in LanguageTag]: (code: string, tenant: string) => string } = {
  en: (code, tenant) => `${code} is your code for ${tenant}. Tell it to nobody.`,
  de: (code, tenant) => `${code} ist Ihr Code für ${tenant}. Geben Sie ihn niemandem weiter.`,
};

/** Enough to know it again: `a•••@example.com`, `•••42`. */
export function hintOf(to: string): string {
  const at = to.lastIndexOf('@');
  return at < 0 ? `•••${to.slice(-2)}` : `${to.slice(0, 1)}•••${to.slice(at)}`;
}
