/** A password that must give way does so before there is a session. */
import { hashOtherPassword } from '#features/passwords/passwords.commands.ts';
import type { TenantRules } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { Context } from '#kernel/context.ts';
import type { Account } from './sign-in.queries.ts';

/** The hash to be stored together with the end of the sign-in. */
export function changePasswordStep(
  ctx: Context,
  account: Account,
  rules: TenantRules,
  newPassword: string,
): Promise<string> {
  const asked = { password: newPassword, path: 'newPassword' };
  return hashOtherPassword(ctx, rules, account, asked);
}
