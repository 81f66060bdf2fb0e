/** X02, K05, K11: the database crashes under load and comes back; the servers stay, and lose nothing. */
import { afterAll, expect, test } from 'vitest';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';
import { durations, report, scaled } from '../operations/faults.ts';
import { houseOf, startServer } from '../operations/server-process.ts';
import { createCluster } from './cluster.ts';
import { writing } from './load.ts';
import { storedUsers } from './stored-users.ts';

const CRASHES = scaled(2, 20);
const cluster = await createCluster();
afterAll(() => cluster.remove());

test(
  'X02 a database that crashes and recovers costs 503s and nothing else',
  async ({ task }) => {
    const home = { env: { DATA_DIR: '/nonexistent', DATABASE_URL: cluster.url } };
    const servers = await Promise.all([startServer({ home }), startServer({ home })]);
    const houses = servers.map(houseOf);
    const tenant = await makers(houses[0] as (typeof houses)[0]).tenant();
    const status = async (path: string) =>
      Promise.all(servers.map(async ({ url }) => (await send(url, { path })).status));

    const load = writing(
      houses.map((house) => tenant.at(house)),
      scaled(20, 100),
    );
    const recovery: number[] = [];
    for (let crash = 0; crash < CRASHES; crash += 1) {
      await load.more(scaled(40, 200));
      await cluster.stop('immediate');
      await until(async () => (await status('/readyz')).every((one) => one === 503));
      expect(await status('/livez')).toEqual([200, 200]);
      // Revoked or not: what cannot be looked up is not let through.
      expect((await tenant.rest('GET', '/v1/users')).status).toBe(503);
      await cluster.start();
      const accepting = performance.now();
      await load.next();
      recovery.push(performance.now() - accepting);
      await until(async () => (await status('/readyz')).every((one) => one === 200));
    }
    await load.more(20);
    await load.stop();

    const { users, audited } = await storedUsers(cluster.url, tenant.uuid);
    const lost = [...load.acknowledged].filter((id) => !users.has(id));
    const half = [...users].filter((id) => !audited.has(id));
    report(task, 'X02', {
      crashes: CRASHES,
      acknowledged: load.acknowledged.size,
      lost: lost.length,
      half: half.length,
      outcomes: JSON.stringify(Object.fromEntries(load.outcomes)),
      'first success ms median': durations(recovery).median,
      'first success ms worst': durations(recovery).worst,
    });
    expect({ lost, half, impolite: load.impolite() }).toEqual({ lost: [], half: [], impolite: 0 });
    expect([...load.outcomes.keys()].sort()).toEqual(['201', '503']);
    for (const server of servers) {
      expect(server.child.exitCode).toBeNull();
      expect(server.output()).not.toContain('a promise was rejected and nobody looked');
      expect((await server.end('SIGTERM')).code).toBe(0);
    }
  },
  scaled(90_000, 900_000),
);
