import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, type DatabaseConfig, openDatabase } from '#kernel/db/database.ts';
import { Unavailable } from '#kernel/errors.ts';
import { administer, migrationsFolder, postgres, serverUrl, silent } from './homes.ts';

const COUNTERS = `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'signet_app') THEN CREATE ROLE signet_app NOLOGIN; END IF;
END $$;
GRANT signet_app TO CURRENT_USER;
CREATE TABLE counters (name text PRIMARY KEY, n int NOT NULL);
INSERT INTO counters VALUES ('a', 0), ('b', 0);
GRANT ALL ON counters TO signet_app;`;

/** Accepts connections and passes them on to a database, until told to fall silent. */
async function gate(target: URL | null) {
  const sockets = new Set<Socket>();
  let silentNow = target === null;
  const server = createServer((near) => {
    const far = target ? connect(Number(target.port), target.hostname) : null;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      if (!from) continue;
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to?.destroy());
      from.on('data', (chunk) => silentNow || to?.write(chunk));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent: (now: boolean) => {
      silentNow = now;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const config = (port: number): DatabaseConfig => ({
  databaseUrl: `postgres://nobody@127.0.0.1:${port}/none`,
  dataDir: tmpdir(),
  databasePoolSize: 2,
  databasePooling: 'session',
});

describe('K05, X03: a database that cannot be reached', () => {
  it.each(['refuses connections', 'accepts them and says nothing'])(
    'is Unavailable when it %s, for SQL, Prisma and transactions',
    async (how) => {
      const door = await gate(null);
      if (how === 'refuses connections') door.close();
      const db = await openDatabase(config(door.port), silent, { migrate: false });
      const failures = await Promise.allSettled([
        db.query('SELECT 1'),
        db.prisma.user.findFirst(),
        db.prisma.$transaction([db.prisma.user.count()]),
        db.transaction(() => db.prisma.user.count()),
        db.ping(),
        openDatabase(config(door.port), silent),
      ]);
      for (const failure of failures) {
        expect(failure).toMatchObject({ reason: expect.any(Unavailable) });
        expect(failure).toMatchObject({ reason: { retryAfter: 1 } });
      }
      await db.close();
      door.close();
    },
  );
});

if (serverUrl) onPostgres(serverUrl);

function onPostgres(url: string) {
  describe('on PostgreSQL', () => {
    const migrations = migrationsFolder({ '1_counters': COUNTERS });
    let db: Database;
    let remove: () => Promise<void>;
    let door: Awaited<ReturnType<typeof gate>>;
    const name = () => new URL(here.databaseUrl ?? '').pathname.slice(1);
    let here: DatabaseConfig;

    beforeAll(async () => {
      const home = await postgres('session', url).create();
      remove = home.remove;
      here = home.config;
      door = await gate(new URL(url));
      const databaseUrl = Object.assign(new URL(here.databaseUrl ?? ''), {
        host: `127.0.0.1:${door.port}`,
      }).href;
      db = await openDatabase({ ...here, databaseUrl }, silent, { migrations });
    });
    afterAll(async () => {
      await db?.close();
      door?.close();
      await remove?.();
      rmSync(migrations, { recursive: true });
    });

    it.each([
      ['X02: a connection that is cut', 'pg_terminate_backend'],
      ['X04: a statement that is cancelled', 'pg_cancel_backend'],
    ])('%s is Unavailable, and the next request works', async (_, verb) => {
      const slow = db.query('SELECT pg_sleep(60)');
      slow.catch(() => undefined);
      const cut = `SELECT 1 / count(${verb}(pid))::int FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND datname = $1`;
      while (
        !(await administer(url, cut, [name()]).then(
          () => true,
          () => false,
        ))
      );
      await expect(slow).rejects.toThrow(Unavailable);
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('X04: a lock that is not given in time is Unavailable', async () => {
      const gateOpen = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<void>();
      const holder = db.transaction(async () => {
        await db.execute('LOCK TABLE counters');
        locked.resolve();
        await gateOpen.promise;
      });
      await locked.promise;
      await expect(db.query('SELECT n FROM counters')).rejects.toThrow(Unavailable);
      gateOpen.resolve();
      await holder;
    });

    it('X03: a database that falls silent is Unavailable, and is used again when it speaks', async () => {
      await db.ping();
      door.fallSilent(true);
      const failures = await Promise.allSettled([
        db.query('SELECT 1'),
        db.transaction(() => db.query('SELECT 1')),
        db.ping(),
      ]);
      for (const failure of failures) {
        expect(failure).toMatchObject({ reason: expect.any(Unavailable) });
      }
      door.fallSilent(false);
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(db.stats().waiting).toBe(0);
    });

    it('X14: what loses a race runs again, whole', async () => {
      let attempts = 0;
      let arrived = 0;
      const both = Promise.withResolvers<void>();
      const bump = (first: string, second: string) =>
        db.transaction(async () => {
          attempts += 1;
          await db.execute('UPDATE counters SET n = n + 1 WHERE name = $1', [first]);
          arrived += 1;
          if (arrived === 2) both.resolve();
          await both.promise;
          await db.execute('UPDATE counters SET n = n + 1 WHERE name = $1', [second]);
        });
      await Promise.all([bump('a', 'b'), bump('b', 'a')]);
      expect(attempts).toBe(3);
      expect(await db.query('SELECT sum(n)::int AS n FROM counters')).toEqual([{ n: 4 }]);
    });
  });
}
