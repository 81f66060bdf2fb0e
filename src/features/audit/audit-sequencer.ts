/**
 * Gives every event its leaf, in the order in which transactions settled. Runs in every process that
 * does jobs; the cursor's lock makes them take turns. One that is killed leaves nothing half done:
 * leaves, tiles, trees and cursor are one transaction.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Services } from '#kernel/context.ts';
import type { OutboxRow } from '#kernel/events/outbox.ts';
import { growTree } from './audit-tree.store.ts';

/** The name under which migration 0013 made its cursor. */
export const SEQUENCER = 'audit-trees';

type Home = Pick<Services, 'db' | 'log' | 'outbox'>;

export interface Sequencer {
  /** Waits for the batch that is under way. */
  stop(): Promise<void>;
}

/** On the embedded database everybody waits while a batch is written. */
const BATCH = { server: 5_000, embedded: 500 };
const POLL_MS = 500;
/** A flood of commits is taken in rounds. */
const ROUND_MS = 20;
const AFTER_FAILURE_MS = 2_000;

/** Takes one batch of what is settled; answers how many rows, and the tenants whose trees grew. */
export async function sequenceBatch(
  home: Home,
): Promise<{ readonly rows: number; readonly tenants: readonly string[] }> {
  const tenants: string[] = [];
  const limit = home.db.embedded ? BATCH.embedded : BATCH.server;
  const rows = await home.outbox.consume(
    SEQUENCER,
    async (batch) => {
      const byTenant = Map.groupBy(batch, ({ tenantId }) => tenantId);
      tenants.push(...byTenant.keys());
      await Promise.all([...byTenant].map(([id, events]) => growTree(home, id, idsOf(events))));
    },
    limit,
  );
  return { rows, tenants };
}

/** `grown` hears of the tenants whose trees grew, after the commit. */
export function startSequencer(
  home: Home,
  grown: (tenants: readonly string[]) => void = () => undefined,
): Sequencer {
  const outside = AsyncLocalStorage.snapshot();
  let timer: NodeJS.Timeout | null = null;
  let dueAt = 0;
  let working: Promise<void> | null = null;
  let stopped = false;

  function schedule(inMs: number): void {
    const at = performance.now() + inMs;
    if (stopped || working || (timer && dueAt <= at)) return;
    if (timer) clearTimeout(timer);
    dueAt = at;
    // What it does belongs to no request and no transaction, whoever woke it.
    timer = outside(() => setTimeout(begin, inMs));
  }

  function begin(): void {
    timer = null;
    working = work()
      .then(
        () => POLL_MS,
        (error: unknown) => {
          home.log.warn({ err: error }, 'events were not sequenced; trying again');
          return AFTER_FAILURE_MS;
        },
      )
      .then((rest) => {
        working = null;
        schedule(rest);
      });
  }

  async function work(): Promise<void> {
    while (!stopped && (await home.outbox.waits(SEQUENCER))) {
      const { rows, tenants } = await sequenceBatch(home);
      if (rows === 0) return;
      grown(tenants);
    }
  }

  const unlisten = home.outbox.onWake(() => schedule(ROUND_MS));
  schedule(0);
  return {
    async stop() {
      stopped = true;
      unlisten();
      if (timer) clearTimeout(timer);
      await working;
    },
  };
}

function idsOf(rows: readonly OutboxRow[]): string[] {
  return rows.map(({ eventId }) => eventId);
}
