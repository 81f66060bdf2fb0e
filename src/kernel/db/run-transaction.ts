/**
 * `transaction(fn)`: all of `fn` or nothing of it. A transaction inside a transaction joins it.
 * What loses a race against another transaction (serialization failure, deadlock) runs again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  Abandoned,
  isSerializationFailure,
  TransactionEnded,
  translated,
} from './database-errors.ts';
import type { Ambient, TenantPool } from './tenant-pool.ts';
import type { Transaction } from './transaction.ts';

export interface TransactionOptions<T> {
  /**
   * Issues the last statements, which leave in one write with COMMIT: returns the promises of
   * `query` and `execute` themselves. Any other promise is awaited before COMMIT is sent.
   */
  readonly beforeCommit?: (value: T) => readonly Promise<unknown>[];
  /** How often to run `fn` again after a serialization failure or a deadlock; 3 unless told. */
  readonly retries?: number;
  /** In whose name; as outside unless told. Inside another transaction it holds for `fn` only. */
  readonly tenantId?: string;
}

/** Promises of statements that were sent, in order, on the transaction that is open. */
export type SentStatements = WeakSet<Promise<unknown>>;

export async function runTransaction<T>(
  pool: TenantPool,
  sent: SentStatements,
  fn: () => Promise<T>,
  options: TransactionOptions<T>,
): Promise<T> {
  const { transaction: outer, signal } = pool.ambient;
  const tenantId = options.tenantId ?? pool.ambient.tenantId;
  if (outer) return join(pool, { tenantId, transaction: outer, signal }, fn, options);
  for (let attempt = 1; ; attempt += 1) {
    const transaction = pool.begin();
    try {
      return await attemptOnce(pool, sent, { tenantId, transaction, signal }, fn, options);
    } catch (error) {
      const lost = isSerializationFailure(transaction.failure) || isSerializationFailure(error);
      if (!lost || attempt > (options.retries ?? 3)) throw translated(error);
      // Apart, so that the same two do not meet again.
      await delay(attempt * (5 + 20 * Math.random()));
    }
  }
}

async function attemptOnce<T>(
  pool: TenantPool,
  sent: SentStatements,
  ambient: Ambient & { transaction: Transaction },
  fn: () => Promise<T>,
  { beforeCommit }: TransactionOptions<T>,
): Promise<T> {
  const { transaction } = ambient;
  let value: T;
  let last: readonly Promise<unknown>[] = [];
  try {
    value = await pool.within(ambient, async () => await fn());
    if (transaction.spoiled) throw transaction.spoiled.by;
    // The last moment to give up: what follows leaves with COMMIT, whole, whoever is still there.
    if (ambient.signal?.aborted) throw new Abandoned();
    const whole = { ...ambient, signal: null };
    if (beforeCommit) last = pool.within(whole, () => started(sent, beforeCommit(value)));
    // After COMMIT has been sent nothing can follow, so it waits for whatever was not sent yet.
    if (!last.every((statement) => sent.has(statement))) await Promise.all(last);
  } catch (error) {
    await transaction.rollback();
    await Promise.allSettled(last);
    throw error;
  }
  const outcomes = await Promise.allSettled([...last, transaction.commit()]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return value;
}

/** What Prisma returns runs when it is awaited: here, where the transaction is known. */
function started(sent: SentStatements, statements: readonly Promise<unknown>[]) {
  return statements.map((statement) =>
    sent.has(statement) ? statement : (async () => await statement)(),
  );
}

async function join<T>(
  pool: TenantPool,
  ambient: Ambient & { transaction: Transaction },
  fn: () => Promise<T>,
  { beforeCommit }: TransactionOptions<T>,
): Promise<T> {
  if (ambient.transaction.ended) throw new TransactionEnded('BEGIN');
  try {
    return await pool.within(ambient, async () => {
      const value = await fn();
      if (beforeCommit) await Promise.all(beforeCommit(value));
      return value;
    });
  } catch (error) {
    // Half of a joined part must not be committed, even if somebody catches this.
    ambient.transaction.spoil(error);
    throw error;
  }
}
