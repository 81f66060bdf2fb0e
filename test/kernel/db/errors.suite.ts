import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#kernel/db/database.ts';
import { onUnique, uniqueViolation } from '#kernel/db/database-errors.ts';
import { insertUser, makeTenant } from './makers.ts';

const UNIQUE = 'users_tenant_id_email_key_key';

/** What callers can tell from a failure, and that a failure is over when it is over. */
export function errorsSuite(open: () => Database): void {
  describe('failures', () => {
    let db: Database;
    let tenantId: string;
    let taken: string;

    beforeAll(async () => {
      db = open();
      tenantId = await makeTenant(db);
      taken = `${randomUUID()}@example.com`;
      await db.inTenant(tenantId, () => byPrisma());
    });

    const byPrisma = () =>
      db.prisma.user.create({
        data: { tenantId, email: taken, emailKey: taken, displayName: 'n', nameKey: 'n' },
      });
    const bySql = () =>
      db.execute(
        "INSERT INTO users (tenant_id, id, email, email_key, display_name, name_key) VALUES ($1, $2, $3, $3, 'n', 'n')",
        [tenantId, randomUUID(), taken],
      );

    it('of a unique constraint name it, by SQL and by Prisma alike', async () => {
      for (const write of [byPrisma, bySql]) {
        const error = await db.inTenant<unknown>(tenantId, write).catch((reason) => reason);
        expect(uniqueViolation(error)).toMatchObject({ constraint: UNIQUE });
        expect(() => onUnique(error, { [UNIQUE]: () => new Error('taken') })).toThrow('taken');
        expect(() => onUnique(error, { other: () => new Error('taken') })).toThrow(error as Error);
      }
      expect(uniqueViolation(new Error('x'))).toBeNull();
    });

    it.each([
      ['malformed', 'SELEC', []],
      ['malformed with values', 'SELEC $1', [1]],
      ['failing', 'SELECT 1 / $1::int', [0]],
      ['naming a table that is not there', 'SELECT * FROM nothing', []],
      ['with a value that cannot be sent', 'SELECT $1::jsonb', [circular()]],
      ['with a value of another type', 'SELECT $1::uuid', ['x']],
      ['with too few values', 'SELECT $1::int, $2::int', [1]],
    ])('of one statement (%s) do not touch the next', async (_, text, values) => {
      for (let round = 0; round < 3; round += 1) {
        await expect(db.inTenant(tenantId, () => db.query(text, values))).rejects.toThrow();
        expect(await db.query('SELECT $1::int AS n', [round])).toEqual([{ n: round }]);
        expect(await db.inTenant(tenantId, () => db.prisma.user.count())).toBe(1);
      }
    });

    it('leave a transaction’s connection as clean as they found it', async () => {
      for (let round = 0; round < 10; round += 1) {
        const failing = db.transaction(
          async () => {
            await insertUser(db, tenantId, randomUUID());
            await Promise.all([db.query('SELECT 1 / 0'), db.query('SELECT $1::int', [1])]);
          },
          { tenantId },
        );
        await expect(failing).rejects.toMatchObject({ code: '22012' });
      }
      expect(await db.inTenant(tenantId, () => db.prisma.user.count())).toBe(1);
      expect(db.stats().waiting).toBe(0);
    });

    it('are told in the types that callers expect', async () => {
      const [row] = await db.query<Record<string, unknown>>(
        "SELECT 9007199254740993::int8 AS big, '2026-01-02T03:04:05.678Z'::timestamptz AS at, 1.50::numeric AS n, '\\x00ff'::bytea AS b, ARRAY['a', 'b'] AS list, '{\"a\": 1}'::jsonb AS doc, NULL AS nothing",
      );
      expect(row).toEqual({
        big: '9007199254740993',
        at: new Date('2026-01-02T03:04:05.678Z'),
        n: '1.50',
        b: Buffer.from([0, 255]),
        list: ['a', 'b'],
        doc: { a: 1 },
        nothing: null,
      });
    });
  });
}

function circular(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
