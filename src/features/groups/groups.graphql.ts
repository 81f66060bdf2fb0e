/** Groups in the graph, and which a user is in. A group's roles are added by their own room. */
import type { UserRow } from '#features/users/users.model.ts';
import { batchedPages } from '#graphql/batched-pages.ts';
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { reads, rowsRead } from '#graphql/rows-read.ts';
import { encodeId } from '#kernel/ids.ts';
import {
  addGroupMember,
  createGroup,
  deleteGroup,
  removeGroupMember,
  updateGroup,
} from './groups.commands.ts';
import type { GroupRow } from './groups.model.ts';
import {
  type GroupFilter,
  getGroup,
  groupsById,
  groupsOfUsers,
  listGroups,
  usersOfGroups,
} from './groups.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Group: GroupRow;
  }
}

builder.objectType('Group', {
  description: 'A named set of users. What its roles grant, every member may do.',
  ...nodeType({
    name: 'Group',
    idType: 'group',
    access: { scopes: [['groups:read']] },
    tenancy: { tenant: 'tenantId' },
    load: groupsById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', extensions: reads('id'), resolve: globalId('group') }),
    name: t.exposeString('name', { description: 'Unique in the tenant whatever its letter case.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What the group is for.',
    }),
    version: t.exposeInt('version', {
      description:
        'Grows with every change of the name or description; not with its members or roles.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the group was created.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the group was last changed.',
    }),
    members: t.field({
      type: connection('User'),
      accessOf: 'User',
      description: 'The users in the group, the oldest user first.',
      args: pageArguments(t.arg),
      extensions: reads('id'),
      resolve: (group, request, ctx, info) =>
        batchedPages<UserRow>(
          ctx,
          { shape: usersOfGroups, column: 'm.group_id' },
          {
            ...request,
            reads: rowsRead(info),
          },
        )(group.id) as never,
    }),
  }),
});

const GroupFilterInput = builder.inputType('GroupFilter', {
  description: 'Which groups.',
  fields: (t) => ({
    namePrefix: t.string({
      description:
        'Names that begin with this, whatever the letter case; the list is in their order.',
    }),
  }),
});

builder.queryFields((t) => ({
  group: t.field({
    type: 'Group',
    nullable: true,
    access: { scopes: [['groups:read']] },
    description: 'One group; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'A group id.' }) },
    resolve: (_, { id }, ctx) => getGroup(ctx, idArgument('id', 'group', id)),
  }),
  groups: t.field({
    type: connection('Group'),
    accessOf: 'Group',
    access: { scopes: [['groups:read']] },
    description: "The tenant's groups, the oldest first unless the filter says otherwise.",
    args: {
      filter: t.arg({ type: GroupFilterInput, description: 'Which groups.' }),
      ...pageArguments(t.arg),
    },
    resolve: (_, { filter, ...request }, ctx, info) =>
      listGroups(ctx, (filter ?? {}) as GroupFilter, {
        ...request,
        reads: rowsRead(info),
      }) as never,
  }),
}));

builder.objectField('User', 'groups', (t) =>
  t.field({
    type: connection('Group'),
    accessOf: 'Group',
    description: 'The groups that the user is in, the oldest group first.',
    args: pageArguments(t.arg),
    extensions: reads('id'),
    resolve: (user, request, ctx, info) =>
      batchedPages<GroupRow>(
        ctx,
        { shape: groupsOfUsers, column: 'm.user_id' },
        {
          ...request,
          reads: rowsRead(info),
        },
      )(user.id) as never,
  }),
);

const one = (description: string) => ({ type: 'Group' as const, description });

mutation('createGroup', createGroup, (t) => ({
  group: t.field({ ...one('The new group.'), resolve: (row) => row }),
}));
mutation('updateGroup', updateGroup, (t) => ({
  group: t.field({ ...one('The group after the change.'), resolve: (row) => row }),
}));
mutation('deleteGroup', deleteGroup, (t) => ({
  deletedId: t.id({
    description: 'The id that is gone.',
    resolve: ({ id }) => encodeId('group', id),
  }),
}));
mutation('addGroupMember', addGroupMember, (t) => ({
  group: t.field({ ...one('The group that the user is in now.'), resolve: ({ group }) => group }),
}));
mutation('removeGroupMember', removeGroupMember, (t) => ({
  group: t.field({ ...one('The group that the user left.'), resolve: ({ group }) => group }),
}));
