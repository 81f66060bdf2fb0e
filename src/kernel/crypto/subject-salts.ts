/**
 * Owns `subject_keys`: one random salt a subject, from which the subject's key is derived. Only
 * committed salts are remembered, and for a second at most, so that erasing one is soon true on
 * every instance.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Database } from '#kernel/db/database.ts';

/** What the vault needs of the database. */
export type KeyStore = Pick<Database, 'query' | 'inTenant'>;

export interface SaltOptions {
  /** Subjects that this very transaction creates: their salts are written without being read. */
  readonly fresh?: ReadonlySet<string>;
  /** Takes the write of fresh salts, to be awaited before COMMIT; else it is awaited here. */
  readonly later?: (written: Promise<unknown>) => void;
}

type Salts = Map<string, Buffer>;

interface SaltRow {
  subject: string;
  salt: Buffer;
  settled: boolean;
}

/** True of a row that no transaction in flight, our own included, can have written. */
export const SETTLED = 'age(xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)';
const SELECT_SALTS = `
  SELECT subject, salt, ${SETTLED} AS settled
    FROM subject_keys WHERE tenant_id = $1 AND subject = ANY ($2::uuid[])`;
// A fresh subject that has a salt already is a mistake of the caller, and fails.
const INSERT_FRESH = `
  INSERT INTO subject_keys (tenant_id, subject, salt)
  SELECT $1::uuid, subject, salt FROM unnest($2::uuid[], $3::bytea[]) AS wanted (subject, salt)`;
const ENSURE_SALTS = `
  WITH made AS (${INSERT_FRESH} ON CONFLICT DO NOTHING RETURNING subject, salt)
  SELECT subject, salt, false AS settled FROM made UNION ALL ${SELECT_SALTS}`;
const ERASE_SALT = 'DELETE FROM subject_keys WHERE tenant_id = $1 AND subject = $2';

/** Salts by subject. */
export function subjectSalts(db: KeyStore) {
  const remembered = new LRUCache<string, Buffer>({ max: 50_000, ttl: 1000 });

  async function ask(tenantId: string, text: string, values: unknown[], into: Salts) {
    const rows = await db.inTenant(tenantId, () => db.query<SaltRow>(text, values));
    for (const { subject, salt, settled } of rows) {
      into.set(subject, salt);
      if (settled) remembered.set(tenantId + subject, salt);
    }
  }

  /** Fills `into` from memory and answers who is missing, in one order so that no two writers
   * wait for each other. */
  function recall(tenantId: string, subjects: readonly string[], into: Salts): string[] {
    for (const subject of subjects) {
      const salt = remembered.get(tenantId + subject);
      if (salt) into.set(subject, salt);
    }
    return [...new Set(subjects)].filter((subject) => !into.has(subject)).sort();
  }

  return {
    async find(tenantId: string, subjects: readonly string[]): Promise<Salts> {
      const found: Salts = new Map();
      const missing = recall(tenantId, subjects, found);
      if (missing.length > 0) await ask(tenantId, SELECT_SALTS, [tenantId, missing], found);
      return found;
    },

    /** Every subject's salt, made where there was none. */
    async ensure(
      tenantId: string,
      subjects: readonly string[],
      { fresh, later }: SaltOptions,
    ): Promise<Salts> {
      const found: Salts = new Map();
      let missing = recall(tenantId, subjects, found);
      const born = missing.filter((subject) => fresh?.has(subject));
      if (born.length > 0) {
        for (const subject of born) found.set(subject, randomBytes(32));
        const values = [tenantId, born, born.map((subject) => found.get(subject))];
        const written = db.inTenant(tenantId, () => db.query(INSERT_FRESH, values));
        if (later) later(written);
        else await written;
      }
      // Twice: a salt that was committed while the first statement ran is seen by the next.
      for (let attempt = 0; attempt < 3; attempt += 1) {
        missing = missing.filter((subject) => !found.has(subject));
        if (missing.length === 0) break;
        const values = [tenantId, missing, missing.map(() => randomBytes(32))];
        await ask(tenantId, ENSURE_SALTS, values, found);
      }
      return found;
    },

    async erase(tenantId: string, subject: string): Promise<void> {
      await db.inTenant(tenantId, () => db.query(ERASE_SALT, [tenantId, subject]));
      remembered.delete(tenantId + subject);
    },
  };
}
