/** Events that a receiver rejected alone: sent again, under the id that it was told, or given up. */
import { z } from 'zod';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { told } from '#kernel/events/event-types.ts';
import { id } from '#kernel/ids.ts';
import { lockStream, nudge } from './lock-stream.ts';
import { assertMayReadEvents } from './log-streams.commands.ts';
import { LogStreamNotFound } from './log-streams.errors.ts';
import { type LogStreamRow, streamId } from './log-streams.model.ts';
import { findLogStream } from './log-streams.queries.ts';

export interface ChangedLetters {
  readonly stream: LogStreamRow;
  /** How many there were of those. */
  readonly count: number;
}

const input = z.strictObject({
  id: streamId,
  eventIds: z
    .array(id('event'))
    .min(1, 'must hold at least one event')
    .max(500, 'must hold at most 500 events')
    .optional()
    .describe('Of these events, at most 500; all unless told.'),
});
const target = ({ stream }: ChangedLetters) => [{ type: 'logstream' as const, id: stream.id }];
const inputStream = (given: { id: string }) => [{ type: 'logstream' as const, id: given.id }];

export const replayDeadLetters = command({
  name: 'log-stream.replay-dead-letters',
  summary:
    'Sends dead letters again, the oldest first and before what waits. What is rejected again becomes a dead letter again.',
  scope: 'streams:write',
  severity: 'NOTICE',
  input,
  errors: [LogStreamNotFound, OutranksCaller],
  targets: target,
  refusedTargets: inputStream,
  about: ['logstream'],
  tells: { count: told.count },
  details: ({ count }) => ({ count }),
  async run(ctx, given) {
    assertMayReadEvents(ctx);
    const { state } = await lockStream(ctx, given.id);
    const count = await write(ctx, REPLAY, given);
    if (count > 0) await nudge(ctx, given.id, state);
    return { stream: await findLogStream(ctx, given.id), count };
  },
});

export const discardDeadLetters = command({
  name: 'log-stream.discard-dead-letters',
  summary: 'Gives dead letters up: the receiver will never have these events.',
  scope: 'streams:write',
  severity: 'WARNING',
  input,
  errors: [LogStreamNotFound],
  targets: target,
  refusedTargets: inputStream,
  about: ['logstream'],
  tells: { count: told.count },
  details: ({ count }) => ({ count }),
  async run(ctx, given) {
    await lockStream(ctx, given.id);
    const count = await write(ctx, DISCARD, given);
    return { stream: await findLogStream(ctx, given.id), count };
  },
});

function write(
  { db, tenantId }: Context,
  text: string,
  {
    id: stream,
    eventIds,
  }: { readonly id: string; readonly eventIds?: readonly string[] | undefined },
): Promise<number> {
  return db.execute(text, [tenantId, stream, eventIds ?? null]);
}

const THESE = `tenant_id = $1 AND stream_id = $2 AND state = 'DEAD'
  AND ($3::uuid[] IS NULL OR event_id = ANY ($3::uuid[]))`;

const REPLAY = `
UPDATE log_stream_deliveries SET state = 'PENDING', died_at = NULL, next_attempt_at = NULL WHERE ${THESE}`;

const DISCARD = `DELETE FROM log_stream_deliveries WHERE ${THESE}`;
