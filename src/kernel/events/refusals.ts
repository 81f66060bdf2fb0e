/**
 * Refusals are events too, written outside the transaction that they rolled back. What a known
 * caller was refused to change is one row each. A stranger's refusals, and reads that a known caller
 * was refused, are counted per minute, so that a flood writes one row and not a million.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { anonymous } from '#kernel/actor.ts';
import { type Context, NO_TENANT } from '#kernel/context.ts';
import { addressKey } from '#kernel/limits.ts';
import type { Log } from '#kernel/log.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { EventResult, Json, Target } from './event.ts';
import { declareEvent } from './event-types.ts';
import { recordEvents } from './record.ts';

type Details = Readonly<Record<string, Json>>;

export interface Refusals {
  /** Records that `type` was refused for `reason`; never throws, a refusal must still be answered. */
  record(ctx: Context, type: string, reason: string, targets?: readonly Target[]): Promise<void>;
  /** Records that a command failed by a fault of ours. */
  recordFailure(ctx: Context, type: string, targets?: readonly Target[]): Promise<void>;
  /** Counts that a field, such as `User.email`, was not shown. */
  countRead(ctx: Context, field: string, reason: string): void;
  /** Counts what was done too often for a row each, such as tokens of services. */
  countDone(ctx: Context, type: string, details: Details, targets: readonly Target[]): void;
  /** Writes what was counted so far. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** What was refused, and whom it was about as far as that is known; without a reason it was done. */
interface Refused {
  readonly type: string;
  readonly reason: string | null;
  readonly details: Details;
  readonly targets: readonly Target[];
}

interface Counted extends Refused {
  readonly ctx: Context;
  count: number;
}

declareEvent({
  name: 'field.read',
  summary: 'A field was not shown; counted per minute.',
  severity: 'WARNING',
  results: ['REFUSED'],
  tells: { field: z.string().optional().describe('Such as User.email.') },
});

const FLUSH_MS = 60_000;
/** Beyond this many different ones a minute in one log, those of a kind share one row. */
const MAX_COUNTED = { tenant: 200, platform: 1_000 };

export function createRefusals(log: Log): Refusals {
  // The flush belongs to no request and to no transaction, whoever was counted first.
  const outside = AsyncLocalStorage.snapshot();
  let counted = new Tally();
  let timer: NodeJS.Timeout | null = null;

  async function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    const batch = counted.entries();
    counted = new Tally();
    for (const { ctx, type, reason, details, targets, count } of batch)
      await write(log, ctx, tenantOf(ctx), {
        type,
        reason,
        targets,
        details: { ...details, count },
      });
  }

  function count(ctx: Context, what: Refused): void {
    counted.add(ctx, what);
    timer ??= outside(() => setTimeout(() => void flush(), FLUSH_MS).unref());
  }

  return {
    async record(ctx, type, reason, targets = []) {
      if (ctx.actor.kind === 'anonymous') count(ctx, { type, reason, details: {}, targets });
      else await write(log, ctx, ctx.tenantId, { type, reason, targets, details: {} });
    },
    recordFailure: (ctx, type, targets = []) =>
      write(log, ctx, tenantOf(ctx), {
        type,
        reason: 'INTERNAL',
        targets,
        details: {},
        result: 'FAILED',
      }),
    countDone: (ctx, type, details, targets) =>
      count(ctx, { type, reason: null, details, targets }),
    countRead: (ctx, field, reason) =>
      count(ctx, { type: 'field.read', reason, details: { field }, targets: [] }),
    flush,
    stop: flush,
  };
}

/** What was counted since the last flush. One tenant's flood takes nothing from another's log. */
class Tally {
  readonly #counted = new Map<string, Counted>();
  readonly #kindsOfLog = new Map<string, number>();

  add(ctx: Context, { type, reason, details, targets }: Refused): void {
    const who = ctx.actor.id ?? `${ctx.actor.kind} ${addressKey(ctx.address)}`;
    const own = JSON.stringify([type, reason, details, targets, ctx.tenantId, who]);
    const log = tenantOf(ctx);
    const kinds = this.#kindsOfLog.get(log) ?? 0;
    const most = log === PLATFORM_TENANT_ID ? MAX_COUNTED.platform : MAX_COUNTED.tenant;
    const room = this.#counted.has(own) || kinds < most;
    const key = room ? own : JSON.stringify(['others', log, type, reason]);
    const entry = this.#counted.get(key);
    if (entry) {
      entry.count += 1;
      return;
    }
    if (room) this.#kindsOfLog.set(log, kinds + 1);
    const whose = room ? { ctx, details, targets } : others(ctx);
    this.#counted.set(key, { ...whose, type, reason, count: 1 });
  }

  entries(): Counted[] {
    return [...this.#counted.values()];
  }
}

/** Nobody in particular: what overflows must not be laid at the door of whoever came first. */
function others(ctx: Context): Pick<Counted, 'ctx' | 'details' | 'targets'> {
  return {
    ctx: { ...ctx, actor: anonymous, address: null, userAgent: null },
    details: { others: true },
    targets: [],
  };
}

/** What strangers do stands in the platform's log: they have no tenant. */
function tenantOf(ctx: Context): string {
  return ctx.tenantId === NO_TENANT ? PLATFORM_TENANT_ID : ctx.tenantId;
}

async function write(
  log: Log,
  ctx: Context,
  tenantId: string,
  refusal: {
    readonly type: string;
    readonly reason: string | null;
    readonly targets: readonly Target[];
    readonly details: Readonly<Record<string, Json>>;
    readonly result?: EventResult;
  },
): Promise<void> {
  const { reason, ...told } = refusal;
  const refused = reason === null ? {} : ({ result: 'REFUSED', reason } as const);
  try {
    // Who hangs up after a refusal was refused all the same.
    await ctx.db.until(null, () => recordEvents(ctx, [{ ...refused, ...told }], tenantId));
  } catch (error) {
    const { type } = told;
    log.error({ err: error, type, reason }, 'a refusal could not be recorded in the audit log');
  }
}
