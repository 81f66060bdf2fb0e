/**
 * Self-service for front ends that draw their own pages: the same flows as the hosted ones. Strangers
 * may ask all of this.
 */
import type { ObjectFieldBuilder } from '@pothos/core';
import { z } from 'zod';
import { TenantNotOpen } from '#features/tenants/tenants.errors.ts';
import { tenantSlug } from '#features/tenants/tenants.model.ts';
import { inTenantBySlug } from '#features/tenants/tenants.queries.ts';
import { EmailTaken } from '#features/users/users.errors.ts';
import type { BuilderTypes } from '#graphql/builder.ts';
import { protocolMutation } from '#graphql/mutations.ts';
import type { Context } from '#kernel/context.ts';
import {
  acceptInvitation,
  type Owned,
  register,
  requestPasswordReset,
  resetPassword,
  verifyEmail,
} from './self-service.commands.ts';
import { LinkNotValid, LinkWantsSignIn, RegistrationClosed } from './self-service.errors.ts';
import { chosenPassword, linkToken, registration, resetRequest } from './self-service.model.ts';

const tenant = tenantSlug.describe('The slug of the tenant, such as acme.');

interface Named {
  readonly tenant: string;
}

/** What the flow does, in the tenant that the input names. */
function inNamed<Out>(flow: (ctx: Context, input: object) => Promise<Out>) {
  return (ctx: Context, { tenant: slug, ...input }: Named): Promise<Out> =>
    inTenantBySlug(ctx, slug, (inside) => flow(inside, input));
}

interface Taken {
  readonly accepted: true;
}

/** Says nothing of what will come of it. */
function inSilence(flow: (ctx: Context, input: object) => Promise<void>) {
  return async (ctx: Context, input: object): Promise<Taken> => {
    await flow(ctx, input);
    return { accepted: true };
  };
}

function takenFields(t: ObjectFieldBuilder<BuilderTypes, Taken>) {
  return {
    accepted: t.exposeBoolean('accepted', {
      description:
        'Always true. Whether a message was sent stands in the mail of the address only.',
    }),
  };
}

function ownedFields(t: ObjectFieldBuilder<BuilderTypes, Owned>) {
  return {
    email: t.exposeString('email', {
      description: 'The address, which is verified now. Nobody is signed in.',
    }),
  };
}

function passwordFields(t: ObjectFieldBuilder<BuilderTypes, Owned>) {
  return {
    ...ownedFields(t),
    endedSessions: t.exposeInt('endedSessions', { description: 'How many sessions have ended.' }),
  };
}

protocolMutation(
  'requestPasswordReset',
  {
    summary: 'Sends a link to choose a new password, if there is an account with this address.',
    input: z.strictObject({ tenant, ...resetRequest }),
    errors: [TenantNotOpen],
    run: inNamed(inSilence(requestPasswordReset)),
  },
  takenFields,
);

protocolMutation(
  'resetPassword',
  {
    summary: 'Sets a new password by the link that was sent, and ends all sessions.',
    input: z.strictObject({ tenant, ...chosenPassword }),
    errors: [TenantNotOpen, LinkNotValid],
    run: inNamed(resetPassword),
  },
  passwordFields,
);

protocolMutation(
  'verifyEmail',
  {
    summary:
      'Shows by the link that was sent that an address is read by its user; one that they asked for becomes theirs, while they are signed in.',
    input: z.strictObject({ tenant, ...linkToken }),
    errors: [TenantNotOpen, LinkNotValid, LinkWantsSignIn, EmailTaken],
    run: inNamed(verifyEmail),
  },
  ownedFields,
);

protocolMutation(
  'register',
  {
    summary:
      'Makes an account and sends a link to choose its password, or tells who has one; where accounts come by invitation, sends one that is still open again.',
    input: z.strictObject({ tenant, ...registration }),
    errors: [TenantNotOpen, RegistrationClosed],
    run: inNamed(inSilence(register)),
  },
  takenFields,
);

protocolMutation(
  'acceptInvitation',
  {
    summary: 'Sets the first password by the link of an invitation.',
    input: z.strictObject({ tenant, ...chosenPassword }),
    errors: [TenantNotOpen, LinkNotValid],
    run: inNamed(acceptInvitation),
  },
  passwordFields,
);
