/**
 * How often second factors may be guessed. A challenge, or a sign-in, bears ten answers; this is what
 * an account bears however many of those there are, whatever addresses they come from.
 */
import type { Context } from '#kernel/context.ts';
import type { Bucket } from '#kernel/limits.ts';

const ACCOUNT: Bucket = { name: 'factor-guesses', counted: 'shared', points: 100, seconds: 3600 };

export interface CountedGuess {
  /** The answer was right. */
  right(): Promise<void>;
}

/** Counts an answer before it is looked at. Throws `RateLimited`. Not inside a transaction. */
export async function countGuess(ctx: Context, userId: string): Promise<CountedGuess> {
  const account = `${ctx.tenantId} ${userId}`;
  await ctx.limits.consume(ACCOUNT, account);
  return { right: () => ctx.limits.giveBack(ACCOUNT, account) };
}
