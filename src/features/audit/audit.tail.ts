/**
 * The live tail: events in the order of their leaves, from now or from after one that the caller has
 * seen, on any instance. The leaf is what makes it resumable: no place in a process, but one in the log.
 *
 * The caller's rights are looked at again before events are shown and once a second while nothing
 * happens: a revoked key, a lost role or a suspended tenant ends the stream.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '#kernel/context.ts';
import { InvalidInput, Unavailable } from '#kernel/errors.ts';
import { Positioned } from '#kernel/events/stream-position.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { AuditTailTooOld } from './audit.errors.ts';
import type { AuditEventRow } from './audit.model.ts';
import { getAuditEvent } from './audit.queries.ts';
import { type AuditEventFilter, matcher } from './audit-filter.ts';
import { leafOf, newestLeaf, sequencedEvents, sequencedSize } from './audit-sequence.queries.ts';
import { SEQUENCER } from './audit-sequencer.ts';
import { Bell } from './bell.ts';
import { recentSize } from './recent-size.ts';

const RECHECK_MS = 1_000;
const BATCH = 100;
/** An event gets its leaf within a second of its commit; whoever looks earlier looks again. */
const LEAF_WAIT_MS = 50;
const LEAF_TRIES = 200;
/** Beyond it, a page of the list says faster what happened. */
const MAX_BEHIND = 100_000n;

type Live = AsyncGenerator<Positioned<AuditEventRow>, void, undefined>;

/**
 * `after`: id of an event that the caller has seen; null for what happens from now on. Throws
 * InvalidInput when the tenant has no such event, AuditTailTooOld when too much has happened since,
 * and Unavailable when this instance stops: the caller goes on elsewhere, after what it saw last.
 */
export async function* liveAuditEvents(
  ctx: Context,
  filter: AuditEventFilter,
  after: string | null,
): Live {
  const matches = matcher(filter);
  const over = new AbortController();
  const signal = AbortSignal.any([ctx.signal, over.signal]);
  // Whoever may not any more hears the end; who could not be looked up hears why, and goes on elsewhere.
  let failure: unknown = null;
  const recheck = setInterval(() => {
    stillAllowed(ctx).then(
      (allowed) => allowed || over.abort(),
      (error: unknown) => {
        failure ??= error;
        over.abort();
      },
    );
  }, RECHECK_MS);
  const bell = new Bell(ctx.outbox.tail(ctx.tenantId, signal));
  try {
    const begin = after === null ? await now(ctx) : await afterEvent(ctx, after, signal);
    // Before what was missed, too: it is the most that a tail can cost.
    bell.check();
    yield new Positioned(encodeId('event', begin.eventId));
    for (let at = begin.leafIndex; !signal.aborted; ) {
      const more = at + 1n < (await recentSize(ctx.db, ctx.tenantId));
      const rows = more ? await sequencedEvents(ctx, ctx.tenantId, at, null, BATCH) : [];
      // After reading: what they show was there while the caller might see it.
      if (rows.length > 0 && !(await stillAllowed(ctx))) return;
      for (const row of rows) {
        if (signal.aborted) break;
        const id = encodeId('event', row.id);
        if (matches(row) && !begin.past.has(row.id)) yield new Positioned(id, row as AuditEventRow);
        else if (row === rows.at(-1)) yield new Positioned<AuditEventRow>(id);
        at = row.leafIndex;
      }
      if (rows.length < BATCH && !(await bell.rings())) break;
    }
    if (failure !== null) throw failure;
    if (!signal.aborted)
      throw new Unavailable('This instance is stopping; go on at another', { retryAfter: 1 });
  } finally {
    clearInterval(recheck);
    over.abort();
  }
}

interface Place {
  readonly leafIndex: bigint;
  readonly eventId: string;
  /** Events that were there before the caller came, and have no leaf yet. */
  readonly past: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

/** Before everything: what begins here has seen nothing. */
const START: Place = {
  leafIndex: -1n,
  eventId: '00000000-0000-0000-0000-000000000000',
  past: NOTHING,
};

/** In this order: what gets its leaf meanwhile stands before the place. */
async function now(ctx: Context): Promise<Place> {
  const past = await ctx.outbox.waiting(SEQUENCER, ctx.tenantId);
  const newest = await newestLeaf(ctx, ctx.tenantId);
  return { ...(newest ?? START), past };
}

async function afterEvent(ctx: Context, after: string, signal: AbortSignal): Promise<Place> {
  const eventId = decodeId('event', after);
  if (eventId === null) throw unknown();
  if (eventId === START.eventId) return near(ctx, START);
  for (let tries = 0; tries < LEAF_TRIES && !signal.aborted; tries += 1) {
    const leafIndex = await leafOf(ctx, ctx.tenantId, eventId);
    if (leafIndex !== null) return near(ctx, { leafIndex, eventId, past: NOTHING });
    if (tries === 0 && !(await getAuditEvent(ctx, eventId))) throw unknown();
    await delay(LEAF_WAIT_MS);
  }
  throw new Unavailable('The event has no place in the tree yet; try again', { retryAfter: 5 });
}

async function near(ctx: Context, place: Place): Promise<Place> {
  const size = await sequencedSize(ctx, ctx.tenantId);
  if (size - 1n - place.leafIndex > MAX_BEHIND) throw new AuditTailTooOld(MAX_BEHIND);
  return place;
}

function unknown(): InvalidInput {
  const message = 'must be the id of an event of this tenant (event_...)';
  return new InvalidInput([{ path: 'after', message }]);
}

async function stillAllowed(ctx: Context): Promise<boolean> {
  const actor = await ctx.reauthenticate();
  return actor?.scopes.has('audit:read') ?? false;
}
