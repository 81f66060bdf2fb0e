/** The second factor: a code that was computed, sent or printed, or a passkey. */
import { verifyBackupCode } from '#features/mfa/backup-codes.commands.ts';
import type { Verdict } from '#features/mfa/mfa.model.ts';
import { MAILED } from '#features/mfa/mfa.policy.ts';
import { type SentCode, sendCode, verifyCode } from '#features/mfa/one-time-codes.commands.ts';
import { passkeyOptions, verifyPasskey } from '#features/mfa/passkeys.commands.ts';
import { verifyTotp } from '#features/mfa/totp.commands.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidCode } from './sign-in.errors.ts';
import { type Asks, type Flow, type MfaMethod, NOTHING, type StepInput } from './sign-in.model.ts';
import type { Account } from './sign-in.queries.ts';
import { spendGuess } from './sign-in.store.ts';

/** Whose second factor is asked for, in a flow that is stored. */
interface Asked {
  readonly ctx: Context;
  readonly flow: Flow;
  readonly userId: string;
}

/** Whether there is a second factor to be asked for, whatever of it can be offered just now. */
export function hasFactor({ factors }: Account): boolean {
  return factors.length > 0;
}

/** The account as if it had no codes by e-mail, where it has anything better. */
export function withoutMailbox(account: Account): Account {
  const strong = account.factors.filter((kind) => kind !== 'EMAIL');
  return strong.length > 0 ? { ...account, factors: strong } : account;
}

/** Whether there is more than the mailbox that resets the password. */
export function hasStrongFactor({ factors }: Account): boolean {
  return factors.some((kind) => kind !== 'EMAIL');
}

/** What can be offered: text messages only where there is a gateway. */
function methodsOf(
  { sms }: Pick<Context, 'sms'>,
  { factors, hasBackupCodes }: Account,
): readonly MfaMethod[] {
  const order: readonly MfaMethod[] = [
    'PASSKEY',
    'TOTP',
    ...(sms ? ['SMS' as const] : []),
    'EMAIL',
  ];
  const own = order.filter((method) => factors.includes(method as (typeof factors)[number]));
  return hasBackupCodes ? [...own, 'BACKUP_CODE'] : own;
}

/** Null when there is nothing to look at; a wrong answer throws `InvalidCode`. */
export async function mfaStep(
  ctx: Context,
  flow: Flow,
  account: Account,
  input: StepInput,
): Promise<Flow | null> {
  const asked: Asked = { ctx, flow, userId: account.userId };
  const verdict = await answered(asked, account, input);
  if (verdict === null) return null;
  if (!verdict.ok) {
    ctx.log.info({ reason: verdict.reason, flow: flow.id }, 'a second factor was refused');
    throw new InvalidCode();
  }
  const amr = [...flow.state.amr, ...verdict.amr];
  // A code by e-mail and a password that the same mailbox resets are one factor.
  if (!verdict.amr.includes(MAILED)) amr.push('mfa');
  return { ...flow, state: { ...flow.state, amr } };
}

async function answered(
  asked: Asked,
  account: Account,
  { code, method, passkey }: StepInput,
): Promise<Verdict | null> {
  const { ctx, flow, userId } = asked;
  if (passkey) return verifyPasskey(ctx, passkeyAsked(asked), passkey);
  if (code === undefined) return null;
  const by = method ?? (looksPrinted(code) ? 'BACKUP_CODE' : (flow.state.sentBy ?? 'TOTP'));
  const guess = { userId, code, spendGuess: () => spendGuess(ctx, flow) };
  // A factor that the person does not have is as wrong as a wrong code, and counts as one.
  if (by === 'TOTP') return verifyTotp(ctx, guess);
  if (by === 'BACKUP_CODE') return verifyBackupCode(ctx, guess);
  if (by === 'PASSKEY' || !account.factors.includes(by)) return { ok: false, reason: 'WRONG' };
  return verifyCode(ctx, codeAsked(asked, by), code);
}

/** Sends a code when one is asked for; answers what the person needs to go on. */
export async function mfaAsks(
  ctx: Context,
  flow: Flow,
  account: Account,
  { method, code }: StepInput,
): Promise<{ readonly asks: Asks; readonly flow: Flow }> {
  const asked: Asked = { ctx, flow, userId: account.userId };
  const methods = methodsOf(ctx, account);
  const sendBy = code === undefined && (method === 'EMAIL' || method === 'SMS') ? method : null;
  const sent: SentCode | null =
    sendBy && methods.includes(sendBy) ? await sendCode(ctx, codeAsked(asked, sendBy)) : null;
  const passkey = methods.includes('PASSKEY')
    ? await passkeyOptions(ctx, passkeyAsked(asked))
    : null;
  return {
    asks: { ...NOTHING, methods, sentTo: sent?.sentTo ?? null, passkey },
    flow: sent && sendBy ? { ...flow, state: { ...flow.state, sentBy: sendBy } } : flow,
  };
}

function codeAsked({ flow, userId }: Asked, kind: 'EMAIL' | 'SMS') {
  return { userId, flowId: flow.id, purpose: flow.purpose, kind };
}

function passkeyAsked({ flow, userId }: Asked) {
  return { userId, flowId: flow.id, purpose: flow.purpose };
}

/** Backup codes hold letters, or ten characters. */
function looksPrinted(code: string): boolean {
  return code.replace(/[\s-]/g, '').length > 6;
}
