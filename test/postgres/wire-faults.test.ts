/** X03: between the servers and their database the wire is slow, cut, or silent. */
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createHome, serverUrl } from '../kit/homes.ts';
import { makers } from '../kit/make.ts';
import { subscribe } from '../kit/sse.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';
import { durations, report, scaled } from '../operations/faults.ts';
import { houseOf, startServer } from '../operations/server-process.ts';
import { writing } from './load.ts';
import { storedUsers } from './stored-users.ts';
import { tcpGate } from './tcp-gate.ts';

const POOL = 5;
const home = await createHome();
const direct = home.env.DATABASE_URL as string;
const { hostname, port } = new URL(serverUrl as string);
const gate = await tcpGate({ host: hostname, port: Number(port) });
const through = Object.assign(new URL(direct), {
  hostname: '127.0.0.1',
  port: String(gate.port),
}).href;
const server = await startServer({
  home: { env: { ...home.env, DATABASE_URL: through } },
  env: { DATABASE_POOL_SIZE: String(POOL) },
});
const tenant = await makers(houseOf(server)).tenant();
afterAll(async () => {
  await server.end('SIGKILL');
  await gate.close();
  await home.remove();
});

const status = async (path: string) => (await send(server.url, { path })).status;

/** The server's connections as the database counts them. */
async function connections(): Promise<number> {
  const client = new pg.Client({ connectionString: direct });
  await client.connect();
  const { rows } = await client.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'signet'",
  );
  await client.end();
  return (rows[0] as { n: number }).n;
}

test(
  'X03 a database that falls silent costs quick 503s, and nothing when it speaks again',
  async ({ task }) => {
    const load = writing([tenant], scaled(20, 50));
    await load.more(50);
    gate.silence(true);
    await until(async () => (await status('/readyz')) === 503);
    const alive: number[] = [];
    const began = performance.now();
    // Long enough that connections, statements and new connections all run into it.
    while (performance.now() - began < scaled(8_000, 30_000)) {
      const asked = performance.now();
      expect(await status('/livez')).toBe(200);
      alive.push(performance.now() - asked);
      expect(await status('/readyz')).toBe(503);
    }
    gate.silence(false);
    const lifted = performance.now();
    await load.next();
    const recovered = performance.now() - lifted;
    await until(async () => (await status('/readyz')) === 200);
    await load.more(50);
    await load.stop();
    // What the server gave up is gone on the other side too.
    await until(async () => (await connections()) <= POOL);

    const { users, audited } = await storedUsers(direct, tenant.uuid);
    const lost = [...load.acknowledged].filter((id) => !users.has(id));
    const half = [...users].filter((id) => !audited.has(id));
    report(task, 'X03', {
      acknowledged: load.acknowledged.size,
      lost: lost.length,
      'refused ms worst': durations(load.refusedMs).worst,
      'livez ms worst': durations(alive).worst,
      'recovered ms': Math.round(recovered),
    });
    expect({ lost, half, impolite: load.impolite() }).toEqual({ lost: [], half: [], impolite: 0 });
    expect([...load.outcomes.keys()].sort()).toEqual(['201', '503']);
    expect(durations(load.refusedMs).worst).toBeLessThan(5_500);
  },
  scaled(60_000, 120_000),
);

test(
  'X03 a slow wire is slow, and fails nobody',
  async () => {
    gate.delay(scaled(50, 200));
    const load = writing([tenant], 10);
    await load.more(scaled(20, 200));
    await load.stop();
    gate.delay(0);
    expect([...load.outcomes.keys()]).toEqual(['201']);
  },
  scaled(60_000, 120_000),
);

test(
  'X03 connections that are cut cost the requests that were on them',
  async ({ task }) => {
    const load = writing([tenant], 20);
    for (let round = 0; round < scaled(10, 100); round += 1) {
      await load.more(10);
      gate.cut(0.1);
    }
    await load.more(20);
    await load.stop();
    const { users, audited } = await storedUsers(direct, tenant.uuid);
    const lost = [...load.acknowledged].filter((id) => !users.has(id));
    const half = [...users].filter((id) => !audited.has(id));
    report(task, 'X03', {
      outcomes: JSON.stringify(Object.fromEntries(load.outcomes)),
      lost: lost.length,
    });
    expect({ lost, half }).toEqual({ lost: [], half: [] });
    expect([...load.outcomes.keys()].filter((one) => one !== '201' && one !== '503')).toEqual([]);
    await until(async () => (await connections()) <= POOL);
  },
  scaled(60_000, 120_000),
);

test('K05 a live tail whose reader cannot be looked up any more is told why, and was not revoked', async () => {
  const tail = 'subscription { auditEvents { id } }';
  const stream = await subscribe(houseOf(server), tenant, tail);
  await until(() => stream.ids.length > 0);
  gate.silence(true);
  expect(await stream.ended()).toBe('complete');
  gate.silence(false);
  expect(stream.codes).toEqual(['UNAVAILABLE']);
  await until(async () => (await status('/readyz')) === 200);
}, 60_000);
