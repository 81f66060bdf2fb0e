/** Log streams in the graph: what they were told, and what can be done with them. */

import './stream-status.graphql.ts';
import { auditSeverity } from '#features/audit/audit.model.ts';
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { enumOf } from '#graphql/input-types.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { encodeId } from '#kernel/ids.ts';
import { discardDeadLetters, replayDeadLetters } from './dead-letters.commands.ts';
import { createLogStream, deleteLogStream, updateLogStream } from './log-streams.commands.ts';
import { destinationKind, type LogStreamRow, logStreamState } from './log-streams.model.ts';
import { getLogStream, listLogStreams, logStreamsById } from './log-streams.queries.ts';
import { rotateLogStreamSecret, testLogStream } from './stream-secrets.commands.ts';
import { pauseLogStream, resumeLogStream, rewindLogStream } from './stream-states.commands.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    LogStream: LogStreamRow;
  }
}

const access = { scopes: [['streams:read']] };

builder.objectType('LogStream', {
  description: 'Where events of the audit log are sent, in their order and at least once.',
  ...nodeType({
    name: 'LogStream',
    idType: 'logstream',
    access,
    tenancy: { tenant: 'tenantId' },
    load: logStreamsById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', resolve: globalId('logstream') }),
    name: t.exposeString('name', { description: 'The name to show.' }),
    kind: t.field({
      type: enumOf(destinationKind) as never,
      description: 'What receives the events.',
      resolve: (row) => row.kind as never,
    }),
    settings: t.field({
      type: 'JSONObject',
      description: 'Where and how, as the kind knows it. Secrets are never among them.',
      resolve: (row) => ({ ...row.settings }),
    }),
    eventTypes: t.field({
      type: ['String'],
      description:
        'Only events of these types: exactly, or by prefix (`user.*`). Empty: every type.',
      resolve: (row) => [...row.eventTypes],
    }),
    minSeverity: t.field({
      type: enumOf(auditSeverity) as never,
      description: 'Only events of this severity or a higher one.',
      resolve: (row) => row.minSeverity as never,
    }),
    batchSeconds: t.exposeInt('batchSeconds', {
      description: 'How many seconds events are gathered for a batch that is not full.',
    }),
    where: t.exposeBoolean('withWhere', {
      description: 'Whether addresses and agents of people are opened and sent.',
    }),
    state: t.field({
      type: enumOf(logStreamState) as never,
      description: 'Whether it sends.',
      resolve: (row) => row.state as never,
    }),
    stateReason: t.exposeString('stateReason', {
      nullable: true,
      description: 'Why it disabled itself.',
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
  logStream: t.field({
    type: 'LogStream',
    nullable: true,
    access,
    description: 'One log stream; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'A log stream id.' }) },
    resolve: (_root, { id }, ctx) => getLogStream(ctx, idArgument('id', 'logstream', id)),
  }),
  logStreams: t.field({
    type: connection('LogStream'),
    accessOf: 'LogStream',
    access,
    description: "The tenant's log streams, the oldest first.",
    args: pageArguments(t.arg),
    resolve: (_root, request, ctx) => listLogStreams(ctx, request) as never,
  }),
}));

const after = { type: 'LogStream' as const, description: 'The log stream after the change.' };
const secret = (when: string) => ({ nullable: true as const, description: when });

mutation('createLogStream', createLogStream, (t) => ({
  logStream: t.field({
    type: 'LogStream',
    description: 'The new log stream.',
    resolve: ({ stream }) => stream,
  }),
  secret: t.exposeString(
    'secret',
    secret('What signs its webhooks, if it was made here. Shown only now.'),
  ),
}));
mutation('updateLogStream', updateLogStream, (t) => ({
  logStream: t.field({ ...after, resolve: (row) => row }),
}));
mutation('deleteLogStream', deleteLogStream, (t) => ({
  deletedId: t.id({
    description: 'The id that is gone.',
    resolve: ({ id }) => encodeId('logstream', id),
  }),
}));
mutation('pauseLogStream', pauseLogStream, (t) => ({
  logStream: t.field({ ...after, resolve: (row) => row }),
}));
mutation('resumeLogStream', resumeLogStream, (t) => ({
  logStream: t.field({ ...after, resolve: (row) => row }),
}));
mutation('rewindLogStream', rewindLogStream, (t) => ({
  logStream: t.field({ ...after, resolve: (row) => row }),
}));
mutation('testLogStream', testLogStream, (t) => ({
  delivered: t.boolean({
    description: 'Whether the receiver took it.',
    resolve: ({ kind }) => kind === 'delivered',
  }),
  reason: t.string({
    nullable: true,
    description: 'Why it did not.',
    resolve: (outcome) => (outcome.kind === 'delivered' ? null : outcome.reason),
  }),
  status: t.int({
    nullable: true,
    description: 'Its HTTP status, if it answered otherwise than with success.',
    resolve: (outcome) => (outcome.kind === 'delivered' ? null : (outcome.status ?? null)),
  }),
}));
mutation('rotateLogStreamSecret', rotateLogStreamSecret, (t) => ({
  logStream: t.field({ ...after, resolve: ({ stream }) => stream }),
  secret: t.exposeString(
    'secret',
    secret('The new secret of signed webhooks, if it was made here. Shown only now.'),
  ),
}));
mutation('replayLogStreamDeadLetters', replayDeadLetters, (t) => ({
  logStream: t.field({ ...after, resolve: ({ stream }) => stream }),
  count: t.exposeInt('count', { description: 'How many are sent again.' }),
}));
mutation('discardLogStreamDeadLetters', discardDeadLetters, (t) => ({
  logStream: t.field({ ...after, resolve: ({ stream }) => stream }),
  count: t.exposeInt('count', { description: 'How many were given up.' }),
}));
