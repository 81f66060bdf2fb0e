/** The end of a sign-in: the session, the end of the flow and the record of both, or none of them. */
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
import { InvalidCredentials, SignInExpired } from './sign-in.errors.ts';
import type { Flow } from './sign-in.model.ts';
import { type Account, holdAccount, isPasswordOf } from './sign-in.queries.ts';
import { endFlow } from './sign-in.store.ts';

export interface Ending {
  readonly flow: Flow;
  readonly policy: SignInPolicyRow;
  /** Takes the place of the password, which gave way. */
  readonly newHash: string | null;
  /** Whether nothing more is asked of the account as it is now, which nobody changes meanwhile. */
  readonly isEnough: (account: Account) => Promise<boolean>;
  /** One more statement, the last one. */
  readonly last: () => readonly Promise<unknown>[];
}

export async function finish(ctx: Context, ending: Ending): Promise<StartedSession> {
  const { flow } = ending;
  const { userId } = flow;
  if (userId === null) throw new Error('a sign-in ends with a user');
  const { started } = await ctx.db.transaction(
    async () => {
      // Sent together, and run one after the other.
      const [ended, account] = await Promise.all([endFlow(ctx, flow), holdAccount(ctx, userId)]);
      if (!ended) throw new SignInExpired();
      // Closed, or with another password, since that was shown.
      if (!account || !isPasswordOf(account, flow.state.passwordSetAt))
        throw new InvalidCredentials();
      // Such as a second factor that came meanwhile.
      if (!(await ending.isEnough(account))) throw new SignInExpired();
      const drafts = await replace(ctx, ending, userId);
      const left = await leave(ctx, flow);
      const begun = await begin(ctx, ending, userId);
      if (!begun) throw new InvalidCredentials();
      drafts.push(eventOf(flow, begun));
      const rows = await prepareEvents(asPerson(ctx, userId), drafts);
      return { started: begun, rows: [...left, ...rows] };
    },
    {
      tenantId: ctx.tenantId,
      beforeCommit: ({ rows }: { rows: EventRow[] }) => [writeEvents(ctx, rows), ...ending.last()],
    },
  );
  ctx.outbox.wake();
  return started;
}

/** A password that gave way: all that stood on it ends, but the session of a step-up. */
async function replace(
  ctx: Context,
  { flow: { state }, newHash }: Ending,
  userId: string,
): Promise<EventDraft[]> {
  if (newHash === null) return [];
  const keep = state.sessionId ?? null;
  const sessions = await replacePassword(ctx, userId, { hash: newHash, keep });
  const { name: type, severity } = changePassword.definition;
  const targets = [{ type: 'user' as const, id: userId }];
  return [{ type, targets, details: { sessions }, ...(severity ? { severity } : {}) }];
}

/** The browser forgets the session that was there, whosever it was, so nobody else may go on with it. */
async function leave(ctx: Context, { state }: Flow): Promise<EventRow[]> {
  const { id, authentication } = ctx.actor;
  if (state.sessionId !== undefined || id === null || !authentication) return [];
  const { sessionId } = authentication;
  if (sessionId === null) return [];
  // Not where they are signed in at another tenant: that cookie stays.
  if (!(await endOwnSession(ctx, id, sessionId))) return [];
  const targets = [{ type: 'session' as const, id: sessionId }];
  return prepareEvents(ctx, [{ type: signOut.definition.name, targets }]);
}

function begin(
  ctx: Context,
  { flow: { state }, policy }: Ending,
  userId: string,
): Promise<StartedSession | null> {
  const amr = [...new Set(state.amr)];
  const acr = amr.includes('mfa') ? 'mfa' : 'pwd';
  const shown = { userId, acr, amr } as const;
  return state.sessionId === undefined
    ? startSession(ctx, policy, shown)
    : renewSession(ctx, state.sessionId, shown);
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
