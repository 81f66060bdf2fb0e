/** API keys in the graph. The secret exists only in the answers of createApiKey and rotateApiKey. */
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { creatorId } from '#kernel/actor.ts';
import { createApiKey, type NewApiKey, revokeApiKey, rotateApiKey } from './api-keys.commands.ts';
import type { ApiKeyRow } from './api-keys.model.ts';
import { apiKeysById, getApiKey, listApiKeys } from './api-keys.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    ApiKey: ApiKeyRow;
  }
}

builder.objectType('ApiKey', {
  description:
    'A credential of a machine. It never outranks nor outlives the user or key that made it.',
  ...nodeType({
    name: 'ApiKey',
    idType: 'key',
    access: { scopes: [['api-keys:read']] },
    tenancy: { tenant: 'tenantId' },
    load: apiKeysById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', resolve: globalId('key') }),
    name: t.exposeString('name', { description: 'What the key is for.' }),
    prefix: t.exposeString('prefix', { description: 'The part of the secret that may be shown.' }),
    scopes: t.stringList({
      description: 'What the key may do, as far as its creator still may.',
      resolve: (key) => [...key.scopes],
    }),
    createdBy: t.id({
      nullable: true,
      description: 'The user or API key that made it; null when the platform did.',
      resolve: creatorId,
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was made.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops working by itself.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last presented, to about half a minute.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked.',
    }),
  }),
});

builder.queryFields((t) => ({
  apiKey: t.field({
    type: 'ApiKey',
    nullable: true,
    access: { scopes: [['api-keys:read']] },
    description: 'One API key; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'An API key id.' }) },
    resolve: (_root, { id }, ctx) => getApiKey(ctx, idArgument('id', 'key', id)),
  }),
  apiKeys: t.field({
    type: connection('ApiKey'),
    accessOf: 'ApiKey',
    access: { scopes: [['api-keys:read']] },
    description: "The tenant's API keys, the oldest first; revoked ones included.",
    args: pageArguments(t.arg),
    resolve: (_root, request, ctx) => listApiKeys(ctx, request) as never,
  }),
}));

const secretOf = {
  description: 'The whole secret. It is shown here and never again.',
  resolve: (made: NewApiKey) => made.secret,
};

mutation('createApiKey', createApiKey, (t) => ({
  apiKey: t.field({ type: 'ApiKey', description: 'The new key.', resolve: (made) => made.apiKey }),
  secret: t.string(secretOf),
}));
mutation('rotateApiKey', rotateApiKey, (t) => ({
  apiKey: t.field({ type: 'ApiKey', description: 'The key.', resolve: (made) => made.apiKey }),
  secret: t.string(secretOf),
}));
mutation('revokeApiKey', revokeApiKey, (t) => ({
  apiKey: t.field({ type: 'ApiKey', description: 'The revoked key.', resolve: (row) => row }),
}));
