import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#kernel/db/database.ts';
import { makeTenant, makeUser } from './makers.ts';

/** What two tenants of one database can never do to each other. */
export function isolationSuite(open: () => Database): void {
  describe('tenants', () => {
    let db: Database;
    let ours: string;
    let theirs: string;
    let ourUser: string;
    let theirUser: string;

    beforeAll(async () => {
      db = open();
      [ours, theirs] = [await makeTenant(db), await makeTenant(db)];
      [ourUser, theirUser] = [await makeUser(db, ours), await makeUser(db, theirs)];
    });

    it('see only their own rows, sixty statements interleaved without any where', async () => {
      const seen = await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const tenant = i % 2 ? ours : theirs;
          const rows = await db.inTenant<{ id: string }[]>(tenant, () =>
            i % 3 ? db.query('SELECT id FROM users') : db.prisma.user.findMany(),
          );
          return rows.map(({ id }) => id).join() === (i % 2 ? ourUser : theirUser);
        }),
      );
      expect(seen).toEqual(Array(60).fill(true));
    });

    it.each([[null], ['']])(
      'nobody (%j) sees nothing, right after somebody did',
      async (nobody) => {
        expect(await db.inTenant(ours, () => db.prisma.user.count())).toBe(1);
        expect(await db.inTenant(nobody, () => db.prisma.user.count())).toBe(0);
        expect(await db.query('SELECT id FROM users')).toEqual([]);
      },
    );

    it('that ask for one row by findUnique in one tick get their own answer', async () => {
      const find = (tenant: string, tenantId: string, id: string) =>
        db.inTenant(tenant, () =>
          db.prisma.user.findUnique({ where: { tenantId_id: { tenantId, id } } }),
        );
      const [own, foreign, own2, foreign2] = await Promise.all([
        find(ours, ours, ourUser),
        find(theirs, ours, ourUser),
        find(theirs, theirs, theirUser),
        find(ours, theirs, theirUser),
      ]);
      expect([own?.id, foreign, own2?.id, foreign2]).toEqual([ourUser, null, theirUser, null]);
    });

    it('find by every kind of unique key, or fail when asked to', async () => {
      const { user } = db.prisma;
      const emailKey = `${ourUser}@example.com`;
      const where = { tenantId_emailKey: { tenantId: ours, emailKey } };
      const found = await db.inTenant(ours, () =>
        user.findUniqueOrThrow({ where, select: { id: true } }),
      );
      expect(found).toEqual({ id: ourUser });
      await expect(db.inTenant(theirs, () => user.findUniqueOrThrow({ where }))).rejects.toThrow(
        expect.objectContaining({ code: 'P2025' }),
      );
    });

    it('cannot write into each other, by SQL or by Prisma', async () => {
      const id = randomUUID();
      const text =
        "INSERT INTO users (tenant_id, id, email, email_key, display_name, name_key) VALUES ($1, $2, 'e', 'e', 'n', 'n')";
      const data = {
        tenantId: ours,
        id,
        email: 'e',
        emailKey: 'e',
        displayName: 'n',
        nameKey: 'n',
      };
      await expect(db.inTenant(theirs, () => db.execute(text, [ours, id]))).rejects.toMatchObject({
        code: '42501',
      });
      await expect(db.inTenant(theirs, () => db.prisma.user.create({ data }))).rejects.toThrow(
        /row-level security/,
      );
      expect(await db.inTenant(theirs, () => db.execute("UPDATE users SET locale = 'xx'"))).toBe(1);
      const [row] = await db.inTenant(ours, () =>
        db.query<{ locale: string | null }>('SELECT locale FROM users'),
      );
      expect(row?.locale).toBeNull();
    });

    it('can be changed inside one transaction, each statement in its own name', async () => {
      const names = () => db.query<{ id: string }>('SELECT id FROM users');
      const seen = await db.transaction(
        async () => {
          const before = await names();
          const [inside, nested] = await Promise.all([
            db.inTenant(theirs, names),
            db.transaction(names, { tenantId: theirs }),
          ]);
          return [before, inside, nested, await names()];
        },
        { tenantId: ours },
      );
      expect(seen.flat().map(({ id }) => id)).toEqual([ourUser, theirUser, theirUser, ourUser]);
    });

    it('are not confused by a transaction that is undone', async () => {
      const undone = db.transaction(
        async () => {
          await db.query('SELECT 1');
          throw new Error('undone');
        },
        { tenantId: theirs },
      );
      await expect(undone).rejects.toThrow('undone');
      expect(await db.inTenant(ours, () => db.query('SELECT id FROM users'))).toEqual([
        { id: ourUser },
      ]);
    });

    it('get times back as they were written although the session’s zone is another', async () => {
      const at = new Date('2026-07-01T12:00:00.123Z');
      const read = await db.inTenant(ours, async () => {
        await db.prisma.user.updateMany({ data: { updatedAt: at } });
        const [row] = await db.query<{ at: Date; epoch: string }>(
          'SELECT updated_at AS at, extract(epoch FROM updated_at)::text AS epoch FROM users',
        );
        const byPrisma = await db.prisma.user.findFirst();
        return [row?.at, new Date(Number(row?.epoch) * 1000), byPrisma?.updatedAt];
      });
      expect(read).toEqual([at, at, at]);
    });
  });
}
