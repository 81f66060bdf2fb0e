/** The sign-in policy in the graph. */
import { builder } from '#graphql/builder.ts';
import { enumOf } from '#graphql/input-types.ts';
import { mutation } from '#graphql/mutations.ts';
import { updateSignInPolicy } from './sign-in-policies.commands.ts';
import { mfaRequirement, registration, type SignInPolicyRow } from './sign-in-policies.model.ts';
import { signInPolicyOf } from './sign-in-policies.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    SignInPolicy: SignInPolicyRow;
  }
}

builder.objectType('SignInPolicy', {
  description: 'How the people of a tenant sign in.',
  tenancy: { tenant: 'tenantId' },
  access: { scopes: [['sign-in-policy:read']] },
  fields: (t) => ({
    registration: t.field({
      type: enumOf(registration) as never,
      description: 'Who may make an account.',
      resolve: (row) => row.registration as never,
    }),
    mfa: t.field({
      type: enumOf(mfaRequirement) as never,
      description: 'Whether a second factor is asked for.',
      resolve: (row) => row.mfa as never,
    }),
    passwordMinLength: t.exposeInt('passwordMinLength', {
      nullable: true,
      description:
        'Least code points of a new password; null: 15, or 8 where a second factor is required.',
    }),
    argon2Memory: t.exposeInt('argon2Memory', { description: 'Memory of Argon2id in KiB.' }),
    argon2Passes: t.exposeInt('argon2Passes', { description: 'Passes of Argon2id.' }),
    argon2Lanes: t.exposeInt('argon2Lanes', { description: 'Lanes of Argon2id.' }),
    sessionIdleSeconds: t.exposeInt('sessionIdleSeconds', {
      description: 'Seconds without a request after which a session ends.',
    }),
    sessionSeconds: t.exposeInt('sessionSeconds', {
      description: 'Seconds after which a session ends in any case.',
    }),
    maxSessions: t.exposeInt('maxSessions', {
      description: 'Sessions of one user at the same time; the oldest give way.',
    }),
    logoUri: t.exposeString('logoUri', {
      nullable: true,
      description: 'The logo on the pages.',
    }),
    accentColor: t.exposeString('accentColor', {
      nullable: true,
      description: 'The colour of buttons and links on the pages.',
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
  }),
});

builder.queryField('signInPolicy', (t) =>
  t.field({
    type: 'SignInPolicy',
    access: { scopes: [['sign-in-policy:read']] },
    description: "How the tenant's people sign in.",
    resolve: (_root, _args, ctx) => signInPolicyOf(ctx),
  }),
);

mutation('updateSignInPolicy', updateSignInPolicy, (t) => ({
  signInPolicy: t.field({
    type: 'SignInPolicy',
    description: 'The policy after the change.',
    resolve: (row) => row,
  }),
}));
