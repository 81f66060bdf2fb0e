import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#kernel/db/database.ts';
import { insertUser, makeTenant } from './makers.ts';

/** All or nothing, whoever speaks inside. */
export function transactionSuite(open: () => Database): void {
  describe('a transaction', () => {
    let db: Database;
    let tenantId: string;
    const count = () => db.inTenant(tenantId, () => db.prisma.user.count());
    const insert = (id: string = randomUUID()) => insertUser(db, tenantId, id);

    beforeEach(async () => {
      db = open();
      tenantId = await makeTenant(db);
    });

    it('holds SQL, Prisma and nested transactions together, and undoes them together', async () => {
      const undone = db.transaction(
        async () => {
          await insert();
          await db.prisma.group.create({ data: { tenantId, name: 'g', nameKey: 'g' } });
          await db.transaction(() => insert());
          expect(await db.prisma.user.count()).toBe(2);
          throw new Error('changed my mind');
        },
        { tenantId },
      );
      await expect(undone).rejects.toThrow('changed my mind');
      expect(await count()).toBe(0);
      expect(await db.inTenant(tenantId, () => db.prisma.group.count())).toBe(0);
    });

    it('commits what ran in parallel inside it, with the last statements', async () => {
      const value = await db.transaction(
        async () => {
          await Promise.all([insert(), insert(), db.prisma.user.count(), insert()]);
          return 'kept';
        },
        { tenantId, beforeCommit: (result) => [insert(), db.query('SELECT $1', [result])] },
      );
      expect(value).toBe('kept');
      expect(await count()).toBe(4);
    });

    it('waits for last statements that Prisma has not sent yet', async () => {
      const data = { tenantId, name: 'g', nameKey: 'g' };
      await db.transaction(() => insert(), {
        tenantId,
        beforeCommit: () => [db.prisma.group.create({ data }), insert()],
      });
      expect(await count()).toBe(2);
      expect(await db.inTenant(tenantId, () => db.prisma.group.count())).toBe(1);
    });

    it('is undone when one of its last statements fails, and says so', async () => {
      const id = randomUUID();
      const failed = db.transaction(() => insert(id), {
        tenantId,
        beforeCommit: () => [insert(), insert(id)],
      });
      await expect(failed).rejects.toMatchObject({ code: '23505' });
      expect(await count()).toBe(0);
    });

    it('that swallowed a failed statement does not claim to have committed', async () => {
      const swallowed = db.transaction(
        async () => {
          await insert();
          await db.query('SELECT 1 / 0').catch(() => undefined);
          return 'fine';
        },
        { tenantId },
      );
      await expect(swallowed).rejects.toMatchObject({ code: '22012' });
      expect(await count()).toBe(0);
    });

    it('does not commit half of a joined transaction whose error was caught', async () => {
      const halfway = db.transaction(
        async () => {
          const joined = db.transaction(async () => {
            await insert();
            throw new Error('halfway');
          });
          await joined.catch(() => undefined);
        },
        { tenantId },
      );
      await expect(halfway).rejects.toThrow('halfway');
      expect(await count()).toBe(0);
    });

    it('gives Prisma’s own transactions a part of itself that can fail alone', async () => {
      const memberOf = (userId: string) =>
        db.prisma.group.create({
          data: {
            tenantId,
            name: userId,
            nameKey: userId,
            members: { create: [{ userId }] },
          },
        });
      const user = randomUUID();
      await db.transaction(
        async () => {
          await insert(user);
          await expect(memberOf(randomUUID())).rejects.toMatchObject({ code: 'P2003' });
          await Promise.all([memberOf(user), insert()]);
          await db.prisma.$transaction([db.prisma.user.count(), db.prisma.group.count()]);
        },
        { tenantId },
      );
      expect(await count()).toBe(2);
      expect(await db.inTenant(tenantId, () => db.prisma.groupMember.count())).toBe(1);
    });

    it('of Prisma’s own, outside of ours, commits or is undone', async () => {
      const create = (userId: string) =>
        db.inTenant(tenantId, () =>
          db.prisma.group.create({
            data: { tenantId, name: userId, nameKey: userId, members: { create: [{ userId }] } },
          }),
        );
      const user = randomUUID();
      await db.inTenant(tenantId, () => insert(user));
      await expect(create(randomUUID())).rejects.toMatchObject({ code: 'P2003' });
      await create(user);
      expect(await db.inTenant(tenantId, () => db.prisma.group.count())).toBe(1);
      await db.inTenant(tenantId, () =>
        db.prisma.$transaction(async (tx) => void (await tx.group.deleteMany()), {
          isolationLevel: 'Serializable',
        }),
      );
      expect(await db.inTenant(tenantId, () => db.prisma.group.count())).toBe(0);
    });

    it('refuses a statement that comes after its end', async () => {
      const gate = Promise.withResolvers<void>();
      let late: Promise<unknown>[] = [];
      await db.transaction(
        async () => {
          await insert();
          late = [
            gate.promise.then(() => insert()),
            gate.promise.then(() => db.prisma.user.count()),
            gate.promise.then(() => db.transaction(() => insert())),
          ];
          for (const promise of late) promise.catch(() => undefined);
        },
        { tenantId },
      );
      gate.resolve();
      const outcomes = await Promise.allSettled(late);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ reason: { code: 'TRANSACTION_ENDED' } });
      }
      expect(await count()).toBe(1);
    });

    it('lets work that outlives it start anew in a tenant’s name', async () => {
      const gate = Promise.withResolvers<void>();
      let later: Promise<unknown> | undefined;
      await db.transaction(
        async () => {
          later = gate.promise.then(() => db.inTenant(tenantId, () => insert()));
        },
        { tenantId },
      );
      gate.resolve();
      await later;
      expect(await count()).toBe(1);
    });

    it('without a statement needs no connection', async () => {
      expect(await db.transaction(async () => 42)).toBe(42);
    });
  });
}
