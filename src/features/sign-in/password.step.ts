/** The first factor that most people have. */
import { checkPassword } from '#features/passwords/passwords.queries.ts';
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { emailKey } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidCredentials } from './sign-in.errors.ts';
import type { Flow } from './sign-in.model.ts';
import { accountByEmail } from './sign-in.queries.ts';
import { guess } from './sign-in-limits.ts';

/** What takes the same time and the same statements, whether there is such an account or not. */
export async function passwordStep(
  ctx: Context,
  flow: Flow,
  policy: SignInPolicyRow,
  password: string,
): Promise<Flow> {
  const key = emailKey(flow.state.email ?? '');
  const { right } = await guess(ctx, key ?? flow.state.email ?? '');
  const account = key === null ? null : await accountByEmail(ctx, key);
  const matches = await checkPassword(ctx, policy, account, password);
  if (!account || !matches) throw new InvalidCredentials();
  await right();
  return {
    ...flow,
    userId: account.userId,
    state: { ...flow.state, amr: [...flow.state.amr, 'pwd'] },
  };
}
