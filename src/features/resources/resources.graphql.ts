/** API resources in the graph. */
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { enumOf } from '#graphql/input-types.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { encodeId } from '#kernel/ids.ts';
import { createResource, deleteResource, updateResource } from './resources.commands.ts';
import {
  type ResourceRow,
  type ResourceScope as Scope,
  tokenAlg,
  tokenFormat,
} from './resources.model.ts';
import { getResource, listResources, resourcesById } from './resources.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Resource: ResourceRow;
    ResourceScope: Scope;
  }
}

builder.objectType('ResourceScope', {
  description: 'Something that may be done in an API.',
  tenancy: 'global',
  access: { scopes: [['resources:read']] },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What clients ask for.' }),
    description: t.exposeString('description', {
      description: 'What it allows, in the words of the consent page.',
    }),
  }),
});

builder.objectType('Resource', {
  description: 'An API that tokens are made for (RFC 8707).',
  ...nodeType({
    name: 'Resource',
    idType: 'resource',
    access: { scopes: [['resources:read']] },
    tenancy: { tenant: 'tenantId' },
    load: resourcesById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', resolve: globalId('resource') }),
    identifier: t.exposeString('identifier', {
      description: 'What clients ask for, and the `aud` of its tokens.',
    }),
    name: t.exposeString('name', { description: 'The name to show.' }),
    tokenFormat: t.field({
      type: enumOf(tokenFormat) as never,
      description: 'The form of its access tokens.',
      resolve: (row) => row.tokenFormat as never,
    }),
    tokenSeconds: t.exposeInt('tokenSeconds', {
      description: 'Seconds that its access tokens live.',
    }),
    signingAlg: t.field({
      type: enumOf(tokenAlg) as never,
      description: 'What signs its tokens.',
      resolve: (row) => row.signingAlg as never,
    }),
    allowOffline: t.exposeBoolean('allowOffline', {
      description: 'Whether refresh tokens may bring tokens for it.',
    }),
    scopes: t.field({
      type: ['ResourceScope'],
      description: 'All that may be done in it, in the order of the names.',
      resolve: (row) => [...row.scopes],
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When it was last changed.',
    }),
  }),
});

builder.queryFields((t) => ({
  resource: t.field({
    type: 'Resource',
    nullable: true,
    access: { scopes: [['resources:read']] },
    description: 'One API resource; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'A resource id.' }) },
    resolve: (_, { id }, ctx) => getResource(ctx, idArgument('id', 'resource', id)),
  }),
  resources: t.field({
    type: connection('Resource'),
    accessOf: 'Resource',
    access: { scopes: [['resources:read']] },
    description: "The tenant's API resources, the oldest first.",
    args: pageArguments(t.arg),
    resolve: (_, request, ctx) => listResources(ctx, request) as never,
  }),
}));

const one = (description: string) => ({ type: 'Resource' as const, description });

mutation('createResource', createResource, (t) => ({
  resource: t.field({ ...one('The new API resource.'), resolve: (row) => row }),
}));
mutation('updateResource', updateResource, (t) => ({
  resource: t.field({ ...one('The API resource after the change.'), resolve: (row) => row }),
}));
mutation('deleteResource', deleteResource, (t) => ({
  deletedId: t.id({
    description: 'The id that is gone.',
    resolve: ({ id }) => encodeId('resource', id),
  }),
}));
