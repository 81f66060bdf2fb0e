/** Who is calling, and a person's own data, which needs no scope. */
import { getTenant } from '#features/tenants/tenants.queries.ts';
import type { UserRow } from '#features/users/users.model.ts';
import { getUser } from '#features/users/users.queries.ts';
import { builder } from '#graphql/builder.ts';
import { idTypeOfActor } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import { NotFound } from '#kernel/errors.ts';
import { encodeId } from '#kernel/ids.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Account: UserRow;
    Viewer: Context;
    ViewerActor: Context['actor'];
  }
}

builder.objectType('Account', {
  description: "The caller's own data, readable without any scope.",
  tenancy: { tenant: 'tenantId' },
  access: 'authenticated',
  fields: (t) => ({
    id: t.id({
      description: "The person's user id.",
      resolve: (user) => encodeId('user', user.id),
    }),
    email: t.exposeString('email', { description: 'E-mail address.' }),
    emailVerified: t.exposeBoolean('emailVerified', {
      description: 'Whether the address was shown to be theirs.',
    }),
    displayName: t.exposeString('displayName', {
      nullable: true,
      description: 'The name to show.',
    }),
    givenName: t.exposeString('givenName', { nullable: true, description: 'Given name.' }),
    familyName: t.exposeString('familyName', { nullable: true, description: 'Family name.' }),
    locale: t.exposeString('locale', {
      nullable: true,
      description: 'Preferred language, a BCP 47 tag.',
    }),
    effectiveScopes: t.stringList({
      description: 'What their roles grant, own ones and those of their groups.',
      // Known since the credential was looked at, which is asked anew within a second.
      resolve: (_user, _args, { actor }) => [...(actor.authentication?.may ?? [])].sort(),
    }),
  }),
});

builder.objectType('ViewerActor', {
  description: 'The credential that was presented.',
  tenancy: 'global',
  access: 'authenticated',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'user, api-key, client or internal.' }),
    id: t.id({
      nullable: true,
      description: 'The user, API key or client, where there is one.',
      resolve: ({ kind, id }) => {
        const type = idTypeOfActor(kind);
        return type && id ? encodeId(type, id) : null;
      },
    }),
  }),
});

builder.objectType('Viewer', {
  description: 'Who is calling.',
  tenancy: 'global',
  access: 'authenticated',
  fields: (t) => ({
    actor: t.field({
      type: 'ViewerActor',
      description: 'The credential.',
      resolve: (ctx) => ctx.actor,
    }),
    tenant: t.field({
      type: 'Tenant',
      description: 'The tenant that the call acts in.',
      resolve: async (ctx) => {
        const row = await getTenant(ctx, ctx.tenantId);
        if (!row) throw new NotFound('Tenant');
        return row;
      },
    }),
    now: t.field({
      type: 'DateTime',
      description:
        "The server's time: compare with it what expires, since the clock of a browser may be wrong.",
      resolve: (ctx) => ctx.clock.now(),
    }),
    scopes: t.stringList({
      description: 'What the caller may do here, after every intersection.',
      resolve: (ctx) => [...ctx.actor.scopes].sort(),
    }),
    account: t.field({
      type: 'Account',
      nullable: true,
      description:
        'The person who calls, by themselves or by an application of the tenant; null for others.',
      resolve: ({ actor, ...ctx }) =>
        actor.kind === 'user' && actor.id && actor.client?.firstParty !== false
          ? getUser({ ...ctx, actor }, actor.id)
          : null,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: 'Viewer',
    access: 'authenticated',
    description: 'Who is calling.',
    resolve: (_root, _args, ctx) => ctx,
  }),
);
