/** Roles in the graph, and what users and groups have of them. */
import { batched, batchedPages } from '#graphql/batched-pages.ts';
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { reads, rowsRead } from '#graphql/rows-read.ts';
import { encodeId } from '#kernel/ids.ts';
import { assignRole, unassignRole } from './assignments.commands.ts';
import { createRole, deleteRole, updateRole } from './roles.commands.ts';
import { type RoleRow, scopesOf } from './roles.model.ts';
import {
  effectiveScopes,
  getRole,
  listRoles,
  type RoleFilter,
  rolesById,
  rolesOfGroups,
  rolesOfUsers,
} from './roles.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Role: RoleRow;
  }
}

builder.objectType('Role', {
  description:
    'A named set of scopes. Whoever has the role, directly or through a group, may use them.',
  ...nodeType({
    name: 'Role',
    idType: 'role',
    access: { scopes: [['roles:read']] },
    tenancy: { tenant: 'tenantId' },
    load: rolesById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', extensions: reads('id'), resolve: globalId('role') }),
    name: t.exposeString('name', { description: 'Unique in the tenant whatever its letter case.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What the role is for.',
    }),
    scopes: t.stringList({
      description: 'What the role grants. That of a built-in role follows the catalogue of scopes.',
      resolve: (role) => [...scopesOf(role)],
    }),
    builtIn: t.boolean({
      description: 'Whether it came with the tenant: owner, admin, auditor or member.',
      resolve: (role) => role.builtIn !== null,
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the role was created.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the role was last changed.',
    }),
  }),
});

const RoleFilterInput = builder.inputType('RoleFilter', {
  description: 'Which roles.',
  fields: (t) => ({
    namePrefix: t.string({
      description:
        'Names that begin with this, whatever the letter case; the list is in their order.',
    }),
  }),
});

builder.queryFields((t) => ({
  role: t.field({
    type: 'Role',
    nullable: true,
    access: { scopes: [['roles:read']] },
    description: 'One role; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'A role id.' }) },
    resolve: (_, { id }, ctx) => getRole(ctx, idArgument('id', 'role', id)),
  }),
  roles: t.field({
    type: connection('Role'),
    accessOf: 'Role',
    access: { scopes: [['roles:read']] },
    description: "The tenant's roles, the oldest first unless the filter says otherwise.",
    args: {
      filter: t.arg({ type: RoleFilterInput, description: 'Which roles.' }),
      ...pageArguments(t.arg),
    },
    resolve: (_, { filter, ...request }, ctx, info) =>
      listRoles(ctx, (filter ?? {}) as RoleFilter, { ...request, reads: rowsRead(info) }) as never,
  }),
}));

builder.objectFields('User', (t) => ({
  roles: t.field({
    type: connection('Role'),
    accessOf: 'Role',
    description:
      'The roles assigned to the user directly; those of their groups are at the groups.',
    args: pageArguments(t.arg),
    extensions: reads('id'),
    resolve: (user, request, ctx, info) =>
      batchedPages<RoleRow>(
        ctx,
        { shape: rolesOfUsers, column: 'ur.user_id' },
        { ...request, reads: rowsRead(info) },
      )(user.id) as never,
  }),
  effectiveScopes: t.stringList({
    access: { scopes: [['users:read', 'roles:read']] },
    description: 'All that the roles of the user and of their groups grant, sorted, each once.',
    resolve: (user, _, ctx) =>
      batched(ctx, 'effective scopes', async (ids) => {
        const held = await effectiveScopes(ctx, ids);
        return ids.map((id) => [...(held.get(id) ?? [])].sort());
      })(user.id),
  }),
}));

builder.objectField('Group', 'roles', (t) =>
  t.field({
    type: connection('Role'),
    accessOf: 'Role',
    description: 'The roles that every member of the group has through it.',
    args: pageArguments(t.arg),
    extensions: reads('id'),
    resolve: (group, request, ctx, info) =>
      batchedPages<RoleRow>(
        ctx,
        { shape: rolesOfGroups, column: 'gr.group_id' },
        {
          ...request,
          reads: rowsRead(info),
        },
      )(group.id) as never,
  }),
);

const one = (description: string) => ({ type: 'Role' as const, description });

mutation('createRole', createRole, (t) => ({
  role: t.field({ ...one('The new role.'), resolve: (row) => row }),
}));
mutation('updateRole', updateRole, (t) => ({
  role: t.field({ ...one('The role after the change.'), resolve: (row) => row }),
}));
mutation('deleteRole', deleteRole, (t) => ({
  deletedId: t.id({
    description: 'The id that is gone.',
    resolve: ({ id }) => encodeId('role', id),
  }),
}));
mutation('assignRole', assignRole, (t) => ({
  role: t.field({ ...one('The role that was assigned.'), resolve: ({ role }) => role }),
}));
mutation('unassignRole', unassignRole, (t) => ({
  role: t.field({ ...one('The role that was taken away.'), resolve: ({ role }) => role }),
}));
