/**
 * X01: the server is killed in the middle of writes, again and again. Whatever it acknowledged is
 * there, and nothing is there by half. What was acknowledged is written down here, outside of it.
 */
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '#kernel/db/database.ts';
import { encodeId } from '#kernel/ids.ts';
import { createHome, type Home } from '../kit/homes.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { durations, report, scaled } from './faults.ts';
import { freePort, houseOf, type ServerProcess, spawnServer } from './server-process.ts';

const KILLS = scaled(2, 100);
const WRITERS = scaled(20, 200);
/** Acknowledged writes between two kills. */
const BETWEEN = scaled(60, 400);

const home = await createHome();
const port = await freePort();
const servers: ServerProcess[] = [];
afterAll(async () => {
  for (const server of servers) await server.end('SIGKILL');
  await home.remove();
});

/** Starts the server; ready says when. */
async function begin(): Promise<{ server: ServerProcess; readyMs: number }> {
  const began = performance.now();
  const server = await spawnServer({ home, port, env: { LOG_LEVEL: 'warn' } });
  servers.push(server);
  await server.ready();
  return { server, readyMs: performance.now() - began };
}

test(
  'X01 no acknowledged write is lost by kill -9, and no user is without its audit row',
  async ({ task }) => {
    let { server } = await begin();
    const tenant = await makers(houseOf(server)).tenant();
    const acknowledged = new Set<string>();
    const ready: number[] = [];
    let up: PromiseWithResolvers<void> | null = null;
    let enough = Promise.withResolvers<void>();
    let wanted = BETWEEN;
    let over = false;
    let refused = 0;

    async function write(writer: number): Promise<void> {
      for (let n = 0; !over; n += 1) {
        await up?.promise;
        const email = `w${writer}-${n}@example.com`;
        const answer = await tenant
          .rest<{ id: string }>('POST', '/v1/users', { body: { email } })
          .catch(() => null);
        if (answer?.status === 201) acknowledged.add(answer.body.id);
        else if (answer) refused += 1;
        if (acknowledged.size >= wanted) enough.resolve();
      }
    }

    const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
    for (let kill = 0; kill < KILLS; kill += 1) {
      await enough.promise;
      up = Promise.withResolvers<void>();
      expect((await server.end('SIGKILL')).signal).toBe('SIGKILL');
      const again = await begin();
      server = again.server;
      ready.push(again.readyMs);
      wanted = acknowledged.size + BETWEEN;
      enough = Promise.withResolvers<void>();
      up.resolve();
      up = null;
    }
    await enough.promise;
    over = true;
    await Promise.all(writers);
    expect((await server.end('SIGTERM')).code).toBe(0);

    const stored = await whatIsStored(home, tenant);
    const lost = [...acknowledged].filter((id) => !stored.users.has(id));
    const half = [...stored.users].filter((id) => !stored.audited.has(id));
    const ghosts = [...stored.audited].filter((id) => !stored.users.has(id));
    report(task, 'X01', {
      kills: KILLS,
      writers: WRITERS,
      acknowledged: acknowledged.size,
      stored: stored.users.size,
      lost: lost.length,
      half: half.length + ghosts.length,
      'ready ms median': durations(ready).median,
      'ready ms worst': durations(ready).worst,
    });
    expect({ lost, half, ghosts, refused }).toEqual({ lost: [], half: [], ghosts: [], refused: 0 });
    expect(stored.outbox).toBe(stored.events);
  },
  scaled(120_000, 1_800_000),
);

interface Stored {
  /** Typed ids. */
  readonly users: ReadonlySet<string>;
  readonly audited: ReadonlySet<string>;
  readonly events: number;
  readonly outbox: number;
}

async function whatIsStored({ env }: Home, tenant: MadeTenant): Promise<Stored> {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const db = await openDatabase(
    {
      databaseUrl: env.DATABASE_URL,
      dataDir: env.DATA_DIR,
      databasePoolSize: 1,
      databasePooling: 'session',
    },
    silent,
    { migrate: false },
  );
  try {
    return await db.inTenant(tenant.uuid, async () => {
      const users = await db.query<{ id: string }>('SELECT id FROM users');
      const targets = await db.query<{ target: string }>(
        `SELECT t.target FROM audit_targets t JOIN audit_events e ON e.tenant_id = t.tenant_id AND e.id = t.event_id
         WHERE e.type = 'user.create' AND e.result = 'SUCCESS'`,
      );
      const [rows] = await db.query<{ events: number; outbox: number }>(
        `SELECT (SELECT count(*)::int FROM audit_events) AS events,
           (SELECT count(*)::int FROM outbox WHERE tenant_id = $1) AS outbox`,
        [tenant.uuid],
      );
      return {
        users: new Set(users.map(({ id }) => encodeId('user', id))),
        audited: new Set(targets.map(({ target }) => target)),
        events: rows?.events ?? 0,
        outbox: rows?.outbox ?? -1,
      };
    });
  } finally {
    await db.close();
  }
}
