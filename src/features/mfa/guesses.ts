/**
 * How often second factors may be guessed. A challenge, or a sign-in, bears ten answers; this is what
 * an account bears however many of those there are, whatever addresses they come from (ASVS 6.6.3,
 * NIST SP 800-63B-4 section 3.2.2: no more than a hundred failures). A passkey is not guessed, so
 * whoever has one keeps it, and an administrator can forgive what was guessed.
 */
import type { Context } from '#kernel/context.ts';
import type { Bucket } from '#kernel/limits.ts';

/** A hundred an hour would find one of a million codes, three of them good at a time, within months. */
const ACCOUNT: Bucket = {
  name: 'factor-failures',
  counted: 'shared',
  points: 100,
  seconds: 30 * 86_400,
};

export interface CountedGuess {
  /** The answer was right. It gives back its own count, and forgives no other. */
  right(): Promise<void>;
}

/** Counts an answer before it is looked at. Throws `RateLimited`. Not inside a transaction. */
export async function countGuess(ctx: Context, userId: string): Promise<CountedGuess> {
  const account = accountKey(ctx, userId);
  await ctx.limits.consume(ACCOUNT, account);
  return { right: () => ctx.limits.giveBack([ACCOUNT, account]) };
}

export function forgive(ctx: Context, userId: string): Promise<void> {
  return ctx.limits.reset(ACCOUNT, accountKey(ctx, userId));
}

/** Until when these users are closed to codes; those that are not are left out. */
export async function closedUntil(
  ctx: Context,
  userIds: readonly string[],
): Promise<Map<string, Date>> {
  const byKey = new Map(userIds.map((id) => [accountKey(ctx, id), id]));
  const spent = await ctx.limits.spentUntil(ACCOUNT, [...byKey.keys()]);
  return new Map([...spent].map(([key, until]) => [byKey.get(key) ?? '', until]));
}

function accountKey({ tenantId }: Context, userId: string): string {
  return `${tenantId} ${userId}`;
}
