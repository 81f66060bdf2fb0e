/** Tenants in the graph: the caller's own, and all of them for the platform's operators. */
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { enumOf } from '#graphql/input-types.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { NotFound } from '#kernel/errors.ts';
import {
  activateTenant,
  createTenant,
  deleteTenant,
  suspendTenant,
  updateTenant,
} from './tenants.commands.ts';
import { type TenantRow, tenantStatus } from './tenants.model.ts';
import {
  findTenant,
  getTenant,
  listTenants,
  type TenantFilter,
  tenantsById,
} from './tenants.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Tenant: TenantRow;
  }
}

const TenantStatus = enumOf(tenantStatus);

builder.objectType('Tenant', {
  description: 'A customer of the platform: a directory, an issuer and an audit log of its own.',
  ...nodeType({
    name: 'Tenant',
    idType: 'tenant',
    access: 'authenticated',
    tenancy: { tenant: 'id', orScope: 'platform:tenants' },
    load: tenantsById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', resolve: globalId('tenant') }),
    slug: t.exposeString('slug', { description: 'Names the tenant in paths; it never changes.' }),
    host: t.exposeString('host', { nullable: true, description: "The tenant's own host name." }),
    issuer: t.exposeString('issuer', {
      nullable: true,
      description: 'The issuer identifier of its tokens.',
    }),
    name: t.exposeString('name', { description: 'The name to show.' }),
    status: t.field({
      type: TenantStatus as never,
      description: 'Whether its doors are open.',
      resolve: (row) => row.status as never,
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the tenant was created.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the tenant was last changed.',
    }),
  }),
});

const TenantFilterInput = builder.inputType('TenantFilter', {
  description: 'Which tenants.',
  fields: (t) => ({
    slug: t.string({ description: 'The tenant with exactly this slug.' }),
    status: t.field({ type: TenantStatus as never, description: 'Only tenants of this status.' }),
  }),
});

builder.queryFields((t) => ({
  tenant: t.field({
    type: 'Tenant',
    access: 'authenticated',
    description: "The caller's tenant; at the platform door the one that X-Tenant-ID chose.",
    resolve: async (_root, _args, ctx) => {
      const row = await getTenant(ctx, ctx.tenantId);
      if (!row) throw new NotFound('Tenant');
      return row;
    },
  }),
  tenantById: t.field({
    type: 'Tenant',
    nullable: true,
    access: { scopes: [['platform:tenants']] },
    description: 'One tenant; null when there is none with this id. At the platform door only.',
    args: { id: t.arg.id({ required: true, description: 'A tenant id.' }) },
    resolve: (_root, { id }, ctx) => findTenant(ctx, idArgument('id', 'tenant', id)),
  }),
  tenants: t.field({
    type: connection('Tenant'),
    accessOf: 'Tenant',
    access: { scopes: [['platform:tenants']] },
    description: 'All tenants. At the platform door only.',
    args: {
      filter: t.arg({ type: TenantFilterInput, description: 'Which tenants.' }),
      ...pageArguments(t.arg),
    },
    resolve: (_root, { filter, ...request }, ctx) =>
      listTenants(ctx, (filter ?? {}) as TenantFilter, request) as never,
  }),
}));

const one = (description: string) => ({ type: 'Tenant' as const, description });

mutation('createTenant', createTenant, (t) => ({
  tenant: t.field({ ...one('The new tenant.'), resolve: (row) => row }),
}));
mutation('updateTenant', updateTenant, (t) => ({
  tenant: t.field({ ...one('The tenant after the change.'), resolve: (row) => row }),
}));
mutation('suspendTenant', suspendTenant, (t) => ({
  tenant: t.field({ ...one('The suspended tenant.'), resolve: (row) => row }),
}));
mutation('activateTenant', activateTenant, (t) => ({
  tenant: t.field({ ...one('The open tenant.'), resolve: (row) => row }),
}));
mutation('deleteTenant', deleteTenant, (t) => ({
  tenant: t.field({
    ...one('The deleted tenant, as it is kept until it is purged.'),
    resolve: (row) => row,
  }),
}));
