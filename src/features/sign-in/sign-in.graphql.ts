/**
 * Signing in for front ends that draw their own screens: the same flow as the hosted pages. At its
 * end the answer sets the session's cookie, which scripts cannot read.
 */
import { z } from 'zod';
import { cookieOf } from '#features/sessions/sessions.commands.ts';
import type { SessionRow } from '#features/sessions/sessions.model.ts';
import { tenantRulesOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import { TenantNotOpen } from '#features/tenants/tenants.errors.ts';
import { tenantSlug } from '#features/tenants/tenants.model.ts';
import { inTenantBySlug } from '#features/tenants/tenants.queries.ts';
import { builder } from '#graphql/builder.ts';
import { enumOf } from '#graphql/input-types.ts';
import { protocolMutation } from '#graphql/mutations.ts';
import type { Context } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import { continueSignIn, startSignIn, startStepUp } from './sign-in.commands.ts';
import { InvalidCode, InvalidCredentials, SignInExpired } from './sign-in.errors.ts';
import { type Enrolment, mfaMethod, type Progress, stepInput, stepName } from './sign-in.model.ts';

const tenant = tenantSlug.describe('The slug of the tenant, such as acme.');

/** At its end the answer sets the cookie of the session. */
async function inNamedTenant(
  outer: Context,
  slug: string,
  run: (ctx: Context) => Promise<Progress>,
): Promise<Progress> {
  const progress = await inTenantBySlug(outer, slug, run);
  const { started } = progress;
  if (started) outer.setCookie(cookieOf(outer, slug, started));
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
    amr: t.exposeStringList('amr', {
      description: 'How they showed it: methods of RFC 8176, and `email`.',
    }),
    acr: t.exposeString('acr', {
      description:
        'What that adds up to: `pwd`, or `mfa` for two factors. A code by e-mail adds none to a password.',
    }),
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

const enrolment = builder.objectRef<Enrolment>('TotpEnrolment').implement({
  description: 'What an authenticator app needs; shown once.',
  tenancy: 'global',
  access: 'public',
  fields: (t) => ({
    secret: t.exposeString('secret', { description: 'The secret in base32, to be typed in.' }),
    uri: t.exposeString('uri', { description: 'The same as an otpauth:// address.' }),
    qr: t.exposeString('qr', { description: 'The same as a picture: SVG.' }),
  }),
});

const progress = builder.interfaceRef<Progress>('SignInProgress').implement({
  description: 'Where a sign-in stands, and what it asks next.',
  tenancy: 'global',
  access: 'public',
  fields: (t) => ({
    step: t.field({
      type: enumOf(stepName) as never,
      description: 'What is asked next.',
      resolve: ({ next }) => next as never,
    }),
    flow: t.string({
      nullable: true,
      description: 'Continues this sign-in, and is good for nothing else; null at its end.',
      resolve: ({ token }) => token,
    }),
    methods: t.field({
      type: [enumOf(mfaMethod)] as never,
      description: 'For MFA: with which second factors this person can go on.',
      resolve: ({ asks }) => [...asks.methods] as never,
    }),
    sentTo: t.string({
      nullable: true,
      description: 'Where a code was sent, in part.',
      resolve: ({ asks }) => asks.sentTo,
    }),
    enrolment: t.field({
      type: enrolment,
      nullable: true,
      description: 'For ENROL: what the authenticator app needs.',
      resolve: ({ asks }) => asks.enrolment,
    }),
    passkeyOptions: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'For navigator.credentials.get, where a passkey can go on from here.',
      resolve: ({ asks }) => asks.passkey,
    }),
  }),
});

protocolMutation(
  'startSignIn',
  {
    summary: 'Begins a sign-in of a person.',
    input: z.strictObject({ tenant }),
    errors: [TenantNotOpen],
    common: progress,
    run: (ctx, input) => inNamedTenant(ctx, input.tenant, startSignIn),
  },
  () => ({}),
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
    errors: [TenantNotOpen, SignInExpired, InvalidCredentials, InvalidCode],
    common: progress,
    run: (ctx, { tenant: slug, flow, ...input }) =>
      inNamedTenant(ctx, slug, async (inTenant) =>
        continueSignIn(inTenant, await tenantRulesOf(inTenant), { token: flow, input }),
      ),
  },
  (t) => ({
    backupCodes: t.stringList({
      nullable: true,
      description: 'Shown once, where a first second factor was set up.',
      resolve: ({ backupCodes }) => (backupCodes ? [...backupCodes] : null),
    }),
    session: t.field({
      type: signedIn,
      nullable: true,
      description: 'The session, at the end.',
      resolve: ({ started }) => started?.session ?? null,
    }),
  }),
);

protocolMutation(
  'startStepUp',
  {
    summary:
      'Begins to show again who one is, where STEP_UP_REQUIRED asked for it. submitSignInStep goes on.',
    access: { scopes: [[]], person: true },
    input: z.strictObject({
      mfa: z
        .boolean()
        .optional()
        .describe('Whether it must lead to two factors: where the acr `mfa` was missing.'),
    }),
    errors: [InvalidCredentials],
    common: progress,
    run: (ctx, { mfa }) => startStepUp(ctx, mfa ? 'mfa' : undefined),
  },
  () => ({}),
);
