/**
 * How often passwords may be guessed: from one address, of one account, in one tenant, in all of them.
 * A guess is counted before it is evaluated, and given back when it was right, so that however many
 * arrive at once, no more are evaluated. An account that is guessed at keeps its passkeys and its reset
 * by mail; what a person is asked who is signed in counts apart, so that no stranger can use it up.
 */
import { createHash } from 'node:crypto';
import { emailKey } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import { addressKey, type Bucket, type Count } from '#kernel/limits.ts';

const ACCOUNT: Bucket = { name: 'password-account', counted: 'shared', points: 100, seconds: 3600 };
const ADDRESS: Bucket = { name: 'password-address', counted: 'shared', points: 300, seconds: 3600 };
const TENANT: Bucket = { name: 'password-tenant', counted: 'shared', points: 6000, seconds: 60 };
const ALL = { name: 'password-all', counted: 'shared', seconds: 60 } as const;

/** Whose password it is said to be: a stranger types an address, known or not; a person is signed in. */
export type Claimed = { readonly address: string } | { readonly userId: string };

export interface Guess {
  /** The password was right. One statement, which may be the last one of a transaction. */
  right(): Promise<unknown>;
}

/** Throws `RateLimited` when there were too many. */
export async function guess(ctx: Context, who: Claimed): Promise<Guess> {
  const account: Count = [ACCOUNT, accountKey(ctx, who)];
  // What an address or an account may not any more must not count against anybody else.
  const counts: Count[] = [
    [ADDRESS, addressKey(ctx.address)],
    account,
    [TENANT, ctx.tenantId],
    [{ ...ALL, points: ctx.config.rateLimitPasswordsPerMinute }, 'all'],
  ];
  await ctx.limits.consumeAll(counts);
  return { right: () => ctx.limits.settle(counts, account) };
}

/** Whoever has shown that the mailbox is theirs is not to be kept out by those who guessed. */
export function forgive(ctx: Context, who: Claimed): Promise<void> {
  return ctx.limits.reset(ACCOUNT, accountKey(ctx, who));
}

/** Until when these addresses are closed to passwords; those that are not are left out. */
export async function closedUntil(
  ctx: Context,
  addresses: readonly string[],
): Promise<Map<string, Date>> {
  const byKey = new Map(addresses.map((address) => [accountKey(ctx, { address }), address]));
  const spent = await ctx.limits.spentUntil(ACCOUNT, [...byKey.keys()]);
  return new Map([...spent].map(([key, until]) => [byKey.get(key) ?? '', until]));
}

/** An address in its canonical form, and as a digest: there are none in the table of limits. */
function accountKey({ tenantId }: Context, who: Claimed): string {
  if ('userId' in who) return `${tenantId} user ${who.userId}`;
  const address = emailKey(who.address) ?? who.address;
  const digest = createHash('sha256').update(address).digest('base64url').slice(0, 22);
  return `${tenantId} ${digest}`;
}
