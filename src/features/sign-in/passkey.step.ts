/** Signing in by a passkey alone: it says who, and that they were verified. */
import {
  type PasskeyAsked,
  passkeyOptions,
  verifyPasskey,
} from '#features/mfa/passkeys.commands.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidCode } from './sign-in.errors.ts';
import { type Asks, type Flow, NOTHING } from './sign-in.model.ts';
import type { Account } from './sign-in.queries.ts';

export function passkeyAsks(ctx: Context, { id }: Flow): Promise<object> {
  return passkeyOptions(ctx, { userId: null, flowId: id, purpose: 'SIGN_IN' });
}

export function passkeyStep(ctx: Context, flow: Flow, answer: object): Promise<Flow> {
  return shown(ctx, flow, { userId: null, flowId: flow.id, purpose: 'SIGN_IN' }, answer);
}

/** For a person who is signed in, and may have no password. */
export async function ownPasskeyAsks(
  ctx: Context,
  { id }: Flow,
  { userId, factors }: Account,
): Promise<Asks> {
  if (!factors.includes('PASSKEY')) return NOTHING;
  const passkey = await passkeyOptions(ctx, { userId, flowId: id, purpose: 'STEP_UP' });
  return { ...NOTHING, passkey };
}

export function ownPasskeyStep(
  ctx: Context,
  flow: Flow,
  userId: string,
  answer: object,
): Promise<Flow> {
  return shown(ctx, flow, { userId, flowId: flow.id, purpose: 'STEP_UP' }, answer);
}

async function shown(ctx: Context, flow: Flow, asked: PasskeyAsked, answer: object): Promise<Flow> {
  const verdict = await verifyPasskey(ctx, asked, answer);
  if (!verdict.ok || !verdict.userVerified) {
    ctx.log.info({ reason: verdict.ok ? 'UNVERIFIED' : verdict.reason }, 'a passkey was refused');
    throw new InvalidCode();
  }
  return {
    ...flow,
    userId: verdict.userId,
    state: { ...flow.state, amr: [...verdict.amr, 'mfa'] },
  };
}
