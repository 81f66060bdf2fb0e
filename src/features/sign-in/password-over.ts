/**
 * Which right passwords must give way: those that others may know, or that the tenant's rules would
 * not take today. They were imported, chosen under older rules, or have leaked since. Age alone is no
 * reason (NIST SP 800-63B-4 section 3.1.1.2).
 */
import { faultsOf } from '#features/passwords/passwords.queries.ts';
import type { TenantRules } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import { ConfigError } from '#kernel/config.ts';
import type { Context } from '#kernel/context.ts';
import { Unavailable } from '#kernel/errors.ts';
import type { Account } from './sign-in.queries.ts';

/** Looked at while the password is at hand: it is not kept. */
export async function isPasswordOver(
  ctx: Context,
  account: Account,
  rules: TenantRules,
  password: string,
): Promise<boolean> {
  try {
    return (await faultsOf(ctx, rules, account, password)).length > 0;
  } catch (error) {
    // A list that cannot be read must not keep everybody out: the next sign-in looks again.
    if (!(error instanceof Unavailable || error instanceof ConfigError)) throw error;
    ctx.log.error({ err: error }, 'a password that was shown could not be looked up in the lists');
    return false;
  }
}
