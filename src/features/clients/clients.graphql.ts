/** Clients in the graph. A secret exists only in the answers of createClient and rotateClientSecret. */
import type { ObjectFieldBuilder } from '@pothos/core';
import { tokenAlg } from '#features/resources/resources.model.ts';
import { type BuilderTypes, builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { enumOf } from '#graphql/input-types.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { creatorId } from '#kernel/actor.ts';
import { encodeId } from '#kernel/ids.ts';
import { type NewSecret, rotateClientSecret } from './client-secrets.commands.ts';
import { deleteClient, disableClient, enableClient, updateClient } from './clients.commands.ts';
import { type ClientRow, clientAuthMethod, clientType } from './clients.model.ts';
import { type ClientFilter, clientsById, getClient, listClients } from './clients.queries.ts';
import { createClient } from './new-clients.commands.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Client: ClientRow;
  }
}

const typeOfClient = enumOf(clientType);

type Fields = ObjectFieldBuilder<BuilderTypes, ClientRow>;

/** What it is, and who decides about it. */
const aboutFields = (t: Fields) => ({
  id: t.id({ description: 'Its `client_id`, and its global id.', resolve: globalId('client') }),
  name: t.exposeString('name', { description: 'The name that people see.' }),
  type: t.field({
    type: typeOfClient as never,
    description: 'Where it runs.',
    resolve: (row) => row.type as never,
  }),
  firstParty: t.exposeBoolean('firstParty', {
    description: "Whether it is the tenant's own: then nobody is asked for consent.",
  }),
  publisher: t.exposeString('publisher', {
    nullable: true,
    description: 'Who is behind it, as the consent page says it.',
  }),
  disabledAt: t.expose('disabledAt', {
    type: 'DateTime',
    nullable: true,
    description: 'Since when it is disabled; null while it works.',
  }),
  createdBy: t.id({
    nullable: true,
    description:
      'The user, API key or client that made it, or the initial access token with which it registered itself; null when the platform did.',
    resolve: creatorId,
  }),
  version: t.exposeInt('version', {
    description: 'Grows with every change, not with its secrets.',
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
});

/** How it authenticates, and what it may ask for. */
const protocolFields = (t: Fields) => ({
  grantTypes: t.exposeStringList('grantTypes', { description: 'How it gets tokens.' }),
  tokenEndpointAuthMethod: t.field({
    type: enumOf(clientAuthMethod) as never,
    description: 'How it shows at the token endpoint who it is.',
    resolve: (row) => row.tokenEndpointAuthMethod as never,
  }),
  jwks: t.field({
    type: 'JSONObject',
    nullable: true,
    description: 'Its public keys, a JWK Set.',
    resolve: (row) => row.jwks as never,
  }),
  identityScopes: t.exposeStringList('identityScopes', {
    description: 'What it may learn about people.',
  }),
  apiScopes: t.exposeStringList('apiScopes', {
    description: "What it may do in this tenant's API.",
  }),
  audiences: t.exposeStringList('audiences', {
    description: 'Identifiers of the API resources that it may ask tokens for.',
  }),
  idTokenAlg: t.field({
    type: enumOf(tokenAlg) as never,
    description: 'What signs its ID tokens.',
    resolve: (row) => row.idTokenAlg as never,
  }),
  requireDpop: t.exposeBoolean('requireDpop', {
    description: 'Whether its tokens must be bound to a key of its own.',
  }),
  requirePar: t.exposeBoolean('requirePar', {
    description: 'Whether it must push authorization requests beforehand.',
  }),
});

const refreshFields = (t: Fields) => ({
  refreshRotation: t.exposeBoolean('refreshRotation', {
    description: 'Whether each refresh token works once.',
  }),
  refreshIdleSeconds: t.exposeInt('refreshIdleSeconds', {
    description: 'Seconds without use after which a refresh token ends.',
  }),
  refreshSeconds: t.exposeInt('refreshSeconds', {
    description: 'Seconds after which refresh tokens end in any case.',
  }),
});

function uriFields(t: Fields) {
  const link = (name: 'jwksUri' | 'logoUri' | 'clientUri' | 'policyUri' | 'termsUri', of: string) =>
    t.exposeString(name, { nullable: true, description: `An https link to ${of}.` });
  return {
    redirectUris: t.exposeStringList('redirectUris', {
      description: 'Where people return to after signing in, compared as whole texts.',
    }),
    postLogoutRedirectUris: t.exposeStringList('postLogoutRedirectUris', {
      description: 'Where people return to after signing out.',
    }),
    jwksUri: link('jwksUri', 'its public keys'),
    logoUri: link('logoUri', 'its logo'),
    clientUri: link('clientUri', 'its own site'),
    policyUri: link('policyUri', 'its privacy policy'),
    termsUri: link('termsUri', 'its terms of service'),
    backchannelLogoutUri: t.exposeString('backchannelLogoutUri', {
      nullable: true,
      description: 'Where it is told that a session has ended.',
    }),
  };
}

builder.objectType('Client', {
  description:
    'A program that people sign in to, or that calls by itself (RFC 6749, OpenID Connect).',
  ...nodeType({
    name: 'Client',
    idType: 'client',
    access: { scopes: [['clients:read']] },
    tenancy: { tenant: 'tenantId' },
    load: clientsById,
  }),
  fields: (t) => ({
    ...aboutFields(t),
    ...protocolFields(t),
    ...refreshFields(t),
    ...uriFields(t),
  }),
});

const ClientFilterInput = builder.inputType('ClientFilter', {
  description: 'Which clients.',
  fields: (t) => ({
    namePrefix: t.string({
      description:
        'Names that begin with this, whatever the letter case; the list is in their order.',
    }),
    type: t.field({ type: typeOfClient as never, description: 'Those of this type.' }),
  }),
});

builder.queryFields((t) => ({
  client: t.field({
    type: 'Client',
    nullable: true,
    access: { scopes: [['clients:read']] },
    description: 'One client; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'A client id.' }) },
    resolve: (_, { id }, ctx) => getClient(ctx, idArgument('id', 'client', id)),
  }),
  clients: t.field({
    type: connection('Client'),
    accessOf: 'Client',
    access: { scopes: [['clients:read']] },
    description: "The tenant's clients, the oldest first unless the filter says otherwise.",
    args: {
      filter: t.arg({ type: ClientFilterInput, description: 'Which clients.' }),
      ...pageArguments(t.arg),
    },
    resolve: (_, { filter, ...request }, ctx) =>
      listClients(ctx, (filter ?? {}) as ClientFilter, request) as never,
  }),
}));

const one = (description: string) => ({ type: 'Client' as const, description });
const secretOf = {
  nullable: true,
  description:
    'The whole secret, shown here and never again; null when it authenticates without one.',
  resolve: ({ secret }: NewSecret) => secret,
} as const;

mutation('createClient', createClient, (t) => ({
  client: t.field({ ...one('The new client.'), resolve: ({ client }) => client }),
  secret: t.string(secretOf),
}));
mutation('rotateClientSecret', rotateClientSecret, (t) => ({
  client: t.field({ ...one('The client.'), resolve: ({ client }) => client }),
  secret: t.string(secretOf),
}));
mutation('updateClient', updateClient, (t) => ({
  client: t.field({ ...one('The client after the change.'), resolve: (row) => row }),
}));
mutation('disableClient', disableClient, (t) => ({
  client: t.field({ ...one('The disabled client.'), resolve: (row) => row }),
}));
mutation('enableClient', enableClient, (t) => ({
  client: t.field({ ...one('The client, which works again.'), resolve: (row) => row }),
}));
mutation('deleteClient', deleteClient, (t) => ({
  deletedId: t.id({
    description: 'The id that is gone.',
    resolve: ({ id }) => encodeId('client', id),
  }),
}));
