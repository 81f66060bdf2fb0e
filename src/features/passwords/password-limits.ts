/**
 * How often passwords may be guessed: of one account, from one address, in one tenant. A guess is
 * counted before it is evaluated, and given back when it was right, so that however many arrive at
 * once, no more are evaluated. An account that is guessed at keeps its passkeys and its reset by mail;
 * what a person is asked who is signed in counts apart, so that no stranger can use it up.
 */
import { createHash } from 'node:crypto';
import type { Context } from '#kernel/context.ts';
import { addressKey, type Bucket } from '#kernel/limits.ts';

const ACCOUNT: Bucket = { name: 'password-account', counted: 'shared', points: 100, seconds: 3600 };
const ADDRESS: Bucket = { name: 'password-address', counted: 'shared', points: 300, seconds: 3600 };
/** Counted in each process: a shield for the machine, not for one account. */
const TENANT: Bucket = { name: 'password-tenant', counted: 'local', points: 6000, seconds: 60 };

export interface Guess {
  /** The password was right. */
  right(): Promise<void>;
}

/** Throws `RateLimited` when there were too many. `who` is the canonical address, known or not. */
export async function guess(ctx: Context, who: string): Promise<Guess> {
  const account = `${ctx.tenantId} ${digest(who)}`;
  const address = addressKey(ctx.address);
  // One after the other: what an address may not any more must not count against anybody else.
  await ctx.limits.consume(TENANT, ctx.tenantId);
  await ctx.limits.consume(ADDRESS, address);
  await ctx.limits.consume(ACCOUNT, account);
  return {
    async right() {
      await Promise.all([
        ctx.limits.giveBack(ADDRESS, address),
        ctx.limits.reset(ACCOUNT, account),
      ]);
    },
  };
}

/** Whoever has shown that the mailbox is theirs is not to be kept out by those who guessed. */
export function forgive(ctx: Context, who: string): Promise<void> {
  return ctx.limits.reset(ACCOUNT, `${ctx.tenantId} ${digest(who)}`);
}

/** No addresses in the table of limits. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
