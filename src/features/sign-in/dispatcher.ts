/**
 * One dispatcher over what was shown so far. A step checks one thing and comes back here; none knows
 * what comes next, and none calls another.
 */
import { type FactorDemand, factorDemand, MAILED } from '#features/mfa/mfa.policy.ts';
import type { StartedSession } from '#features/sessions/sessions.commands.ts';
import type { TenantRules } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { Context } from '#kernel/context.ts';
import { changePasswordStep } from './change-password.step.ts';
import { enrolAsks, enrolStep } from './enrol.step.ts';
import { finish } from './finish.ts';
import { hasFactor, hasStrongFactor, mfaAsks, mfaStep, withoutMailbox } from './mfa.step.ts';
import { ownPasskeyAsks, ownPasskeyStep, passkeyAsks, passkeyStep } from './passkey.step.ts';
import { passwordStep } from './password.step.ts';
import { InvalidCredentials, SignInExpired } from './sign-in.errors.ts';
import {
  type Asks,
  type Flow,
  NOTHING,
  type Progress,
  type StepInput,
  type StepName,
} from './sign-in.model.ts';
import { type Account, accountById } from './sign-in.queries.ts';
import { saveFlow } from './sign-in.store.ts';

/** What a step is asked with. */
interface Asked {
  readonly flow: Flow;
  /** The flow as it was stored when the answer came. */
  readonly found: Flow;
  readonly account: Account | null;
  readonly input: StepInput;
}

/** What a step led to. */
interface Moved {
  readonly flow: Flow;
  /** As the step has read it; read anew where it has not. */
  readonly account?: Account;
}

/** Of one answer of one person. */
export class Dispatcher {
  readonly #ctx: Context;
  readonly #rules: TenantRules;
  /** To be stored with the session. */
  #newHash: string | null = null;
  /** The first ones, of whoever has just set up a second factor. */
  #backupCodes: readonly string[] | null = null;
  /** What the right password that was shown is still counted as. */
  #uncount: (() => Promise<unknown>) | null = null;

  constructor(ctx: Context, rules: TenantRules) {
    this.#ctx = ctx;
    this.#rules = rules;
  }

  async go(found: Flow, token: string | null, input: StepInput): Promise<Progress> {
    try {
      return await this.#advance(found, token, input);
    } catch (error) {
      // The password was no wrong guess, whatever came after it. What went wrong is said in any case.
      await this.#takeBack().catch(() => undefined);
      throw error;
    }
  }

  async #advance(found: Flow, token: string | null, input: StepInput): Promise<Progress> {
    let flow = found;
    let account: Account | null = null;
    for (;;) {
      if (flow.userId !== null) account ??= await accountById(this.#ctx, flow.userId);
      // Closed since the first factor was shown.
      if (flow.userId !== null && !account) throw new InvalidCredentials();
      const next = await this.#next(flow, account);
      if (next === 'DONE') {
        const started = await this.#finish(flow);
        return { next, asks: NOTHING, backupCodes: this.#backupCodes, token: null, started };
      }
      const moved = await this.#run(next, { flow, found, account, input });
      if (moved === null) {
        await this.#takeBack();
        return this.#pause({ flow, found, token, next, account, input });
      }
      flow = moved.flow;
      account = moved.account ?? null;
    }
  }

  async #finish(flow: Flow): Promise<StartedSession> {
    const started = await finish(this.#ctx, {
      flow,
      policy: this.#rules.policy,
      newHash: this.#newHash,
      isEnough: async (account) => (await this.#next(flow, account)) === 'DONE',
      last: () => (this.#uncount ? [this.#uncount()] : []),
    });
    this.#uncount = null;
    return started;
  }

  async #takeBack(): Promise<void> {
    const uncount = this.#uncount;
    this.#uncount = null;
    await uncount?.();
  }

