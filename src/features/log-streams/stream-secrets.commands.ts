/** New secrets for a stream, and a test of what it was told. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { auditEventJson } from '#features/audit/audit-event.json.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidInput, VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { encodeId, newId } from '#kernel/ids.ts';
import type { Bucket } from '#kernel/limits.ts';
import type { Outcome, StreamedEvent } from './destination.ts';
import { openDestination } from './destination-kinds.ts';
import { lockStream, nudge, type StoredStream, storedStream } from './lock-stream.ts';
import { assertMayReadEvents, type StreamAndSecret, sealFor } from './log-streams.commands.ts';
import { LogStreamNotFound } from './log-streams.errors.ts';
import { streamId, streamSecrets } from './log-streams.model.ts';
import { findLogStream } from './log-streams.queries.ts';
import { outboundOf } from './outbound-of.ts';
import { withNewSecret } from './stream-input.ts';
import { openSecrets } from './stream-secrets.ts';

const inputStream = ({ id }: { id: string }) => [{ type: 'logstream' as const, id }];
const DEFAULT_OVERLAP = 86_400;

export const rotateLogStreamSecret = command({
  name: 'log-stream.rotate-secret',
  summary:
    'Gives a log stream new secrets. Signed webhooks bear the signature of the earlier secret as well until the overlap is over, and the new one is made here unless it is given.',
  scope: 'streams:write',
  severity: 'NOTICE',
  input: z.strictObject({
    id: streamId,
    secrets: streamSecrets.optional(),
    overlapSeconds: z
      .int()
      .min(0)
      .max(604_800)
      .optional()
      .describe('How long the earlier secret signs too, at most 604800; 86400 unless told.'),
  }),
  errors: [LogStreamNotFound, VersionMismatch, OutranksCaller],
  targets: ({ stream }: StreamAndSecret) => [{ type: 'logstream' as const, id: stream.id }],
  refusedTargets: inputStream,
  about: ['logstream'],
  tells: { overlapSeconds: told.count.describe('How long the earlier secret signs too.') },
  details: (_, { overlapSeconds = DEFAULT_OVERLAP }) => ({ overlapSeconds }),
  // Keys may be asked for at a key service: not while anybody waits for the stream's row.
  async prepare(ctx, { id, secrets, overlapSeconds = DEFAULT_OVERLAP }): Promise<NewSecrets> {
    // Where secrets say whose account it is, new ones lead the log to another.
    assertMayReadEvents(ctx);
    const stream = await storedStream(ctx, id);
    const next = withNewSecret(stream.kind, secrets ?? {});
    if (!secrets && next.made === null)
      throw new InvalidInput([{ path: 'secrets', message: `must be given for ${stream.kind}` }]);
    const overlap = stream.kind === 'STANDARD_WEBHOOKS' && overlapSeconds > 0;
    const before = overlap ? await previousSecret(ctx, stream, overlapSeconds) : {};
    const sealed = await sealFor(ctx, id, stream.kind, { ...next.secrets, ...before });
    return { made: next.made, sealed, before: stream.secrets };
  },
  async run(ctx, { id }, { made, sealed, before }): Promise<StreamAndSecret> {
    const stream = await lockStream(ctx, id);
    if (!stream.secrets.equals(before)) throw new VersionMismatch('The log stream');
    await ctx.db.query(
      `UPDATE log_streams SET secrets = $3, version = version + 1, updated_at = $4
       WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, id, sealed, ctx.clock.now()],
    );
    if (stream.state === 'ACTIVE') await nudge(ctx, id);
    return { stream: await findLogStream(ctx, id), secret: made };
  },
});

interface NewSecrets {
  /** Shown once; null unless it was made here. */
  readonly made: string | null;
  readonly sealed: Buffer;
  /** What they take the place of. */
  readonly before: Buffer;
}

async function previousSecret(
  ctx: Context,
  { id, secrets }: StoredStream,
  seconds: number,
): Promise<object> {
  const home = { tenantId: ctx.tenantId, id };
  const { secret } = (await openSecrets(ctx, home, secrets)) as Webhook;
  const previousUntil = new Date(ctx.clock.ms() + seconds * 1000).toISOString();
  return { previousSecret: secret, previousUntil };
}

interface Webhook {
  readonly secret?: string;
}

/** It reaches out, so it is not for pleasure. */
const TESTS: Bucket = { name: 'log-stream-test', counted: 'shared', points: 20, seconds: 60 };
const TEST_MS = 20_000;

export const testLogStream = command({
  name: 'log-stream.test',
  summary:
    'Sends one event of type log-stream.test, which is not in the log, and answers what the receiver made of it. The stream itself does not move.',
  scope: 'streams:write',
  input: z.strictObject({ id: streamId }),
  errors: [LogStreamNotFound],
  targets: (_: Outcome, input) => inputStream(input),
  refusedTargets: inputStream,
  about: ['logstream'],
  tells: { outcome: z.enum(['delivered', 'retry', 'rejected', 'disabled']) },
  details: ({ kind }) => ({ outcome: kind }),
  async prepare(ctx, { id }): Promise<Outcome> {
    const { kind, settings, secrets } = await storedStream(ctx, id);
    await ctx.limits.consume(TESTS, ctx.tenantId);
    const opened = await openSecrets(ctx, { tenantId: ctx.tenantId, id }, secrets);
    const batch = {
      tenantId: ctx.tenantId,
      streamId: encodeId('logstream', id),
      deliveryId: randomUUID(),
      events: [testEvent(ctx)],
      attemptAt: ctx.clock.now(),
    };
    const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(TEST_MS)]);
    return openDestination(kind, settings, opened).send(outboundOf(ctx.config), batch, signal);
  },
  run: async (_ctx, _input, outcome) => outcome,
});

function testEvent(ctx: Context): StreamedEvent {
  const row = {
    tenantId: ctx.tenantId,
    id: newId(),
    type: 'log-stream.test',
    severity: 'INFO',
    result: 'SUCCESS',
    reason: null,
    occurredAt: ctx.clock.now(),
    actorKind: 'system',
    actorId: null,
    onBehalfOf: null,
    targets: [],
    requestId: ctx.requestId,
    details: { test: true },
    personal: {},
  } as const;
  return {
    leafIndex: 0n,
    id: encodeId('event', row.id),
    type: row.type,
    severity: row.severity,
    occurredAt: row.occurredAt,
    json: auditEventJson(row),
  };
}
