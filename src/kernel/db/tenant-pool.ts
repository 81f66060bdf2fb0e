/**
 * The connections, and the rule by which one is chosen: a statement runs in the transaction that is
 * open where it was issued, else on any connection, bound to the tenant in whose name it was issued.
 * Who issues it is known from AsyncLocalStorage, so that Prisma (which is given this pool) follows
 * the same rule without knowing it. Nobody's statement sees no rows.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { columnTypes } from './column-types.ts';
import { Abandoned, leavesConnectionUnknown, translated } from './database-errors.ts';
import { ownConnection, sharedConnection } from './prisma-connection.ts';
import { carriedTenant, type Pooling, prepareSession, type Statement } from './session.ts';
import { Transaction } from './transaction.ts';

/** In whose name, and in which transaction, the code at hand talks to the database. */
export interface Ambient {
  readonly tenantId: string | null;
  readonly transaction: Transaction | null;
  /** After it aborts nothing more is sent, but what ends a transaction. */
  readonly signal: AbortSignal | null;
}

interface TenantPoolOptions extends pg.PoolConfig {
  readonly pooling: Pooling;
  /** Hears what happened to connections that nobody was using. */
  readonly onConnectionLost: (error: Error) => void;
  /** Whether statements end when they take too long. */
  readonly timed: boolean;
  /** Runs before the session of a fresh connection is prepared. */
  readonly onFresh?: (client: pg.ClientBase) => Promise<void>;
}

const NOBODY: Ambient = { tenantId: null, transaction: null, signal: null };

export class TenantPool extends pg.Pool {
  readonly #ambient = new AsyncLocalStorage<Ambient>();
  readonly #pooling: Pooling;

  constructor({ pooling, timed, onConnectionLost, onFresh, ...options }: TenantPoolOptions) {
    super({
      ...options,
      pipeline: true,
      types: columnTypes,
      onConnect: async (client) => {
        // Without a listener, a connection that is lost while in use would end the process. Whoever
        // uses it hears of it by the failure of their statement.
        client.on('error', () => undefined);
        await onFresh?.(client);
        if (pooling === 'session') await prepareSession(client, timed);
      },
    });
    this.#pooling = pooling;
    this.on('error', onConnectionLost);
  }

  get ambient(): Ambient {
    return this.#ambient.getStore() ?? NOBODY;
  }

  /** Runs `fn` with everything that it issues, also later, under `ambient`. */
  within<T>(ambient: Ambient, fn: () => T): T {
    return this.#ambient.run(ambient, fn);
  }

  /** Runs a statement by the rule above. Connection failures are `Unavailable`. */
  async run(statement: Statement): Promise<pg.QueryResult> {
    const { tenantId, transaction, signal } = this.ambient;
    if (signal?.aborted) throw new Abandoned();
    try {
      if (transaction) return await transaction.run(statement, tenantId ?? '');
      return await this.#runAlone(statement, tenantId ?? '', signal);
    } catch (error) {
      throw translated(error);
    }
  }

  /** A transaction that takes its connection from here when its first statement comes. */
  begin(): Transaction {
    return new Transaction((tenant) => this.#take(tenant), this.#pooling);
  }

  /** For statements that concern no tenant (`SELECT now()`): on any connection, as it is. */
  async runUnbound(statement: Statement): Promise<pg.QueryResult> {
    try {
      return await super.query(statement);
    } catch (error) {
      throw translated(error);
    }
  }

  /** For PrismaPg alone, which awaits it. `never` satisfies every overload of pg's. */
  override query(statement: unknown): never {
    return this.run(statement as Statement) as never;
  }

  /** For PrismaPg alone, which asks for a connection in order to send BEGIN on it. */
  override connect(callback?: unknown): never {
    // pg.Pool's own `query` takes its connection here.
    if (typeof callback === 'function') {
      return super.connect(callback as Parameters<pg.Pool['connect']>[0]) as never;
    }
    const { tenantId, transaction } = this.ambient;
    const connection = transaction
      ? sharedConnection(transaction, tenantId ?? '')
      : ownConnection(this.begin(), tenantId ?? '');
    return Promise.resolve(connection) as never;
  }

  async #runAlone(
    statement: Statement,
    tenant: string,
    signal: AbortSignal | null,
  ): Promise<pg.QueryResult> {
    const client = await this.#take(tenant);
    if (signal?.aborted) {
      client.release();
      throw new Abandoned();
    }
    if (this.#pooling === 'session' && carriedTenant(client) === tenant) {
      return runAndRelease(client, statement);
    }
    // One write: BEGIN, the tenant, the statement, COMMIT. If the tenant cannot be set, the
    // statement cannot run.
    const transaction = new Transaction(async () => client, this.#pooling);
    const [answer, end] = await Promise.allSettled([
      transaction.run(statement, tenant),
      transaction.commit(),
    ]);
    if (answer.status === 'rejected') throw answer.reason;
    if (end.status === 'rejected') throw end.reason;
    return answer.value;
  }

  #take(tenant: string): Promise<pg.PoolClient> {
    this.#prefer(tenant);
    return super.connect();
  }

  /** pg-pool hands out the last of its idle connections: let that be one that carries the tenant. */
  #prefer(tenant: string): void {
    const idle = (this as unknown as { _idle: { client: pg.ClientBase }[] })._idle;
    const found = idle.findLastIndex(({ client }) => carriedTenant(client) === tenant);
    if (found < 0 || found === idle.length - 1) return;
    idle.push(...idle.splice(found, 1));
  }
}

async function runAndRelease(client: pg.PoolClient, statement: Statement): Promise<pg.QueryResult> {
  try {
    const result = await client.query(statement);
    client.release(client.getTransactionStatus() !== 'I');
    return result;
  } catch (error) {
    client.release(leavesConnectionUnknown(error));
    throw error;
  }
}
