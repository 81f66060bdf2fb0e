/**
 * Signing in: one dispatcher over what was shown so far. A step checks one thing and comes back here;
 * none knows what comes next. This room owns the order of the steps and their end, a session; what
 * a password or a factor is belongs to their rooms.
 */

import { storePassword } from '#features/passwords/passwords.commands.ts';
import { type StartedSession, startSession } from '#features/sessions/sessions.commands.ts';
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { signInPolicyOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { Context } from '#kernel/context.ts';
import { DomainError } from '#kernel/errors.ts';
import type { EventDraft } from '#kernel/events/event.ts';
import { type EventRow, prepareEvents, writeEvents } from '#kernel/events/record.ts';
import { changePasswordStep } from './change-password.step.ts';
import { passwordStep } from './password.step.ts';
import { InvalidCredentials, SignInExpired } from './sign-in.errors.ts';
import type { Flow, Progress, StepInput, StepName } from './sign-in.model.ts';
import { type Account, accountById } from './sign-in.queries.ts';
import { endFlow, findFlow, newFlow, saveFlow } from './sign-in.store.ts';

/** A stored sign-in that has shown nothing yet. */
export async function startSignIn(ctx: Context): Promise<Progress> {
  const token = await saveFlow(ctx, newFlow(ctx, 'SIGN_IN'), null);
  return { next: 'IDENTIFY', token, started: null };
}

/**
 * Takes what the person shows as far as it leads. Without a token it is the first step. Throws
 * `InvalidCredentials`, `SignInExpired`, `InvalidInput`, `RateLimited` or `Unavailable`.
 */
export async function continueSignIn(
  ctx: Context,
  token: string | null,
  input: StepInput,
): Promise<Progress> {
  const found = token === null ? newFlow(ctx, 'SIGN_IN') : await findFlow(ctx, token);
  if (!found) throw new SignInExpired();
  try {
    return await new Dispatcher(ctx, await signInPolicyOf(ctx)).go(found, token, input);
  } catch (error) {
    if (error instanceof DomainError && error.status < 500)
      await ctx.refusals.record(ctx, 'session.start', error.code, targetsOf(found));
    throw error;
  }
}

class Dispatcher {
  readonly #ctx: Context;
  readonly #policy: SignInPolicyRow;
  /** To be stored with the session. */
  #newHash: string | null = null;

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
      const next = this.#next(flow, account);
      if (next === 'DONE') return { next, token: null, started: await this.#finish(flow) };
      const moved = await this.#run(next, flow, account, input);
      if (!moved) return this.#pause(flow, found, token, next);
      flow = moved;
    }
  }

  /** What the state asks for. Whoever adds a step adds a line. */
  #next({ state, userId }: Flow, account: Account | null): StepName {
    if (userId === null) return state.email === undefined ? 'IDENTIFY' : 'PASSWORD';
    if (account?.mustChangePassword && this.#newHash === null) return 'CHANGE_PASSWORD';
    return 'DONE';
  }

  /** Null when the input does not hold what this step asks for. */
  async #run(
    step: StepName,
    flow: Flow,
    account: Account | null,
    { email, password, newPassword }: StepInput,
  ): Promise<Flow | null> {
    if (step === 'IDENTIFY' && email !== undefined)
      return { ...flow, state: { ...flow.state, email: email.trim() } };
    if (step === 'PASSWORD' && password !== undefined)
      return passwordStep(this.#ctx, flow, this.#policy, password);
    if (step === 'CHANGE_PASSWORD' && newPassword !== undefined && account) {
      this.#newHash = await changePasswordStep(this.#ctx, account, this.#policy, newPassword);
      return flow;
    }
    return null;
  }

  async #pause(flow: Flow, found: Flow, token: string | null, next: StepName): Promise<Progress> {
    if (flow === found && token !== null) return { next, token, started: null };
    const saved = await saveFlow(this.#ctx, flow, token);
    if (saved === null) throw new SignInExpired();
    return { next, token: saved, started: null };
  }

  /** The session, the end of the flow and the record of both, or none of them. */
  async #finish(flow: Flow): Promise<StartedSession> {
    const ctx = this.#ctx;
    const { userId } = flow;
    if (userId === null) throw new Error('a sign-in ends with a user');
    const { started } = await ctx.db.transaction(
      async () => {
        if (!(await endFlow(ctx, flow))) throw new SignInExpired();
        if (this.#newHash !== null) await storePassword(ctx, userId, this.#newHash);
        const amr = flow.state.amr;
        const begun = await startSession(ctx, this.#policy, { userId, acr: 'pwd', amr });
        if (!begun) throw new InvalidCredentials();
        return {
          started: begun,
          rows: await prepareEvents(asPerson(ctx, userId), [startOf(begun)]),
        };
      },
      {
        tenantId: ctx.tenantId,
        beforeCommit: ({ rows }: { rows: EventRow[] }) => [writeEvents(ctx, rows)],
      },
    );
    ctx.outbox.wake();
    return started;
  }
}

function startOf({ session, ended }: StartedSession): EventDraft {
  return {
    type: 'session.start',
    targets: [
      { type: 'session', id: session.id },
      { type: 'user', id: session.userId },
    ],
    details: { acr: session.acr, amr: [...session.amr], gaveWay: ended.length },
  };
}

/** Who signs in does it themselves. */
function asPerson(ctx: Context, userId: string): Context {
  return { ...ctx, actor: { ...ctx.actor, kind: 'user', id: userId, tenantId: ctx.tenantId } };
}

function targetsOf({ userId }: Flow) {
  return userId === null ? [] : [{ type: 'user' as const, id: userId }];
}
