/** Consents in the graph: a user's for administrators, one's own without any scope. */
import type { ObjectFieldBuilder } from '@pothos/core';
import type { ResourceScopes } from '#features/grants/grants.model.ts';
import { batchedPages } from '#graphql/batched-pages.ts';
import { type BuilderTypes, builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, nodeType } from '#graphql/nodes.ts';
import { reads } from '#graphql/rows-read.ts';
import { encodeId } from '#kernel/ids.ts';
import { revokeConsent, revokeOwnConsent } from './consents.commands.ts';
import type { ConsentedClient as ClientShown, ConsentRow } from './consents.model.ts';
import { consentsById, consentsOfUsers, listConsents } from './consents.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Consent: ConsentRow;
    OwnConsent: ConsentRow;
    ConsentedClient: ClientShown;
    ConsentedResource: { readonly identifier: string; readonly scopes: readonly string[] };
  }
}

builder.objectType('ConsentedClient', {
  description: 'A client as people see it when they are asked.',
  tenancy: 'global',
  access: 'authenticated',
  fields: (t) => ({
    id: t.id({ description: 'Its `client_id`.', resolve: ({ id }) => encodeId('client', id) }),
    name: t.exposeString('name', { description: 'Its name.' }),
    publisher: t.exposeString('publisher', {
      nullable: true,
      description: 'Who is behind it.',
    }),
    logoUri: t.exposeString('logoUri', { nullable: true, description: 'Its logo.' }),
    clientUri: t.exposeString('clientUri', { nullable: true, description: 'Its own site.' }),
  }),
});

builder.objectType('ConsentedResource', {
  description: 'What was allowed in one API.',
  tenancy: 'global',
  access: 'authenticated',
  fields: (t) => ({
    identifier: t.exposeString('identifier', { description: 'The identifier of the API.' }),
    scopes: t.stringList({
      description: 'Its scopes.',
      resolve: ({ scopes }) => [...scopes].sort(),
    }),
  }),
});

const resources = (byIdentifier: ResourceScopes) =>
  Object.keys(byIdentifier)
    .sort()
    .map((identifier) => ({ identifier, scopes: byIdentifier[identifier] ?? [] }));

function consentFields(t: ObjectFieldBuilder<BuilderTypes, ConsentRow>) {
  return {
    id: t.id({ description: 'Global id.', resolve: globalId('consent') }),
    client: t.field({
      type: 'ConsentedClient',
      description: 'Who was allowed it.',
      resolve: ({ client }) => client,
    }),
    scopes: t.exposeStringList('scopes', { description: 'What it may learn about the person.' }),
    resourceScopes: t.field({
      type: ['ConsentedResource'],
      description: 'What it may do for the person, by API.',
      resolve: ({ resourceScopes }) => resources(resourceScopes),
    }),
    grantedAt: t.expose('grantedAt', {
      type: 'DateTime',
      description: 'When it was first allowed something.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When it was last allowed something.',
    }),
  };
}

builder.objectType('Consent', {
  description: 'What a person allowed a client, remembered so that they are asked once.',
  ...nodeType({
    name: 'Consent',
    idType: 'consent',
    access: { scopes: [['consents:read']] },
    tenancy: { tenant: 'tenantId' },
    load: consentsById,
  }),
  fields: (t) => ({
    ...consentFields(t),
    userId: t.id({
      description: 'Who allowed it.',
      resolve: ({ userId }) => encodeId('user', userId),
    }),
  }),
});

builder.objectType('OwnConsent', {
  description: 'What the caller allowed a client, readable without any scope.',
  tenancy: { tenant: 'tenantId' },
  access: 'authenticated',
  fields: consentFields,
});

builder.objectField('User', 'consents', (t) =>
  t.field({
    type: connection('Consent'),
    accessOf: 'Consent',
    description: 'What the user allowed clients, the oldest consent first.',
    args: pageArguments(t.arg),
    extensions: reads('id'),
    resolve: (user, request, ctx) =>
      batchedPages<ConsentRow>(
        ctx,
        { shape: consentsOfUsers, column: 'o.user_id' },
        request,
      )(user.id) as never,
  }),
);

builder.objectField('Viewer', 'consents', (t) =>
  t.field({
    type: connection('OwnConsent'),
    accessOf: 'OwnConsent',
    description:
      'What the caller allowed clients, the oldest consent first; empty for keys, and for applications of others.',
    args: pageArguments(t.arg),
    resolve: (_viewer, request, ctx) => {
      const { kind, id, client } = ctx.actor;
      const person = kind === 'user' && client?.firstParty !== false ? id : null;
      return listConsents(ctx, person, request) as never;
    },
  }),
);

const revokedId = {
  description: 'The consent that is gone.',
  resolve: ({ id }: { readonly id: string }) => encodeId('consent', id),
};

mutation('revokeConsent', revokeConsent, (t) => ({ revokedId: t.id(revokedId) }));
mutation('revokeOwnConsent', revokeOwnConsent, (t) => ({ revokedId: t.id(revokedId) }));
