/** Sessions in the graph: a user's for administrators, one's own without any scope. */
import type { ObjectFieldBuilder } from '@pothos/core';
import { batchedPages } from '#graphql/batched-pages.ts';
import { type BuilderTypes, builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, nodeType } from '#graphql/nodes.ts';
import { reads } from '#graphql/rows-read.ts';
import type { Context } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import { deviceOf, deviceText } from './devices.model.ts';
import { endSession, endUserSessions, signOut } from './sessions.commands.ts';
import type { SessionRow } from './sessions.model.ts';
import {
  getSession,
  listSessions,
  live,
  openSignedInFrom,
  type SignedInFrom,
  sessionsById,
  sessionsOf,
} from './sessions.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Session: SessionRow;
    OwnSession: SessionRow;
  }
}

const opened = new WeakMap<SessionRow, Promise<SignedInFrom>>();

function signedInFrom(ctx: Context, row: SessionRow): Promise<SignedInFrom> {
  const known = opened.get(row) ?? openSignedInFrom(ctx, row);
  opened.set(row, known);
  return known;
}

function sessionFields(t: ObjectFieldBuilder<BuilderTypes, SessionRow>) {
  return {
    id: t.id({ description: 'Global id.', resolve: globalId('session') }),
    amr: t.exposeStringList('amr', {
      description: 'How the person showed who they are: methods of RFC 8176.',
    }),
    acr: t.exposeString('acr', {
      description:
        'What that adds up to: `pwd`, or `mfa` for two factors. A code by e-mail adds none to a password.',
    }),
    authTime: t.expose('authTime', {
      type: 'DateTime',
      description: 'When they last showed it.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they signed in.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When it was last used, to about a minute.',
    }),
    idleExpiresAt: t.expose('idleExpiresAt', {
      type: 'DateTime',
      description: 'When it ends unless it is used.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it ends in any case.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was ended before its time.',
    }),
    ipAddress: t.string({
      nullable: true,
      description: 'The address at sign-in.',
      resolve: async (row, _args, ctx) => (await signedInFrom(ctx, row)).ipAddress ?? null,
    }),
    device: t.string({
      nullable: true,
      description:
        'The same in plain words, such as `Firefox on Windows`; null when it is unknown.',
      resolve: async (row, _args, ctx) =>
        deviceText(deviceOf((await signedInFrom(ctx, row)).userAgent)),
    }),
    userAgent: t.string({
      nullable: true,
      description: 'The browser at sign-in, as it named itself.',
      resolve: async (row, _args, ctx) => (await signedInFrom(ctx, row)).userAgent ?? null,
    }),
  };
}

builder.objectType('Session', {
  description: 'A person who is signed in, in one browser.',
  ...nodeType({
    name: 'Session',
    idType: 'session',
    access: { scopes: [['sessions:read']] },
    tenancy: { tenant: 'tenantId' },
    load: sessionsById,
  }),
  fields: (t) => ({
    ...sessionFields(t),
    userId: t.id({
      description: 'Who is signed in.',
      resolve: ({ userId }) => encodeId('user', userId),
    }),
  }),
});

builder.objectType('OwnSession', {
  description: "One of the caller's own sessions, readable without any scope.",
  tenancy: { tenant: 'tenantId' },
  access: 'authenticated',
  fields: (t) => ({
    ...sessionFields(t),
    current: t.boolean({
      description: 'Whether it is the one that calls.',
      resolve: ({ id }, _args, { actor }) => actor.authentication?.sessionId === id,
    }),
  }),
});

builder.objectField('User', 'sessions', (t) =>
  t.field({
    type: connection('Session'),
    accessOf: 'Session',
    description: 'Where the user is signed in, the oldest session first.',
    args: pageArguments(t.arg),
    extensions: reads('id'),
    resolve: (user, request, ctx) => {
      const nested = { shape: sessionsOf, column: 's.user_id', conditions: [live(ctx)] };
      return batchedPages<SessionRow>(ctx, nested, request)(user.id) as never;
    },
  }),
);

builder.objectFields('Viewer', (t) => ({
  session: t.field({
    type: 'OwnSession',
    nullable: true,
    description: 'The session that calls; null for all but people. Warn before it expires.',
    resolve: (_viewer, _args, ctx) => {
      const id = ctx.actor.authentication?.sessionId;
      return id ? getSession(ctx, id) : null;
    },
  }),
  sessions: t.field({
    type: connection('OwnSession'),
    accessOf: 'OwnSession',
    description: 'Where the caller is signed in, the oldest session first; empty for keys.',
    args: pageArguments(t.arg),
    resolve: (_viewer, request, ctx) => {
      const person = ctx.actor.kind === 'user' ? ctx.actor.id : null;
      return listSessions(ctx, person, request) as never;
    },
  }),
}));

const endedIds = (description: string) => ({
  description,
  resolve: ({ ids }: { ids: readonly string[] }) => ids.map((id) => encodeId('session', id)),
});

mutation('endSession', endSession, (t) => ({
  endedIds: t.idList(endedIds('The session that has ended.')),
}));
mutation('endUserSessions', endUserSessions, (t) => ({
  endedIds: t.idList(endedIds('The sessions that have ended.')),
}));
mutation('signOut', signOut, (t) => ({
  endedIds: t.idList(endedIds('The sessions that have ended.')),
}));
