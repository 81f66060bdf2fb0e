/** Users in the graph. Groups and roles of a user are added by their own rooms. */
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { enumOf } from '#graphql/input-types.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { reads, rowsRead } from '#graphql/rows-read.ts';
import { encodeId } from '#kernel/ids.ts';
import { activateUser, createUser, deleteUser, suspendUser, updateUser } from './users.commands.ts';
import { type UserRow, userStatus } from './users.model.ts';
import { getUser, listUsers, type UserFilter, usersById } from './users.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    User: UserRow;
  }
}

const UserStatus = enumOf(userStatus);

builder.objectType('User', {
  description: "A person of the tenant's directory.",
  ...nodeType({
    name: 'User',
    idType: 'user',
    access: { scopes: [['users:read']] },
    tenancy: { tenant: 'tenantId' },
    load: usersById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', extensions: reads('id'), resolve: globalId('user') }),
    email: t.exposeString('email', { description: 'E-mail address, as it was given.' }),
    emailVerified: t.exposeBoolean('emailVerified', {
      description: 'Whether the user has shown that the address is theirs.',
    }),
    displayName: t.exposeString('displayName', {
      nullable: true,
      description: 'The name to show.',
    }),
    givenName: t.exposeString('givenName', { nullable: true, description: 'Given name.' }),
    familyName: t.exposeString('familyName', { nullable: true, description: 'Family name.' }),
    status: t.field({
      type: UserStatus as never,
      description: 'Whether the user may act.',
      extensions: reads('status'),
      resolve: (row) => row.status as never,
    }),
    locale: t.exposeString('locale', {
      nullable: true,
      description: 'Preferred language, a BCP 47 tag.',
    }),
    attributes: t.expose('attributes', {
      type: 'JSONObject',
      description: "The tenant's own data about the user.",
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the user was created.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the user was last changed.',
    }),
  }),
});

const UserFilterInput = builder.inputType('UserFilter', {
  description: 'Which users. At most one of email, emailPrefix and search.',
  fields: (t) => ({
    email: t.string({
      description: 'The user with exactly this address, whatever its letter case.',
    }),
    emailPrefix: t.string({
      description: 'Addresses that begin with this; the list is in their order.',
    }),
    search: t.string({
      description:
        'Whole words of the names or of the address, all of which must occur; at most 8.',
    }),
    status: t.field({ type: UserStatus as never, description: 'Only users of this status.' }),
  }),
});

builder.queryFields((t) => ({
  user: t.field({
    type: 'User',
    nullable: true,
    access: { scopes: [['users:read']] },
    description: 'One user; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'A user id.' }) },
    resolve: (_, { id }, ctx) => getUser(ctx, idArgument('id', 'user', id)),
  }),
  users: t.field({
    type: connection('User'),
    accessOf: 'User',
    access: { scopes: [['users:read']] },
    description: "The tenant's users, the oldest first unless the filter says otherwise.",
    args: {
      filter: t.arg({ type: UserFilterInput, description: 'Which users.' }),
      ...pageArguments(t.arg),
    },
    resolve: (_, { filter, ...request }, ctx, info) =>
      listUsers(ctx, (filter ?? {}) as UserFilter, { ...request, reads: rowsRead(info) }) as never,
  }),
}));

const one = (description: string) => ({ type: 'User' as const, description });

mutation('createUser', createUser, (t) => ({
  user: t.field({ ...one('The new user.'), resolve: (row) => row }),
}));
mutation('updateUser', updateUser, (t) => ({
  user: t.field({ ...one('The user after the change.'), resolve: (row) => row }),
}));
mutation('suspendUser', suspendUser, (t) => ({
  user: t.field({ ...one('The suspended user.'), resolve: (row) => row }),
}));
mutation('activateUser', activateUser, (t) => ({
  user: t.field({ ...one('The active user.'), resolve: (row) => row }),
}));
mutation('deleteUser', deleteUser, (t) => ({
  deletedId: t.id({
    description: 'The id that is gone.',
    resolve: ({ id }) => encodeId('user', id),
  }),
}));