  /** What the state asks for. Whoever adds a step adds a line here, in `#run` and in `#asks`. */
  async #next(flow: Flow, account: Account | null): Promise<StepName> {
    const { state } = flow;
    if (state.amr.length === 0 || !account)
      return state.email === undefined ? 'IDENTIFY' : 'PASSWORD';
    if (!state.amr.includes('mfa') && this.#rules.policy.mfa !== 'OFF') {
      if (hasFactor(account) && !state.amr.includes(MAILED)) return 'MFA';
      const demand = await this.#demand(flow, account);
      if (demand === 'STRONG') return hasStrongFactor(account) ? 'MFA' : 'ENROL';
      if (demand === 'ANY' && !hasFactor(account)) return 'ENROL';
    }
    // Last, so that whoever knows no more than the password cannot change it.
    const over = account.mustChangePassword || state.passwordOver === true;
    if (over && this.#newHash === null) return 'CHANGE_PASSWORD';
    return 'DONE';
  }

  async #demand({ state, purpose }: Flow, { userId }: Account): Promise<FactorDemand> {
    const wanted = purpose === 'STEP_UP' && state.acr === 'mfa';
    return wanted ? 'STRONG' : factorDemand(this.#ctx, this.#rules.policy, userId);
  }

  /** What of the account's factors is taken at MFA: at a step-up, the better ones. */
  async #offered(flow: Flow, account: Account): Promise<Account> {
    const better = flow.purpose === 'STEP_UP' || (await this.#demand(flow, account)) === 'STRONG';
    return better ? withoutMailbox(account) : account;
  }

  /** Null when the input does not hold what this step asks for. */
  async #run(step: StepName, asked: Asked): Promise<Moved | null> {
    const { flow, input } = asked;
    const { password, passkey } = input;
    if (step === 'PASSWORD' && !(passkey && flow.userId !== null) && password !== undefined) {
      const shown = await passwordStep(this.#ctx, flow, this.#rules, password);
      this.#uncount = shown.uncount;
      return shown;
    }
    const moved = await this.#runOther(step, asked);
    return moved && { flow: moved };
  }

  async #runOther(step: StepName, { flow, found, account, input }: Asked): Promise<Flow | null> {
    const ctx = this.#ctx;
    const { email, newPassword, passkey } = input;
    if (step === 'IDENTIFY' && passkey) return passkeyStep(ctx, flow, passkey);
    if (step === 'IDENTIFY' && email !== undefined)
      return { ...flow, state: { ...flow.state, email: email.trim() } };
    if (step === 'PASSWORD' && passkey && flow.userId !== null)
      return ownPasskeyStep(ctx, flow, flow.userId, passkey);
    // What counts guesses must be stored first.
    if (!account || (flow.version === 0 && (step === 'MFA' || step === 'ENROL'))) return null;
    if (step === 'MFA') return mfaStep(ctx, flow, await this.#offered(flow, account), input);
    if (step === 'ENROL') {
      const enrolled = await enrolStep(ctx, flow, account, input);
      this.#backupCodes = enrolled?.backupCodes ?? null;
      return enrolled?.flow ?? null;
    }
    // A bad password must not lose what was shown beside it, and spent: that is stored first.
    if (step !== 'CHANGE_PASSWORD' || newPassword === undefined || flow !== found) return null;
    this.#newHash = await changePasswordStep(ctx, account, this.#rules, newPassword);
    return flow;
  }

  async #pause(
    paused: Asked & { readonly token: string | null; readonly next: StepName },
  ): Promise<Progress> {
    const { found, token, next } = paused;
    const { flow, asks } = await this.#asks(paused);
    if (flow === found && token !== null)
      return { next, asks, backupCodes: this.#backupCodes, token, started: null };
    const saved = await saveFlow(this.#ctx, flow, token);
    if (saved === null) throw new SignInExpired();
    return { next, asks, backupCodes: this.#backupCodes, token: saved, started: null };
  }

  async #asks({
    flow,
    next,
    account,
    input,
  }: Asked & { readonly next: StepName }): Promise<{ flow: Flow; asks: Asks }> {
    if (next === 'MFA' && account)
      return mfaAsks(this.#ctx, flow, await this.#offered(flow, account), input);
    if (next === 'ENROL' && account) return enrolAsks(this.#ctx, flow, account);
    if (next === 'PASSWORD' && account)
      return { flow, asks: await ownPasskeyAsks(this.#ctx, flow, account) };
    if (next !== 'IDENTIFY') return { flow, asks: NOTHING };
    return { flow, asks: { ...NOTHING, passkey: await passkeyAsks(this.#ctx, flow) } };
  }
}
