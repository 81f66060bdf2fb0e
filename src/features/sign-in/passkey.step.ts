/** Signing in by a passkey alone: it says who, and that they were verified. */
import { passkeyOptions, verifyPasskey } from '#features/mfa/passkeys.commands.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidCode } from './sign-in.errors.ts';
import type { Flow } from './sign-in.model.ts';

const asked = ({ id }: Flow) => ({ userId: null, flowId: id, purpose: 'SIGN_IN' }) as const;

export function passkeyAsks(ctx: Context, flow: Flow): Promise<object> {
  return passkeyOptions(ctx, asked(flow));
}

export async function passkeyStep(ctx: Context, flow: Flow, answer: object): Promise<Flow> {
  const verdict = await verifyPasskey(ctx, asked(flow), answer);
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
