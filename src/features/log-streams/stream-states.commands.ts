/** A stream stops, goes on, or goes back. Nothing that it stands on is lost by any of it. */
import { z } from 'zod';
import { sequencedSize } from '#features/audit/audit-sequence.queries.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { declareEvent, told } from '#kernel/events/event-types.ts';
import { firstIdAt } from '#kernel/ids.ts';
import { lockStream, nudge } from './lock-stream.ts';
import { assertMayReadEvents } from './log-streams.commands.ts';
import { LogStreamNotFound } from './log-streams.errors.ts';
import { type LogStreamRow, type LogStreamState, streamId } from './log-streams.model.ts';
import { findLogStream } from './log-streams.queries.ts';

const input = z.strictObject({ id: streamId });
const target = ({ id }: LogStreamRow) => [{ type: 'logstream' as const, id }];
const inputStream = ({ id }: { id: string }) => [{ type: 'logstream' as const, id }];

export const pauseLogStream = command({
  name: 'log-stream.pause',
  summary: 'Stops a log stream after the batch that is being sent; it keeps its place.',
  scope: 'streams:write',
  severity: 'WARNING',
  input,
  errors: [LogStreamNotFound],
  about: ['logstream'],
  targets: target,
  refusedTargets: inputStream,
  run: (ctx, { id }) => turn(ctx, id, 'PAUSED'),
});

export const resumeLogStream = command({
  name: 'log-stream.resume',
  summary: 'Lets a paused or disabled log stream go on from its place, at once.',
  scope: 'streams:write',
  severity: 'NOTICE',
  input,
  errors: [LogStreamNotFound, OutranksCaller],
  about: ['logstream'],
  targets: target,
  refusedTargets: inputStream,
  run(ctx, { id }) {
    assertMayReadEvents(ctx);
    return turn(ctx, id, 'ACTIVE');
  },
});

/** Recorded where its deliveries fail. */
declareEvent({
  name: 'log-stream.disable',
  summary: 'A log stream stopped itself.',
  severity: 'WARNING',
  results: ['SUCCESS'],
  about: ['logstream'],
  tells: { reason: z.string().describe('Why; nothing that the receiver wrote.') },
});

/** Recorded where its batches are read. */
declareEvent({
  name: 'log-stream.pass-over',
  summary: 'Events left the log before the receiver of a log stream took them.',
  severity: 'WARNING',
  results: ['SUCCESS'],
  about: ['logstream'],
  tells: {
    fromLeaf: told.count.describe('They lie among these leaves: the first.'),
    toLeaf: told.count.describe('The last of these leaves.'),
    events: told.count.describe('How many; before the filter, where they were not in a batch yet.'),
  },
});

async function turn(ctx: Context, id: string, to: LogStreamState): Promise<LogStreamRow> {
  const { state } = await lockStream(ctx, id);
  if (state !== to) await ctx.db.query(TURN, [ctx.tenantId, id, to, ctx.clock.now()]);
  await ctx.db.query(AGAIN, [ctx.tenantId, id]);
  await nudge(ctx, id, to);
  return findLogStream(ctx, id);
}

const TURN = `
UPDATE log_streams SET state = $3, state_reason = NULL, rejections = 0, failing_since = NULL,
  version = version + 1, updated_at = $4
WHERE tenant_id = $1 AND id = $2`;

/** What waited for its next attempt waits no more. */
const AGAIN = `
UPDATE log_stream_deliveries SET next_attempt_at = NULL
WHERE tenant_id = $1 AND stream_id = $2 AND state = 'PENDING'`;

export const rewindLogStream = command({
  name: 'log-stream.rewind',
  summary:
    'Moves a log stream to another place in the log: back, to send events again under new delivery ids, or forward, to leave some out. What waits in it is dropped.',
  scope: 'streams:write',
  severity: 'WARNING',
  input: z
    .strictObject({
      id: streamId,
      leafIndex: z
        .int()
        .min(0)
        .optional()
        .describe('The first leaf that it sends next; at most as many as the log has.'),
      since: z
        .date()
        .optional()
        .describe('Or: the first event that happened at this moment or later.'),
    })
    .refine(({ leafIndex, since }) => (leafIndex === undefined) !== (since === undefined), {
      path: ['leafIndex'],
      message: 'must be given, or since, but not both',
    }),
  errors: [LogStreamNotFound, OutranksCaller],
  about: ['logstream'],
  targets: target,
  refusedTargets: inputStream,
  tells: {
    leafIndex: told.count.optional().describe('The leaf that it went to.'),
    since: z.iso.datetime().optional().describe('Or the moment.'),
  },
  details: (_, { leafIndex, since }) => ({
    ...(leafIndex === undefined ? {} : { leafIndex }),
    ...(since === undefined ? {} : { since: since.toISOString() }),
  }),
  // Not while anybody waits for the stream's row. What the log gains meanwhile comes behind it.
  async prepare(ctx, { leafIndex, since }): Promise<bigint> {
    assertMayReadEvents(ctx);
    const size = await sequencedSize(ctx, ctx.tenantId);
    const place = since ? await leafSince(ctx, since, size) : BigInt(leafIndex ?? 0);
    if (place > size)
      throw new InvalidInput([
        { path: 'leafIndex', message: `must be at most ${size}: so many leaves has the log` },
      ]);
    return place;
  },
  async run(ctx, { id }, place) {
    const { state } = await lockStream(ctx, id);
    await ctx.db.query(
      `DELETE FROM log_stream_deliveries
       WHERE tenant_id = $1 AND stream_id = $2 AND state = 'PENDING'`,
      [ctx.tenantId, id],
    );
    await ctx.db.query(
      `UPDATE log_streams SET next_leaf = $3, version = version + 1, updated_at = $4
       WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, id, place, ctx.clock.now()],
    );
    await nudge(ctx, id, state);
    return findLogStream(ctx, id);
  },
});

/** More than commit between the time of an event and its own commit. */
const OUT_OF_ORDER = 10_000;

/**
 * Leaves stand in the order of their commits, which is not quite that of time: the least of those that
 * happened next. By the index over events, however long the log is.
 */
async function leafSince({ db, tenantId }: Context, since: Date, size: bigint): Promise<bigint> {
  const [row] = await db.query<{ leaf: string | null }>(LEAF_SINCE, [
    tenantId,
    firstIdAt(since.getTime() < 0 ? new Date(0) : since),
    OUT_OF_ORDER,
  ]);
  return row?.leaf == null ? size : BigInt(row.leaf);
}

const LEAF_SINCE = `
SELECT min(next.leaf_index) AS leaf FROM (
  SELECT leaf_index FROM audit_leaves WHERE tenant_id = $1 AND event_id >= $2
  ORDER BY event_id LIMIT $3) next`;
