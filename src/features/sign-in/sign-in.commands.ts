/**
 * Signing in: what a person shows, step by step, until there is a session. This room owns the order of
 * the steps and their end; what a password, a factor or a session is belongs to their rooms.
 */
import { z } from 'zod';
import type { TenantRules } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { Context } from '#kernel/context.ts';
import { DomainError } from '#kernel/errors.ts';
import { declareEvent, told } from '#kernel/events/event-types.ts';
import { Dispatcher } from './dispatcher.ts';
import { ownPasskeyAsks, passkeyAsks } from './passkey.step.ts';
import { InvalidCredentials, SignInExpired } from './sign-in.errors.ts';
import { type Flow, NOTHING, type Progress, type StepInput } from './sign-in.model.ts';
import { accountById } from './sign-in.queries.ts';
import { findFlow, newFlow, saveFlow } from './sign-in.store.ts';

const shown = {
  acr: z.enum(['pwd', 'mfa']).describe('With how many factors.'),
  amr: told.names.describe('Authentication methods (RFC 8176).'),
};

declareEvent({
  name: 'session.start',
  summary: 'A person signed in.',
  about: ['session', 'user'],
  tells: {
    ...shown,
    gaveWay: told.count.describe('Older sessions that ended, because there may be only so many.'),
  },
});

declareEvent({
  name: 'session.step-up',
  summary: 'A person showed again who they are.',
  about: ['session', 'user'],
  tells: shown,
});

/** A stored sign-in that has shown nothing yet, with what a passkey needs. */
export async function startSignIn(ctx: Context): Promise<Progress> {
  const flow = newFlow(ctx, 'SIGN_IN');
  const token = await saveFlow(ctx, flow, null);
  const asks = { ...NOTHING, passkey: await passkeyAsks(ctx, flow) };
  return { next: 'IDENTIFY', asks, backupCodes: null, token, started: null };
}

/**
 * Takes what the person shows as far as it leads; `input` was parsed by its door. Without a token it
 * is the first step. Throws `InvalidCredentials`, `InvalidCode`, `SignInExpired`, `InvalidInput` (a
 * password that is not good), `RateLimited` or `Unavailable`.
 */
export async function continueSignIn(
  ctx: Context,
  rules: TenantRules,
  { token, input }: { readonly token: string | null; readonly input: StepInput },
): Promise<Progress> {
  const found = token === null ? newFlow(ctx, 'SIGN_IN') : await findFlow(ctx, token);
  if (!found || !goesOnHere(ctx, found)) throw new SignInExpired();
  try {
    return await new Dispatcher(ctx, rules).go(found, token, input);
  } catch (error) {
    if (error instanceof DomainError && error.status < 500)
      await ctx.refusals.record(ctx, eventOf(found), error.code, targetsOf(found, error));
    throw error;
  }
}

/**
 * A person who is signed in shows who they are once more: all that they would at a sign-in, and two
 * factors where `acr` says so. Their session goes on under a new token.
 */
export async function startStepUp(ctx: Context, acr: 'mfa' | undefined): Promise<Progress> {
  const { id, authentication, client } = ctx.actor;
  // Whoever acts by a token has its application ask again (RFC 9470).
  const sessionId = client ? null : authentication?.sessionId;
  const account = id && sessionId ? await accountById(ctx, id) : null;
  if (!account || !sessionId) throw new InvalidCredentials();
  const fresh = newFlow(ctx, 'STEP_UP');
  const flow: Flow = {
    ...fresh,
    userId: account.userId,
    state: {
      amr: [],
      email: account.email,
      sessionId,
      ...(acr ? { acr } : {}),
    },
  };
  const token = await saveFlow(ctx, flow, null);
  const asks = await ownPasskeyAsks(ctx, flow, account);
  return { next: 'PASSWORD', asks, backupCodes: null, token, started: null };
}

/** A step-up belongs to the session that asked for it. */
function goesOnHere({ actor }: Context, { purpose, state }: Flow): boolean {
  return purpose !== 'STEP_UP' || actor.authentication?.sessionId === state.sessionId;
}

function eventOf({ purpose }: Flow): string {
  return purpose === 'STEP_UP' ? 'session.step-up' : 'session.start';
}

function targetsOf(flow: Flow, error: DomainError) {
  const id = flow.userId ?? (error instanceof InvalidCredentials ? error.userId : null);
  return id === null ? [] : [{ type: 'user' as const, id }];
}
