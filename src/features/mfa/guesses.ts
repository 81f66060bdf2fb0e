/**
 * How often second factors may be guessed. A challenge, or a sign-in, bears ten answers; this is what
 * an account bears however many of those there are, whatever addresses they come from. A passkey is
 * not guessed, so whoever has one keeps it.
 */
import type { Context } from '#kernel/context.ts';
import type { Bucket } from '#kernel/limits.ts';

const ACCOUNT: Bucket = { name: 'factor-guesses', counted: 'shared', points: 100, seconds: 3600 };
/** A hundred an hour would find one of a million codes, three of them good at a time, within months. */
const LASTING: Bucket = {
  name: 'factor-failures',
  counted: 'shared',
  points: 300,
  seconds: 30 * 86_400,
};

export interface CountedGuess {
  /** The answer was right. It gives back its own count, and forgives no other. */
  right(): Promise<void>;
}

/** Counts an answer before it is looked at. Throws `RateLimited`. Not inside a transaction. */
export async function countGuess(ctx: Context, userId: string): Promise<CountedGuess> {
  const account = `${ctx.tenantId} ${userId}`;
  // One after the other: what the hour refuses is not looked at, and no failure.
  await ctx.limits.consume(ACCOUNT, account);
  await ctx.limits.consume(LASTING, account);
  return {
    async right() {
      await Promise.all([
        ctx.limits.giveBack(ACCOUNT, account),
        ctx.limits.giveBack(LASTING, account),
      ]);
    },
  };
}
