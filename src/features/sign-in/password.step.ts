/** The first factor that most people have. */
import { checkPassword } from '#features/passwords/passwords.queries.ts';
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { emailKey } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import { isPasswordOver } from './password-over.ts';
import { InvalidCredentials } from './sign-in.errors.ts';
import type { Flow } from './sign-in.model.ts';
import { accountByEmail } from './sign-in.queries.ts';

/** Takes the same time and the same statements, whether there is such an account or not. */
export async function passwordStep(
  ctx: Context,
  flow: Flow,
  policy: SignInPolicyRow,
  password: string,
): Promise<Flow> {
  const address = flow.state.email ?? '';
  // What is no address is looked for all the same.
  let meant: string | null = null;
  const find = async () => {
    const found = await accountByEmail(ctx, emailKey(address) ?? '');
    meant = found?.userId ?? null;
    return found;
  };
  const who = flow.userId === null ? { address } : { userId: flow.userId };
  const account = await checkPassword(ctx, policy, { who, find }, password);
  // A step-up is about whoever is signed in.
  if (!account || (flow.userId !== null && account.userId !== flow.userId))
    throw new InvalidCredentials(meant);
  const over = await isPasswordOver(ctx, account, policy, password);
  return {
    ...flow,
    userId: account.userId,
    state: {
      ...flow.state,
      amr: [...flow.state.amr, 'pwd'],
      passwordSetAt: account.passwordSetAt?.toISOString() ?? '',
      ...(over ? { passwordOver: true } : {}),
    },
  };
}
