/**
 * Refusals are events too, written outside the transaction that they rolled back. A known caller's
 * refusal is one row. A stranger's are counted per minute, address and reason, so that a flood
 * writes one row and not a million.
 */
import type { Context } from '#kernel/context.ts';
import { addressKey } from '#kernel/limits.ts';
import type { Log } from '#kernel/log.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { Target } from './event.ts';
import { recordEvents } from './record.ts';

export interface Refusals {
  /** Records that `type` was refused for `reason`; never throws, a refusal must still be answered. */
  record(ctx: Context, type: string, reason: string, targets?: readonly Target[]): Promise<void>;
  /** Writes what was counted so far. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

interface Counted {
  readonly ctx: Context;
  readonly type: string;
  readonly reason: string;
  count: number;
}

const FLUSH_MS = 60_000;
/** Beyond this many different (type, reason, address) a minute, strangers share one row. */
const MAX_COUNTED = 1_000;

export function createRefusals(log: Log): Refusals {
  let counted = new Map<string, Counted>();
  let timer: NodeJS.Timeout | null = null;

  async function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    const batch = [...counted.values()];
    counted = new Map();
    for (const { ctx, type, reason, count } of batch)
      await write(log, ctx, PLATFORM_TENANT_ID, { type, reason, targets: [], details: { count } });
  }

  function count(ctx: Context, type: string, reason: string): void {
    const own = `${type} ${reason} ${ctx.address ? addressKey(ctx.address) : ''}`;
    const key = counted.has(own) || counted.size < MAX_COUNTED ? own : 'others';
    const entry = counted.get(key);
    if (entry) entry.count += 1;
    else counted.set(key, { ctx, type, reason, count: 1 });
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  }

  return {
    async record(ctx, type, reason, targets = []) {
      if (ctx.actor.kind === 'anonymous') count(ctx, type, reason);
      else await write(log, ctx, ctx.tenantId, { type, reason, targets });
    },
    flush,
    stop: flush,
  };
}

async function write(
  log: Log,
  ctx: Context,
  tenantId: string,
  refusal: {
    type: string;
    reason: string;
    targets: readonly Target[];
    details?: { count: number };
  },
): Promise<void> {
  try {
    await recordEvents(ctx, [{ ...refusal, result: 'REFUSED' }], tenantId);
  } catch (error) {
    log.error({ err: error, ...refusal }, 'a refusal could not be recorded in the audit log');
  }
}
