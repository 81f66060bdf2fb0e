/**
 * One dispatcher over what was shown so far. A step checks one thing and comes back here; none knows
 * what comes next, and none calls another.
 */
import { type FactorDemand, factorDemand, MAILED } from '#features/mfa/mfa.policy.ts';
import { changePassword, replacePassword } from '#features/passwords/passwords.commands.ts';
import {
  endOwnSession,
  renewSession,
  type StartedSession,
  signOut,
  startSession,
} from '#features/sessions/sessions.commands.ts';
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { asPerson, type Context } from '#kernel/context.ts';
import type { EventDraft } from '#kernel/events/event.ts';
import { type EventRow, prepareEvents, writeEvents } from '#kernel/events/record.ts';
import { changePasswordStep } from './change-password.step.ts';
import { enrolAsks, enrolStep } from './enrol.step.ts';
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
import { type Account, accountById, isPasswordOf } from './sign-in.queries.ts';
import { endFlow, saveFlow } from './sign-in.store.ts';

/** What a step is asked with. */
interface Asked {
  readonly flow: Flow;
  /** The flow as it was stored when the answer came. */
  readonly found: Flow;
  readonly account: Account | null;
  readonly input: StepInput;
}

/** Of one answer of one person. */
export class Dispatcher {
  readonly #ctx: Context;
  readonly #policy: SignInPolicyRow;
  /** To be stored with the session. */
  #newHash: string | null = null;
  /** The first ones, of whoever has just set up a second factor. */
  #backupCodes: readonly string[] | null = null;

  constructor(ctx: Context, policy: SignInPolicyRow) {
    this.#ctx = ctx;
    this.#policy = policy;
  }

  async go(found: Flow, token: string | null, input: StepInput): Promise<Progress> {
    let flow = found;
    for (;;) {
      const account = flow.userId === null ? null : await accountById(this.#ctx, flow.userId);
      // Closed since the first factor was shown.
      if (flow.userId !== null && !account) throw new InvalidCredentials();
      const next = await this.#next(flow, account);
      if (next === 'DONE') {
        const started = await this.#finish(flow);
        return { next, asks: NOTHING, backupCodes: this.#backupCodes, token: null, started };
      }
      const moved = await this.#run(next, { flow, found, account, input });
      if (moved === null) return this.#pause({ flow, found, token, next, account, input });
      flow = moved;
    }
  }

  /** What the state asks for. Whoever adds a step adds a line here, in `#run` and in `#asks`. */
  async #next(flow: Flow, account: Account | null): Promise<StepName> {
    const { state } = flow;
    if (state.amr.length === 0 || !account)
      return state.email === undefined ? 'IDENTIFY' : 'PASSWORD';
    if (!state.amr.includes('mfa') && this.#policy.mfa !== 'OFF') {
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
    return wanted ? 'STRONG' : factorDemand(this.#ctx, this.#policy, userId);
  }

  /** What of the account's factors is taken at MFA: at a step-up, the better ones. */
  async #offered(flow: Flow, account: Account): Promise<Account> {
    const better = flow.purpose === 'STEP_UP' || (await this.#demand(flow, account)) === 'STRONG';
    return better ? withoutMailbox(account) : account;
  }

  /** Null when the input does not hold what this step asks for. */
  async #run(step: StepName, { flow, found, account, input }: Asked): Promise<Flow | null> {
    const ctx = this.#ctx;
    const { email, password, newPassword, passkey } = input;
    if (step === 'IDENTIFY' && passkey) return passkeyStep(ctx, flow, passkey);
    if (step === 'IDENTIFY' && email !== undefined)
      return { ...flow, state: { ...flow.state, email: email.trim() } };
    if (step === 'PASSWORD' && passkey && flow.userId !== null)
      return ownPasskeyStep(ctx, flow, flow.userId, passkey);
    if (step === 'PASSWORD' && password !== undefined)
      return passwordStep(ctx, flow, this.#policy, password);
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
    this.#newHash = await changePasswordStep(ctx, account, this.#policy, newPassword);
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

  /** The session, the end of the flow and the record of both, or none of them. */
  async #finish(flow: Flow): Promise<StartedSession> {
    const ctx = this.#ctx;
    const { userId } = flow;
    if (userId === null) throw new Error('a sign-in ends with a user');
    const { started } = await ctx.db.transaction(
      async () => {
        if (!(await endFlow(ctx, flow))) throw new SignInExpired();
        const { passwordSetAt } = flow.state;
        if (passwordSetAt !== undefined && !(await isPasswordOf(ctx, userId, passwordSetAt)))
          throw new InvalidCredentials();
        const drafts = await this.#replace(flow, userId);
        const left = await this.#leave(flow);
        const begun = await this.#begin(flow, userId);
        if (!begun) throw new InvalidCredentials();
        drafts.push(eventOf(flow, begun));
        const rows = await prepareEvents(asPerson(ctx, userId), drafts);
        return { started: begun, rows: [...left, ...rows] };
      },
      {
        tenantId: ctx.tenantId,
        beforeCommit: ({ rows }: { rows: EventRow[] }) => [writeEvents(ctx, rows)],
      },
    );
    ctx.outbox.wake();
    return started;
  }

  /** A password that gave way: all that stood on it ends, but the session of a step-up. */
  async #replace({ state }: Flow, userId: string): Promise<EventDraft[]> {
    if (this.#newHash === null) return [];
    const keep = state.sessionId ?? null;
    const sessions = await replacePassword(this.#ctx, userId, { hash: this.#newHash, keep });
    const { name: type, severity } = changePassword.definition;
    const targets = [{ type: 'user' as const, id: userId }];
    return [{ type, targets, details: { sessions }, ...(severity ? { severity } : {}) }];
  }

  /** The browser forgets the session that was there, whosever it was, so nobody else may go on with it. */
  async #leave({ state }: Flow): Promise<EventRow[]> {
    const { id, authentication } = this.#ctx.actor;
    if (state.sessionId !== undefined || id === null || !authentication) return [];
    const { sessionId } = authentication;
    if (sessionId === null) return [];
    // Not where they are signed in at another tenant: that cookie stays.
    if (!(await endOwnSession(this.#ctx, id, sessionId))) return [];
    const targets = [{ type: 'session' as const, id: sessionId }];
    return prepareEvents(this.#ctx, [{ type: signOut.definition.name, targets }]);
  }

  #begin({ state }: Flow, userId: string): Promise<StartedSession | null> {
    const amr = [...new Set(state.amr)];
    const acr = amr.includes('mfa') ? 'mfa' : 'pwd';
    const shown = { userId, acr, amr } as const;
    return state.sessionId === undefined
      ? startSession(this.#ctx, this.#policy, shown)
      : renewSession(this.#ctx, state.sessionId, shown);
  }
}

function eventOf({ state }: Flow, { session, ended }: StartedSession): EventDraft {
  const details = { acr: session.acr, amr: [...session.amr] };
  const renewed = state.sessionId !== undefined;
  return {
    type: renewed ? 'session.step-up' : 'session.start',
    targets: [
      { type: 'session', id: session.id },
      { type: 'user', id: session.userId },
    ],
    details: renewed ? details : { ...details, gaveWay: ended.length },
  };
}
