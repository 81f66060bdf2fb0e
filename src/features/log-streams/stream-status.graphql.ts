/** How far a log stream has come, and what its receiver rejected. */
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { encodeId } from '#kernel/ids.ts';
import type { DeadLetterRow } from './log-streams.model.ts';
import { listDeadLetters } from './log-streams.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    LogStreamDeadLetter: DeadLetterRow;
  }
}

const access = { scopes: [['streams:read']] };

builder.objectFields('LogStream', (t) => ({
  deliveredUpTo: t.float({
    nullable: true,
    description:
      'The last leaf of the log that the receiver has, does not want by the filter, or that lies among the dead letters; null before the first.',
    resolve: ({ headLeaf }) => (headLeaf === '0' ? null : Number(headLeaf) - 1),
  }),
  pending: t.float({
    description: 'Events of the log behind deliveredUpTo, before the filter.',
    resolve: ({ headLeaf, leaves }) => Math.max(0, Number(BigInt(leaves) - BigInt(headLeaf))),
  }),
  lagSeconds: t.float({
    description:
      'Age of the oldest of them, or of an event that has no place in the log yet; 0 without any.',
    resolve: ({ headAt }, _args, ctx) =>
      headAt === null ? 0 : Math.max(0, (ctx.clock.ms() - headAt.getTime()) / 1000),
  }),
  attempts: t.int({
    description: 'Failed attempts at the batch that is to be sent first.',
    resolve: ({ attempts }) => attempts ?? 0,
  }),
  nextAttemptAt: t.expose('nextAttemptAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When that batch is tried again.',
  }),
  deadLetterCount: t.exposeInt('deadLetters', {
    description: 'Events that the receiver rejected.',
  }),
  lastSuccessAt: t.expose('lastSuccess', {
    type: 'DateTime',
    nullable: true,
    description: 'When the receiver last took something.',
  }),
  lastError: t.exposeString('lastError', {
    nullable: true,
    description: 'Why the last attempt failed that did.',
  }),
  lastErrorAt: t.expose('lastErrorAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When that was.',
  }),
  deadLetters: t.field({
    type: connection('LogStreamDeadLetter'),
    accessOf: 'LogStreamDeadLetter',
    description: 'Events that the receiver rejected, the oldest first.',
    args: pageArguments(t.arg),
    resolve: (row, request, ctx) => listDeadLetters(ctx, row.id, request) as never,
  }),
}));

builder.objectType('LogStreamDeadLetter', {
  description: 'An event that the receiver rejected when it was sent alone.',
  tenancy: { tenant: 'tenantId' },
  access,
  fields: (t) => ({
    eventId: t.id({
      description: 'The event; it names the dead letter in its stream.',
      resolve: ({ eventId }) => encodeId('event', eventId),
    }),
    deliveryId: t.exposeString('id', { description: 'The id under which it was sent.' }),
    leafIndex: t.float({
      description: 'Its place in the log.',
      resolve: ({ leafIndex }) => Number(leafIndex),
    }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried alone.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it was rejected.' }),
    status: t.exposeInt('status', {
      nullable: true,
      description: "The receiver's HTTP status, if it answered.",
    }),
    diedAt: t.expose('diedAt', { type: 'DateTime', description: 'When it was rejected.' }),
  }),
});
