/** The first factor that most people have. */
import { checkPassword } from '#features/passwords/passwords.queries.ts';
import type { TenantRules } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import { emailKey } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import { isPasswordOver } from './password-over.ts';
import { InvalidCredentials } from './sign-in.errors.ts';
import type { Flow, FlowState } from './sign-in.model.ts';
import { type Account, accountByEmail } from './sign-in.queries.ts';

export interface PasswordShown {
  readonly flow: Flow;
  /** As it was read just before the password was checked. */
  readonly account: Account;
  /** Takes the count of this try back. */
  readonly uncount: () => Promise<unknown>;
}

/** Takes the same time and the same statements, whether there is such an account or not. */
export async function passwordStep(
  ctx: Context,
  flow: Flow,
  rules: TenantRules,
  password: string,
): Promise<PasswordShown> {
  const address = flow.state.email ?? '';
  // What is no address is looked for all the same.
  let meant: string | null = null;
  const find = async (place: number) => {
    const found = await accountByEmail(ctx, emailKey(address) ?? '', place);
    meant = found.owner?.userId ?? null;
    return found;
  };
  const who = flow.userId === null ? { address } : { userId: flow.userId };
  const shown = await checkPassword(ctx, rules.policy, { who, find }, password);
  const account = shown?.owner;
  // A step-up is about whoever is signed in.
  if (!shown || !account || (flow.userId !== null && account.userId !== flow.userId))
    throw new InvalidCredentials(meant);
  const over = await isPasswordOver(ctx, account, rules, password);
  const state: FlowState = {
    ...flow.state,
    amr: [...flow.state.amr, 'pwd'],
    passwordSetAt: account.passwordSetAt?.toISOString() ?? '',
    ...(over ? { passwordOver: true } : {}),
  };
  return { flow: { ...flow, userId: account.userId, state }, account, uncount: shown.uncount };
}
