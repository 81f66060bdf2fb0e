/**
 * The connection that Prisma is handed when it wants a transaction for itself (a nested write, or
 * `$transaction`). It believes to hold a connection of the pool and sends BEGIN and COMMIT as text;
 * here those become a transaction of ours or, inside one that is open, a section of it.
 */
import type pg from 'pg';
import type { Statement } from './session.ts';
import type { Section, Transaction } from './transaction.ts';

/** What adapter-pg uses of a connection. */
interface Connection {
  query(statement: Statement): Promise<pg.QueryResult>;
  release(error?: unknown): void;
  on(): void;
  removeListener(): void;
}

/** A transaction of its own, for `tenant`. */
export function ownConnection(transaction: Transaction, tenant: string): Connection {
  return connection({
    async control(statement) {
      const [word, isolation] = command(statement);
      // Sent with the first statement instead.
      if (word === 'BEGIN') return DONE;
      if (word === 'SET') transaction.isolation = isolation ?? transaction.isolation;
      else if (word === 'COMMIT') await transaction.commit();
      else if (word === 'ROLLBACK') await transaction.rollback();
      else return transaction.run(statement, tenant);
      return DONE;
    },
    leave: () => void transaction.rollback(),
  });
}

/** A section of the transaction that is open. */
export function sharedConnection(transaction: Transaction, tenant: string): Connection {
  let section: Section | undefined;
  return connection({
    async control(statement) {
      const [word] = command(statement);
      if (word === 'BEGIN') section = await transaction.section(tenant);
      else if (word === 'COMMIT') await section?.keep();
      else if (word === 'ROLLBACK') await section?.undo();
      else return transaction.run(statement, tenant);
      return DONE;
    },
    leave: () => section?.leave(),
  });
}

interface Behaviour {
  control(statement: Statement): Promise<pg.QueryResult>;
  leave(): void;
}

function connection({ control, leave }: Behaviour): Connection {
  return {
    query: control,
    release: leave,
    // Errors of the connection are the pool's to hear.
    on: () => undefined,
    removeListener: () => undefined,
  };
}

const DONE: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] };

/** The word by which a statement controls its transaction, or nothing. */
function command({ text }: Statement): [word?: string, isolation?: string] {
  const isolation = /^SET TRANSACTION ISOLATION LEVEL ([A-Z ]+)$/.exec(text)?.[1];
  if (isolation) return ['SET', isolation];
  return text === 'BEGIN' || text === 'COMMIT' || text === 'ROLLBACK' ? [text] : [];
}
