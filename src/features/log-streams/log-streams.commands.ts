/**
 * Log streams: where a tenant's events are sent. This room owns what a stream is told, its secrets and
 * how far it has come; what happened belongs to audit, how a receiver is spoken to to its connector.
 */
import { z } from 'zod';
import { auditSeverity } from '#features/audit/audit.model.ts';
import { sequencedSize } from '#features/audit/audit-sequence.queries.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertHolds } from '#features/roles/roles.policy.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { defined } from '#kernel/defined.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { expectedVersion } from '#kernel/text.ts';
import type { DestinationKind } from './destination.ts';
import { lockStream, nudge, storedStream } from './lock-stream.ts';
import { LogStreamNotFound, TooManyLogStreams } from './log-streams.errors.ts';
import {
  batchSeconds,
  DEFAULT_BATCH_SECONDS,
  destinationKind,
  type LogStreamRow,
  MAX_STREAMS,
  startAt,
  streamFilter,
  streamId,
  streamName,
  streamSecrets,
  streamSettings,
  withWhere,
} from './log-streams.model.ts';
import { findLogStream } from './log-streams.queries.ts';
import { checkedSecrets, checkedSettings, withNewSecret } from './stream-input.ts';
import { sealSecrets } from './stream-secrets.ts';

export interface StreamAndSecret {
  readonly stream: LogStreamRow;
  /** Shown once; null unless one was made. */
  readonly secret: string | null;
}

interface DeletedStream {
  readonly id: string;
}

const inputStream = (input: { id: string }) => [{ type: 'logstream' as const, id: input.id }];

/** A stream hands out what the audit log holds: nobody opens one who may not read it. */
export function assertMayReadEvents(ctx: Context): void {
  assertHolds(ctx, ['audit:read']);
}

export const createLogStream = command({
  name: 'log-stream.create',
  summary: 'Begins to send the events of the audit log to a receiver.',
  scope: 'streams:write',
  severity: 'NOTICE',
  input: z.strictObject({
    name: streamName,
    kind: destinationKind,
    settings: streamSettings,
    secrets: streamSecrets.optional(),
    ...streamFilter,
    batchSeconds,
    where: withWhere,
    startAt: startAt.optional().describe('Where it begins; NOW unless told.'),
  }),
  errors: [TooManyLogStreams, OutranksCaller],
  targets: ({ stream }: StreamAndSecret) => [{ type: 'logstream' as const, id: stream.id }],
  about: ['logstream'],
  tells: {
    kind: destinationKind,
    eventTypes: told.names.describe('What it lets through; none: every type.'),
    minSeverity: auditSeverity,
    where: z.boolean().optional().describe('Whether addresses and agents of people are sent.'),
  },
  details: ({ stream: { kind, eventTypes, minSeverity, withWhere: where } }) => ({
    kind,
    eventTypes,
    minSeverity,
    where,
  }),
  async prepare(ctx, { kind, ...input }): Promise<NewStream> {
    assertMayReadEvents(ctx);
    const settings = checkedSettings(kind, input.settings);
    const { secrets, made } = withNewSecret(kind, input.secrets ?? {});
    const id = newId();
    return { id, settings, made, sealed: await sealFor(ctx, id, kind, secrets) };
  },
  async run(ctx, { kind, ...input }, { id, settings, made, sealed }): Promise<StreamAndSecret> {
    await assertRoom(ctx);
    const from = input.startAt === 'BEGINNING' ? 0n : await sequencedSize(ctx, ctx.tenantId);
    await ctx.db.query(INSERT, [
      ctx.tenantId,
      id,
      input.name,
      kind,
      JSON.stringify(settings),
      sealed,
      input.eventTypes ?? [],
      input.minSeverity ?? 'INFO',
      input.batchSeconds ?? DEFAULT_BATCH_SECONDS[kind],
      from,
      ctx.clock.now(),
      input.where ?? false,
    ]);
    await ctx.db.query(INSERT_WORK, [id, ctx.tenantId, kind]);
    return { stream: await findLogStream(ctx, id), secret: made };
  },
});

interface NewStream {
  readonly id: string;
  readonly settings: unknown;
  /** Null unless one was made. */
  readonly made: string | null;
  readonly sealed: Buffer;
}

