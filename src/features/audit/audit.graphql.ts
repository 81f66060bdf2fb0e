/** The audit log in the graph: pages, and a live tail over server-sent events. */
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { enumOf } from '#graphql/input-types.ts';
import { globalId, idArgument, nodeType } from '#graphql/nodes.ts';
import { type AuditEventRow, auditResult, auditSeverity } from './audit.model.ts';
import { auditEventsById, getAuditEvent, listAuditEvents, whereOf } from './audit.queries.ts';
import { liveAuditEvents } from './audit.tail.ts';
import type { AuditEventFilter } from './audit-filter.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    AuditEvent: AuditEventRow;
  }
}

const AuditSeverity = enumOf(auditSeverity);
const AuditResult = enumOf(auditResult);
const access = { scopes: [['audit:read']] };

const actor = builder
  .objectRef<Pick<AuditEventRow, 'actorKind' | 'actorId' | 'onBehalfOf'>>('AuditActor')
  .implement({
    description: 'Who did it.',
    tenancy: 'global',
    access: 'public',
    fields: (t) => ({
      kind: t.exposeString('actorKind', {
        description: 'user, api-key, internal, system or anonymous.',
      }),
      id: t.exposeID('actorId', {
        nullable: true,
        description: 'The user or API key, where there is one.',
      }),
      onBehalfOf: t.exposeID('onBehalfOf', {
        nullable: true,
        description: 'Whom the actor acted for.',
      }),
    }),
  });

const target = builder.objectRef<AuditEventRow['targets'][number]>('AuditTarget').implement({
  description: 'What it was about.',
  tenancy: 'global',
  access: 'public',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'The type of the thing, such as user.' }),
    id: t.exposeID('id', { description: 'Its id; the thing may be gone.' }),
  }),
});

builder.objectType('AuditEvent', {
  description: 'Something that happened in the tenant. It is never changed afterwards.',
  ...nodeType({
    name: 'AuditEvent',
    idType: 'event',
    access,
    tenancy: { tenant: 'tenantId' },
    load: auditEventsById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id; it sorts by time.', resolve: globalId('event') }),
    type: t.exposeString('type', {
      description: 'What was done, such as user.create; see schema/events.json.',
    }),
    severity: t.field({
      type: AuditSeverity as never,
      description: 'How much attention it deserves.',
      resolve: (event) => event.severity as never,
    }),
    result: t.field({
      type: AuditResult as never,
      description: 'How it ended.',
      resolve: (event) => event.result as never,
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'The code of the error that refused it.',
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When it happened.',
      resolve: (event) => event.occurredAt,
    }),
    actor: t.field({ type: actor, description: 'Who did it.', resolve: (event) => event }),
    target: t.field({
      type: target,
      nullable: true,
      description: 'The first thing that it was about.',
      resolve: (event) => event.targets[0] ?? null,
    }),
    targets: t.field({
      type: [target],
      description: 'Everything that it was about.',
      resolve: (event) => [...event.targets],
    }),
    requestId: t.exposeString('requestId', {
      description: 'The request that did it; also in the logs.',
    }),
    ipAddress: t.string({
      nullable: true,
      description: 'Where the actor was; null for jobs and when the person was erased.',
      resolve: async (event, _args, ctx) => (await whereOf(ctx, event)).ipAddress ?? null,
    }),
    userAgent: t.string({
      nullable: true,
      description: "The actor's program; null for jobs and when the person was erased.",
      resolve: async (event, _args, ctx) => (await whereOf(ctx, event)).userAgent ?? null,
    }),
    details: t.field({
      type: 'JSONObject',
      description: 'What else the event says; its members depend on the type.',
      resolve: (event) => event.details,
    }),
  }),
});

const AuditEventFilterInput = builder.inputType('AuditEventFilter', {
  description: 'Which events; all that is given must hold.',
  fields: (t) => ({
    type: t.string({ description: 'Events of exactly this type.' }),
    types: t.stringList({
      description: 'Events of one of these types; user.* means all that begin with user.',
    }),
    severity: t.field({
      type: AuditSeverity as never,
      description: 'Events of exactly this severity.',
    }),
    minSeverity: t.field({
      type: AuditSeverity as never,
      description: 'Events of this severity or a higher one.',
    }),
    result: t.field({ type: AuditResult as never, description: 'Events that ended so.' }),
    actor: t.id({ description: 'What this user or API key did.' }),
    target: t.id({ description: 'What was done to this.' }),
    requestId: t.string({
      description: 'What this request did. Looked through as text is.',
    }),
    text: t.string({
      description:
        'Events that hold each of these words, wherever: in the type, the reason, the ids of actor and targets, the details. A page looks at 20,000 events, so it may hold few or none while there is more. Addresses and programs are sealed, and not searched.',
    }),
    since: t.field({ type: 'DateTime', description: 'Not before this.' }),
    until: t.field({ type: 'DateTime', description: 'Before this.' }),
  }),
});

builder.queryFields((t) => ({
  auditEvent: t.field({
    type: 'AuditEvent',
    nullable: true,
    access,
    description: 'One event; null when the tenant has none with this id.',
    args: { id: t.arg.id({ required: true, description: 'An event id.' }) },
    resolve: (_root, { id }, ctx) => getAuditEvent(ctx, idArgument('id', 'event', id)),
  }),
  auditEvents: t.field({
    type: connection('AuditEvent'),
    accessOf: 'AuditEvent',
    access,
    description: "The tenant's audit log, the newest first.",
    args: {
      filter: t.arg({ type: AuditEventFilterInput, description: 'Which events.' }),
      ...pageArguments(t.arg),
    },
    resolve: (_root, { filter, ...request }, ctx) =>
      listAuditEvents(ctx, (filter ?? {}) as AuditEventFilter, request) as never,
  }),
}));

builder.subscriptionFields((t) => ({
  auditEvents: t.field({
    type: 'AuditEvent',
    access,
    description:
      'Events as they happen, on any instance and in the order of the tree, until the caller loses the right to see them. Each server-sent event has the id of its event: who lost the connection goes on after it, by Last-Event-ID or by after, without a gap.',
    args: {
      filter: t.arg({ type: AuditEventFilterInput, description: 'Which events.' }),
      after: t.arg.id({
        description:
          'Id of an event: only what was recorded after it. At most 100,000 events ago; list those before.',
      }),
    },
    subscribe: (_root, { filter, after }, ctx) =>
      liveAuditEvents(ctx, (filter ?? {}) as AuditEventFilter, ctx.lastEventId ?? after ?? null),
    resolve: (event) => event as unknown as AuditEventRow,
  }),
}));
