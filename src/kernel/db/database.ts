/**
 * The database as the rest of the program sees it: prepared SQL, Prisma, tenants, transactions. The
 * same over PostgreSQL and over the embedded database; nothing outside of this folder knows which.
 */
import type { PrismaClient } from '#prisma/client/client.ts';
import { type EmbeddedServer, startEmbeddedServer } from './embedded-server.ts';
import { migrate, ownerConnection, pendingMigrations, SHIPPED_MIGRATIONS } from './migrate.ts';
import { createPrismaClient } from './prisma-client.ts';
import { runTransaction, type SentStatements, type TransactionOptions } from './run-transaction.ts';
import { type Pooling, TIMEOUTS } from './session.ts';
import { StatementNames } from './statements.ts';
import { TenantPool } from './tenant-pool.ts';

export interface DatabaseConfig {
  /** PostgreSQL; absent: the embedded database in `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** The owner's connection for migrations; `databaseUrl` when absent. */
  readonly migrationDatabaseUrl?: string | undefined;
  readonly dataDir: string;
  readonly databasePoolSize: number;
  readonly databasePooling: Pooling;
}

interface DatabaseLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

interface OpenOptions {
  /** Folder of the migrations; those of this program unless told. */
  readonly migrations?: string;
  /** Whether to apply what is pending before the database is opened; true unless told. */
  readonly migrate?: boolean;
  /** For an operator's command: connects as the owner of the tables, who still acts as the run-time
   * role unless a transaction says SET LOCAL ROLE NONE, and gives statements all their time. */
  readonly owner?: boolean;
}

export interface Database {
  /** Whether the database runs inside this process: one connection, no server to reach. */
  readonly embedded: boolean;
  /** Follows tenants and transactions as `query` does. `findUnique` is answered by `findFirst`. */
  readonly prisma: PrismaClient;
  /** Rows as objects: timestamptz as Date, int8 and numeric as string, uuid as text, bytea as
   * Buffer. `text` should be constant: it is prepared under a name of its own. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The number of rows that were written. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
  /** Runs `fn` in a tenant's name (null: nobody's, who sees no rows of any tenant). Inside a
   * transaction its statements stay in that transaction. */
  inTenant<T>(tenantId: string | null, fn: () => Promise<T>): Promise<T>;
  /** All of `fn` or nothing; READ COMMITTED. Inside another transaction it joins that one. */
  transaction<T>(fn: () => Promise<T>, options?: TransactionOptions<T>): Promise<T>;
  /** Runs `fn`; after `signal` aborts, its further statements fail with `Abandoned` unsent. Null:
   * whatever happens to the caller, for what others wait for too. */
  until<T>(signal: AbortSignal | null, fn: () => Promise<T>): Promise<T>;
  /** Names of the migrations that this program knows and this database does not. */
  pendingMigrations(): Promise<string[]>;
  /** The database's clock. Fails with `Unavailable` when there is no answer in time. */
  ping(): Promise<{ now: Date }>;
  /** Waits for statements in flight, then gives everything back. */
  close(): Promise<void>;
  /** Connections: open, idle, and requests that wait for one. */
  stats(): { total: number; idle: number; waiting: number };
}

/** Opens the database, after applying pending migrations. Throws `Unavailable`, `DataDirInUse`,
 * `MigrationEdited` or `MigrationFailed`. */
export async function openDatabase(
  config: DatabaseConfig,
  log: DatabaseLog,
  options: OpenOptions = {},
): Promise<Database> {
  const migrations = options.migrations ?? SHIPPED_MIGRATIONS;
  const server = config.databaseUrl ? null : await startEmbeddedServer(config.dataDir, log);
  try {
    if (options.migrate ?? true) {
      const url = config.migrationDatabaseUrl ?? config.databaseUrl;
      const owner = await ownerConnection(server ?? { connectionString: url ?? '' });
      await migrate(owner, migrations, log).finally(() => owner.end());
    }
    const pool = createPool(options.owner ? asOwner(config) : config, server, log, !options.owner);
    return database(pool, server, migrations);
  } catch (error) {
    await server?.close();
    throw error;
  }
}

/** By a connection of its own, as migrations have. */
function asOwner(config: DatabaseConfig): DatabaseConfig {
  const databaseUrl = config.migrationDatabaseUrl ?? config.databaseUrl;
  return { ...config, databaseUrl, databasePooling: 'session' };
}

function createPool(
  config: DatabaseConfig,
  server: EmbeddedServer | null,
  log: DatabaseLog,
  timed: boolean,
): TenantPool {
  const onConnectionLost = (error: Error) =>
    log.warn({ err: error }, 'a connection to the database was lost');
  if (server) {
    return new TenantPool({
      ...server.clientConfig(),
      onFresh: server.resetSession,
      pooling: 'session',
      timed: false,
      onConnectionLost,
      // The one session is waited for: here a queue is not a sign of overload but the normal case.
      max: 1,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: 30_000,
    });
  }
  return new TenantPool({
    connectionString: config.databaseUrl ?? '',
    application_name: 'signet',
    pooling: config.databasePooling,
    timed,
    onConnectionLost,
    max: config.databasePoolSize,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: TIMEOUTS.connect,
    ...(timed ? { query_timeout: TIMEOUTS.answer } : {}),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
}

function database(pool: TenantPool, server: EmbeddedServer | null, migrations: string): Database {
  const names = new StatementNames();
  const sent: SentStatements = new WeakSet();
  const prisma = createPrismaClient(pool, names);

  /** Not async: `sent` remembers the very promise that the caller gets. */
  function send<T>(
    text: string,
    values: readonly unknown[] | undefined,
    read: (result: { rows: unknown[]; rowCount: number | null }) => T,
  ): Promise<T> {
    const statement = { name: names.of(text), text, values: values as unknown[] };
    const answer = pool.run(statement).then(read);
    // What is refused unsent is not part of what COMMIT follows.
    const { transaction, signal } = pool.ambient;
    if (transaction && !signal?.aborted) sent.add(answer);
    return answer;
  }

  return {
    embedded: server !== null,
    prisma,
    query: <Row>(text: string, values?: readonly unknown[]) =>
      send(text, values, ({ rows }) => rows as Row[]),
    execute: (text, values) => send(text, values, ({ rowCount }) => rowCount ?? 0),
    inTenant(tenantId, fn) {
      const { transaction, signal } = pool.ambient;
      const open = transaction?.ended ? null : transaction;
      return pool.within({ tenantId, transaction: open, signal }, () => settled(sent, fn));
    },
    until: (signal, fn) => pool.within({ ...pool.ambient, signal }, fn),
    transaction: (fn, options = {}) => runTransaction(pool, sent, fn, options),
    pendingMigrations: () =>
      pendingMigrations((text) => pool.runUnbound({ text }), migrations).catch((error: unknown) => {
        // The run-time role is made by the first migration.
        if ((error as { code?: unknown }).code !== '22023') throw error;
        return pendingMigrations(async () => ({ rows: [{ found: null }] }), migrations);
      }),
    async ping() {
      const { rows } = await pool.runUnbound({ text: 'SELECT clock_timestamp() AS now' });
      return { now: (rows[0] as { now: Date }).now };
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
      await server?.close();
    },
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
}

/** Starts what Prisma returns (it runs when it is awaited) here and now, where the tenant is known. */
function settled<T>(sent: SentStatements, fn: () => Promise<T>): Promise<T> {
  try {
    const answer = fn();
    return sent.has(answer) ? answer : (async () => await answer)();
  } catch (error) {
    return Promise.reject(error);
  }
}
