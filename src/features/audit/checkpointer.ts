/**
 * Signs a checkpoint soon after a tree grew, without being asked: what is signed, and lies outside the
 * database, cannot be rewritten unseen. A tenant that is never quiet is signed every ten seconds:
 * checkpoints are kept for good.
 */
import { LRUCache } from 'lru-cache';
import { Unavailable } from '#kernel/errors.ts';
import { AuditTreeDamaged } from './audit.errors.ts';
import { type CheckpointHome, currentCheckpoint } from './audit-checkpoints.store.ts';
import { goRound } from './checkpoint-rounds.ts';

export interface Checkpointer {
  /** The trees of these tenants grew. */
  grown(tenants: readonly string[]): void;
  /** Signs what is still due. */
  stop(): Promise<void>;
}

const SOON_MS = 1_000;
const AGAIN_MS = 10_000;
/** What nobody remembers is found by then. */
const ROUND_MS = 300_000;

export function startCheckpointer(home: CheckpointHome): Checkpointer {
  const due = new Map<string, number>();
  const signed = new LRUCache<string, number>({ max: 50_000 });
  let working: Promise<void> = Promise.resolve();
  const over = new AbortController();
  const timer = setInterval(() => {
    const now = performance.now();
    const ready = [...due].filter(([, at]) => at <= now).map(([tenant]) => tenant);
    if (ready.length > 0) working = working.then(() => sign(ready));
  }, SOON_MS / 2).unref();
  const rounds = setInterval(() => round(), ROUND_MS).unref();
  let going: Promise<void> = Promise.resolve();
  round();

  function round(): void {
    const found = (tenant: string) => due.has(tenant) || due.set(tenant, performance.now());
    going = going.then(() =>
      goRound(home, over.signal, found).catch((error: unknown) =>
        home.log.warn({ err: error }, 'checkpoints were not looked through; trying again'),
      ),
    );
  }

  async function sign(tenants: readonly string[]): Promise<void> {
    for (const tenant of tenants) {
      due.delete(tenant);
      signed.set(tenant, performance.now());
      try {
        await currentCheckpoint(home, tenant);
      } catch (error) {
        home.log.warn({ err: error, tenant }, 'no checkpoint of the audit log was signed');
        if (error instanceof AuditTreeDamaged) continue;
        if (!due.has(tenant)) due.set(tenant, performance.now() + AGAIN_MS);
        // A database that is away is not waited for once a tenant: a process may be about to stop.
        if (error instanceof Unavailable) return;
      }
    }
  }

  return {
    grown(tenants) {
      const now = performance.now();
      for (const tenant of tenants)
        if (!due.has(tenant))
          due.set(tenant, Math.max(now + SOON_MS, (signed.get(tenant) ?? -AGAIN_MS) + AGAIN_MS));
    },
    async stop() {
      clearInterval(timer);
      clearInterval(rounds);
      over.abort();
      await going;
      await working;
      await sign([...due.keys()]);
    },
  };
}
