/** In the graph: who may register clients, never their tokens but when they are made. */
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { creatorId } from '#kernel/actor.ts';
import { encodeId } from '#kernel/ids.ts';
import {
  createInitialAccessToken,
  revokeInitialAccessToken,
  updateClientRegistrationPolicy,
} from './client-registrations.commands.ts';
import type {
  ClientRegistrationPolicyRow,
  InitialAccessTokenRow,
} from './client-registrations.model.ts';
import {
  clientRegistrationPolicyOf,
  getInitialAccessToken,
  initialAccessTokensById,
  listInitialAccessTokens,
} from './client-registrations.queries.ts';
import { endClientRegistration } from './registered-clients.commands.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    ClientRegistrationPolicy: ClientRegistrationPolicyRow;
    InitialAccessToken: InitialAccessTokenRow;
  }
}

const access = { scopes: [['clients:read']] };

builder.objectType('ClientRegistrationPolicy', {
  description: 'Whether clients may register themselves (RFC 7591), and what they may have then.',
  tenancy: { tenant: 'tenantId' },
  access,
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', {
      description: 'Whether clients may register themselves.',
    }),
    grantTypes: t.exposeStringList('grantTypes', { description: 'How they may get tokens.' }),
    identityScopes: t.exposeStringList('identityScopes', {
      description: 'What they may learn about people.',
    }),
    apiScopes: t.exposeStringList('apiScopes', {
      description: "The most that they may do in this tenant's API.",
    }),
    audiences: t.exposeStringList('audiences', {
      description: 'Identifiers of the API resources that each of them may ask tokens for.',
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
  }),
});

builder.objectType('InitialAccessToken', {
  description: 'Lets so many clients register themselves (RFC 7591).',
  ...nodeType({
    name: 'InitialAccessToken',
    idType: 'initialtoken',
    access,
    tenancy: { tenant: 'tenantId' },
    load: initialAccessTokensById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', resolve: globalId('initialtoken') }),
    name: t.exposeString('name', { description: 'For whom or for what it is.' }),
    apiScopes: t.exposeStringList('apiScopes', {
      description: "What its clients may do in this tenant's API, as far as the policy allows.",
    }),
    maxClients: t.exposeInt('maxClients', {
      description: 'How many clients may register with it.',
    }),
    clientsMade: t.exposeInt('clientsMade', { description: 'How many did.' }),
    createdBy: t.id({
      nullable: true,
      description: 'The user, API key or client that made it; null when the platform did.',
      resolve: creatorId,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it stops working by itself.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked.',
    }),
  }),
});

builder.queryFields((t) => ({
  clientRegistrationPolicy: t.field({
    type: 'ClientRegistrationPolicy',
    access,
    description: 'Whether clients may register themselves, and what they may have then.',
    resolve: (_root, _args, ctx) => clientRegistrationPolicyOf(ctx),
  }),
  initialAccessToken: t.field({
    type: 'InitialAccessToken',
    nullable: true,
    access,
    description: 'One initial access token; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'An initial access token id.' }) },
    resolve: (_root, { id }, ctx) =>
      getInitialAccessToken(ctx, idArgument('id', 'initialtoken', id)),
  }),
  initialAccessTokens: t.field({
    type: connection('InitialAccessToken'),
    accessOf: 'InitialAccessToken',
    access,
    description:
      "The tenant's initial access tokens, the oldest first; those that are over stay for a month.",
    args: pageArguments(t.arg),
    resolve: (_root, request, ctx) => listInitialAccessTokens(ctx, request) as never,
  }),
}));

mutation('updateClientRegistrationPolicy', updateClientRegistrationPolicy, (t) => ({
  clientRegistrationPolicy: t.field({
    type: 'ClientRegistrationPolicy',
    description: 'The policy after the change.',
    resolve: (row) => row,
  }),
}));
mutation('createInitialAccessToken', createInitialAccessToken, (t) => ({
  initialAccessToken: t.field({
    type: 'InitialAccessToken',
    description: 'The new token, without itself.',
    resolve: (made) => made.initialAccessToken,
  }),
  token: t.string({
    description: 'The token. It is shown here and never again.',
    resolve: (made) => made.token,
  }),
}));
mutation('revokeInitialAccessToken', revokeInitialAccessToken, (t) => ({
  initialAccessToken: t.field({
    type: 'InitialAccessToken',
    description: 'The revoked token.',
    resolve: (row) => row,
  }),
}));
mutation('endClientRegistration', endClientRegistration, (t) => ({
  clientId: t.id({
    description: 'The client that manages itself no more.',
    resolve: ({ id }) => encodeId('client', id),
  }),
}));
