/**
 * One transaction on one connection, written so that few round trips are needed: BEGIN and the
 * tenant leave in one write with the first statement, COMMIT with the last. The connection is taken
 * when the first statement comes and given back when the transaction has ended. Every statement
 * says whose rows it may see, so that one transaction can work for two tenants.
 */
import type pg from 'pg';
import {
  leavesConnectionUnknown,
  TransactionAborted,
  TransactionEnded,
} from './database-errors.ts';
import {
  bindStatement,
  carriedTenant,
  type Pooling,
  type Statement,
  setCarriedTenant,
} from './session.ts';

export class Transaction {
  readonly #acquire: (tenant: string) => Promise<pg.PoolClient>;
  readonly #pooling: Pooling;
  #client: Promise<pg.PoolClient> | undefined;
  #ended = false;
  #begun = false;
  /** Set when BEGIN itself failed: what followed it would run outside of any transaction. */
  #broken: unknown;
  /** What the setting will be once everything that was sent has run; undefined when unknown. */
  #tenant: string | undefined;
  /** The tenant that the session carries if this transaction is undone, and if it commits. */
  #carriedBefore: string | undefined;
  #carriedAfter: string | undefined;
  #firstFailure: unknown;
  #spoiled: { readonly by: unknown } | undefined;
  #savepoints = 0;
  #section: Promise<void> = Promise.resolve();
  isolation = 'READ COMMITTED';

  constructor(acquire: (tenant: string) => Promise<pg.PoolClient>, pooling: Pooling) {
    this.#acquire = acquire;
    this.#pooling = pooling;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The first statement that failed and was not undone by a savepoint; undefined when none did. */
  get failure(): unknown {
    return this.#firstFailure;
  }

  /** Makes commit impossible: a part of the work failed half-way and its error was caught outside. */
  spoil(by: unknown): void {
    this.#spoiled ??= { by };
  }

  get spoiled(): { readonly by: unknown } | undefined {
    return this.#spoiled;
  }

  /** Sends a statement, in the order of the calls. `tenant`: whose rows it may see; '' for none. */
  run(statement: Statement, tenant: string): Promise<pg.QueryResult> {
    if (this.#ended) return Promise.reject(new TransactionEnded(statement.text));
    this.#client ??= this.#acquire(tenant);
    const answer = this.#client.then((client) => this.#send(client, statement, tenant));
    this.#watch(answer);
    return answer;
  }

  /** Ends the transaction. Statements sent before are part of it, awaited or not. */
  async commit(): Promise<void> {
    if (this.#ended) throw new TransactionEnded('COMMIT');
    this.#ended = true;
    if (!this.#client) return;
    const answer = this.#client.then((client) => this.#atOnce(client).query('COMMIT'));
    try {
      const { command } = await answer;
      // An aborted transaction answers COMMIT with ROLLBACK, and that is not an error to PostgreSQL.
      if (command !== 'COMMIT' || this.#broken) throw this.#whyAborted();
      await this.#giveBack(this.#carriedAfter);
    } catch (error) {
      await this.#giveBack(this.#carriedBefore);
      throw error;
    }
  }

  /** Ends the transaction and undoes it. Never fails: a connection that cannot is destroyed. */
  async rollback(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const answer = this.#client?.then((client) => client.query('ROLLBACK'));
    await answer?.catch(() => undefined);
    await this.#giveBack(this.#carriedBefore);
  }

  /** A part that can be undone alone. Sections wait for each other: savepoints are a stack. */
  async section(tenant: string): Promise<Section> {
    const before = this.#section;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#section = before.then(() => promise);
    await before;
    this.#savepoints += 1;
    const name = `section_${this.#savepoints}`;
    await this.run({ text: `SAVEPOINT ${name}` }, tenant).catch((error: unknown) => {
      resolve();
      throw error;
    });
    return {
      keep: () => this.run({ text: `RELEASE SAVEPOINT ${name}` }, tenant),
      undo: async () => {
        const text = `ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`;
        await this.run({ text }, tenant);
        this.#firstFailure = undefined;
      },
      leave: resolve,
    };
  }

  #send(client: pg.PoolClient, statement: Statement, tenant: string): Promise<pg.QueryResult> {
    if (this.#broken) throw this.#broken;
    this.#atOnce(client);
    if (!this.#begun) this.#begin(client, tenant);
    if (tenant !== this.#tenant) {
      this.#watch(client.query(bindStatement(tenant, this.#pooling, true)));
      this.#tenant = tenant;
    }
    // Rolling back to a savepoint also takes the setting back to what it was there.
    if (/^\s*ROLLBACK\s+TO\b/i.test(statement.text)) this.#tenant = undefined;
    if (this.#pooling === 'transaction') return client.query({ ...statement, name: '' });
    return client.query(statement);
  }

  #begin(client: pg.PoolClient, tenant: string): void {
    this.#begun = true;
    client.query(`BEGIN ISOLATION LEVEL ${this.isolation}`).catch((error: unknown) => {
      this.#broken = error;
      this.#firstFailure ??= error;
    });
    if (this.#pooling === 'transaction') return;
    this.#tenant = carriedTenant(client);
    this.#carriedBefore = this.#tenant;
    this.#carriedAfter = tenant;
    if (this.#tenant === tenant) return;
    // For the session and not only for the transaction: the next one is likely to be the same
    // tenant's. If this one is undone, so is the setting.
    this.#watch(client.query(bindStatement(tenant, this.#pooling, false)));
    this.#tenant = tenant;
    setCarriedTenant(client, undefined);
  }

  /** Everything that is sent until the promises at hand have run leaves in one write. */
  #atOnce(client: pg.PoolClient): pg.PoolClient {
    const { stream } = client.connection;
    stream.cork();
    queueMicrotask(() => process.nextTick(() => stream.uncork()));
    return client;
  }

  /** Remembers the first failure, and keeps a promise that nobody awaits from ending the process. */
  #watch(answer: Promise<unknown>): void {
    answer.catch((error: unknown) => {
      this.#firstFailure ??= error;
    });
  }

  #whyAborted(): unknown {
    const cause = this.#firstFailure;
    return cause === undefined ? new TransactionAborted(undefined) : cause;
  }

  async #giveBack(tenant: string | undefined): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    if (!client) return;
    setCarriedTenant(client, tenant);
    const unknown = this.#broken || client.getTransactionStatus() !== 'I';
    client.release(Boolean(unknown) || leftUnknown(this.#firstFailure));
  }
}

/** A savepoint: `keep` or `undo` it, then `leave`. */
export interface Section {
  keep(): Promise<unknown>;
  undo(): Promise<void>;
  leave(): void;
}

function leftUnknown(failure: unknown): boolean {
  return failure !== undefined && leavesConnectionUnknown(failure);
}
