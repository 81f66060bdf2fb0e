/**
 * pg-boss over our database: what it says runs where it is said, so that a job that is sent inside a
 * transaction exists when that commits, and only then. Our connections, our role, our timeouts.
 */
import type { Database } from '#kernel/db/database.ts';

export interface BossDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

export function bossDatabase(db: Pick<Database, 'query' | 'transaction'>): BossDatabase {
  return {
    async executeSql(text, values) {
      const framed = FRAME.exec(text)?.[1];
      if (framed === undefined) return { rows: await db.query(text, values) };
      return db.transaction(async () => {
        const rows: unknown[] = [];
        for (const statement of framed.split(BETWEEN)) rows.push(...(await db.query(statement)));
        return { rows };
      });
    },
  };
}

/**
 * pg-boss frames what takes a lock as one text: BEGIN; two timeouts; statements; COMMIT. A frame of
 * its own would end our transaction, and the timeouts are ours to set (one of them would end the
 * embedded database).
 */
const FRAME =
  /^\s*BEGIN;\s*SET LOCAL lock_timeout = \d+;\s*SET LOCAL idle_in_transaction_session_timeout = \d+;\s*([\s\S]*?);\s*COMMIT;\s*$/;
const BETWEEN = ';\n';