const INSERT = `
INSERT INTO log_streams (tenant_id, id, name, kind, settings, secrets, event_types, min_severity,
  batch_seconds, next_leaf, created_at, updated_at, with_where)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)`;

const INSERT_WORK = `
INSERT INTO log_stream_work (stream_id, tenant_id, kind, due_at, served_at, lease_until)
VALUES ($1, $2, $3, '-infinity', '-infinity', '-infinity')`;

/** Under the tenant's row: two at once are one after the other. */
async function assertRoom({ db, tenantId }: Context): Promise<void> {
  await db.query('SELECT 1 FROM tenants WHERE id = $1 FOR NO KEY UPDATE', [tenantId]);
  const [row] = await db.query<{ streams: number }>(
    'SELECT count(*)::int AS streams FROM log_streams WHERE tenant_id = $1',
    [tenantId],
  );
  if ((row?.streams ?? 0) >= MAX_STREAMS) throw new TooManyLogStreams(MAX_STREAMS);
}

export const updateLogStream = command({
  name: 'log-stream.update',
  summary:
    'Changes a log stream. Fields that are left out stay; settings and secrets are replaced as a whole. A batch that is being tried keeps its events.',
  scope: 'streams:write',
  severity: 'NOTICE',
  input: z.strictObject({
    id: streamId,
    name: streamName.optional(),
    settings: streamSettings.optional(),
    secrets: streamSecrets.optional(),
    ...streamFilter,
    batchSeconds,
    where: withWhere,
    version: expectedVersion,
  }),
  errors: [LogStreamNotFound, VersionMismatch, OutranksCaller],
  targets: ({ id }: LogStreamRow) => [{ type: 'logstream' as const, id }],
  refusedTargets: inputStream,
  about: ['logstream'],
  tells: { fields: told.fields },
  details: (_, { id: _id, version: _version, ...changes }) => ({
    fields: Object.keys(defined(changes)).sort(),
  }),
  // The kind of a stream stays, so its secrets can be sealed before its row is held.
  async prepare(ctx, { id, secrets }): Promise<Buffer | null> {
    assertMayReadEvents(ctx);
    if (!secrets) return null;
    const { kind } = await storedStream(ctx, id);
    return sealFor(ctx, id, kind, secrets);
  },
  async run(ctx, { id, version, secrets: _, settings, ...changes }, sealed) {
    const stream = await lockStream(ctx, id, version);
    const { kind } = stream;
    const after = { ...stream, ...defined(changes) };
    await ctx.db.query(UPDATE, [
      ctx.tenantId,
      id,
      after.name,
      JSON.stringify(settings ? checkedSettings(kind, settings) : stream.settings),
      sealed ?? stream.secrets,
      after.eventTypes,
      after.minSeverity,
      after.batchSeconds,
      ctx.clock.now(),
      after.where ?? stream.withWhere,
    ]);
    if (stream.state === 'ACTIVE') await nudge(ctx, id);
    return findLogStream(ctx, id);
  },
});

/** As `kind` takes them. */
export function sealFor(
  ctx: Context,
  id: string,
  kind: DestinationKind,
  secrets: unknown,
): Promise<Buffer> {
  return sealSecrets(ctx, { tenantId: ctx.tenantId, id }, checkedSecrets(kind, secrets));
}

const UPDATE = `
UPDATE log_streams SET name = $3, settings = $4, secrets = $5, event_types = $6, min_severity = $7,
  batch_seconds = $8, with_where = $10, version = version + 1, updated_at = $9
WHERE tenant_id = $1 AND id = $2`;

export const deleteLogStream = command({
  name: 'log-stream.delete',
  summary: 'Ends a log stream, with what waits in it and its dead letters.',
  scope: 'streams:write',
  severity: 'WARNING',
  input: z.strictObject({ id: streamId, version: expectedVersion }),
  errors: [LogStreamNotFound, VersionMismatch],
  about: ['logstream'],
  targets: (_: DeletedStream, input) => inputStream(input),
  refusedTargets: inputStream,
  async run(ctx, { id, version }) {
    await lockStream(ctx, id, version);
    await ctx.db.query('DELETE FROM log_streams WHERE tenant_id = $1 AND id = $2', [
      ctx.tenantId,
      id,
    ]);
    return { id };
  },
});
