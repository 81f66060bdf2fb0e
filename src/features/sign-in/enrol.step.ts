/** A first second factor, where the tenant asks for one: an authenticator app. */
import { confirmTotp, enrolTotp } from '#features/mfa/totp.commands.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidCode } from './sign-in.errors.ts';
import { type Asks, type Flow, NOTHING, type StepInput } from './sign-in.model.ts';
import type { Account } from './sign-in.queries.ts';
import { spendGuess } from './sign-in.store.ts';

/** Null when there is no code to look at. */
export async function enrolStep(
  ctx: Context,
  flow: Flow,
  { userId }: Account,
  { code }: StepInput,
): Promise<Flow | null> {
  const factor = flow.state.enrolling;
  if (code === undefined || factor === undefined) return null;
  if (!(await spendGuess(ctx, flow))) throw new InvalidCode();
  if (!(await confirmTotp(ctx, userId, factor, code))) throw new InvalidCode();
  return { ...flow, state: { ...flow.state, amr: [...flow.state.amr, 'otp', 'mfa'] } };
}

/** A new secret each time that it is shown: what an earlier page showed is good for nothing then. */
export async function enrolAsks(
  ctx: Context,
  flow: Flow,
  { userId }: Account,
): Promise<{ readonly asks: Asks; readonly flow: Flow }> {
  const { factorId, secret, uri, qr } = await enrolTotp(ctx, userId, 'Authenticator app');
  return {
    asks: { ...NOTHING, enrolment: { secret, uri, qr } },
    flow: { ...flow, state: { ...flow.state, enrolling: factorId } },
  };
}
