/**
 * Signing in for front ends that draw their own screens: the same flow as the hosted pages. At its
 * end the answer sets the session's cookie, which scripts cannot read.
 */
import { z } from 'zod';
import { type SessionRow, sessionCookie } from '#features/sessions/sessions.model.ts';
import { tenantSlug } from '#features/tenants/tenants.model.ts';
import { tenantBySlug } from '#features/tenants/tenants.queries.ts';
import { builder } from '#graphql/builder.ts';
import { enumOf } from '#graphql/input-types.ts';
import { protocolMutation } from '#graphql/mutations.ts';
import type { Context } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import { continueSignIn, startSignIn } from './sign-in.commands.ts';
import { InvalidCredentials, SignInExpired, TenantNotOpen } from './sign-in.errors.ts';
import { type Progress, stepInput, stepName } from './sign-in.model.ts';

const tenant = tenantSlug.describe('The slug of the tenant, such as acme.');

/** Strangers have no tenant; this one is the one that they name. */
async function inNamedTenant(
  outer: Context,
  slug: string,
  run: (ctx: Context) => Promise<Progress>,
): Promise<Progress> {
  const found = await tenantBySlug(outer, slug);
  if (!found) throw new TenantNotOpen();
  const ctx = { ...outer, tenantId: found.id };
  const progress = await ctx.db.inTenant(found.id, () => run(ctx));
  const { started } = progress;
  if (started) ctx.setCookie(sessionCookie(slug, started.token, started.session.expiresAt));
  return progress;
}

const signedIn = builder.objectRef<SessionRow>('SignedIn').implement({
  description: 'The session that a sign-in has led to.',
  tenancy: 'global',
  access: 'public',
  fields: (t) => ({
    sessionId: t.id({
      description: 'The session.',
      resolve: ({ id }) => encodeId('session', id),
    }),
    userId: t.id({
      description: 'Who is signed in.',
      resolve: ({ userId }) => encodeId('user', userId),
    }),
    amr: t.exposeStringList('amr', { description: 'How they showed it: methods of RFC 8176.' }),
    acr: t.exposeString('acr', { description: 'What that adds up to: `pwd` or `mfa`.' }),
    idleExpiresAt: t.expose('idleExpiresAt', {
      type: 'DateTime',
      description: 'When it ends unless it is used.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it ends in any case.',
    }),
  }),
});

const progressFields = {
  step: {
    type: enumOf(stepName) as never,
    description: 'What is asked next.',
    resolve: ({ next }: Progress) => next as never,
  },
  flow: {
    nullable: true,
    description: 'Continues this sign-in, and is good for nothing else; null at its end.',
    resolve: ({ token }: Progress) => token,
  },
} as const;

protocolMutation(
  'startSignIn',
  {
    summary: 'Begins a sign-in of a person.',
    input: z.strictObject({ tenant }),
    errors: [TenantNotOpen],
    run: (ctx, input) => inNamedTenant(ctx, input.tenant, startSignIn),
  },
  (t) => ({
    step: t.field(progressFields.step),
    flow: t.string(progressFields.flow),
  }),
);

protocolMutation(
  'submitSignInStep',
  {
    summary:
      'Takes what a sign-in asked for, as far as it leads. At the end the answer sets the cookie of the session.',
    input: z.strictObject({
      tenant,
      flow: z.string().max(100).describe('The flow that the step before answered.'),
      ...stepInput,
    }),
    errors: [TenantNotOpen, SignInExpired, InvalidCredentials],
    run: (ctx, { tenant: slug, flow, ...input }) =>
      inNamedTenant(ctx, slug, (inTenant) => continueSignIn(inTenant, flow, input)),
  },
  (t) => ({
    step: t.field(progressFields.step),
    flow: t.string(progressFields.flow),
    session: t.field({
      type: signedIn,
      nullable: true,
      description: 'The session, at the end.',
      resolve: ({ started }) => started?.session ?? null,
    }),
  }),
);
