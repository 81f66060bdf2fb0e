/** A first second factor beside the mailbox, where one is asked for: an authenticator app. */
import { makeBackupCodes } from '#features/mfa/backup-codes.commands.ts';
import { confirmTotp, enrolTotp } from '#features/mfa/totp.commands.ts';
import type { Context } from '#kernel/context.ts';
import { whenAdmitted } from '#kernel/crypto/hashing-queue.ts';
import { InvalidCode } from './sign-in.errors.ts';
import { type Asks, type Flow, NOTHING, type StepInput } from './sign-in.model.ts';
import type { Account } from './sign-in.queries.ts';
import { spendGuess } from './sign-in.store.ts';

export interface Enrolled {
  readonly flow: Flow;
  /** Stored, and shown once. */
  readonly backupCodes: readonly string[] | null;
}

/** Null when there is no code to look at. */
export async function enrolStep(
  ctx: Context,
  flow: Flow,
  { userId, hasBackupCodes }: Account,
  { code }: StepInput,
): Promise<Enrolled | null> {
  const factor = flow.state.enrolling;
  if (code === undefined || factor === undefined) return null;
  const { ok, backupCodes } = await whenAdmitted(ctx.signal, async (admitted) => {
    if (!(await spendGuess(ctx, flow))) throw new InvalidCode();
    const made = hasBackupCodes ? null : await makeBackupCodes(admitted);
    return confirmTotp(ctx, userId, { factorId: factor, code, shown: flow.state.amr, made });
  });
  if (!ok) throw new InvalidCode();
  const amr = [...flow.state.amr, 'otp', 'mfa'];
  return { flow: { ...flow, state: { ...flow.state, amr } }, backupCodes };
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
