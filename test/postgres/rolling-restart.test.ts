/** X22: two instances behind a balancer are replaced one after the other, and no client notices. */
import { afterAll, expect, test } from 'vitest';
import { createHome } from '../kit/homes.ts';
import { makers } from '../kit/make.ts';
import { durations, report, scaled } from '../operations/faults.ts';
import { houseOf, type ServerProcess, startServer } from '../operations/server-process.ts';
import { balance } from './balancer.ts';
import { writing } from './load.ts';
import { storedUsers } from './stored-users.ts';

const RESTARTS = scaled(2, 20);
/** The balancer looks ten times as often. */
const env = { SHUTDOWN_DELAY: '1' };
const home = await createHome();
const servers: ServerProcess[] = await Promise.all([
  startServer({ home, env }),
  startServer({ home, env }),
]);
const balancer = await balance(servers.map(({ port }) => port));
afterAll(async () => {
  await balancer.close();
  for (const server of servers) await server.end('SIGKILL');
  await home.remove();
});

test(
  'X22 a rolling restart drops nothing',
  async ({ task }) => {
    const tenant = await makers(houseOf(balancer)).tenant();
    const load = writing([tenant], scaled(10, 20));
    const drains: number[] = [];
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await load.more(scaled(50, 500));
      const old = servers[restart % 2] as ServerProcess;
      const told = performance.now();
      expect(await old.end('SIGTERM')).toEqual({ code: 0, signal: null });
      drains.push(performance.now() - told);
      servers[restart % 2] = await startServer({ home, env, port: old.port });
    }
    await load.more(50);
    await load.stop();

    const { users, audited } = await storedUsers(home.env.DATABASE_URL as string, tenant.uuid);
    const lost = [...load.acknowledged].filter((id) => !users.has(id));
    const half = [...users].filter((id) => !audited.has(id));
    const total = [...load.outcomes.values()].reduce((sum, n) => sum + n, 0);
    const failed = total - (load.outcomes.get('201') ?? 0);
    report(task, 'X22', {
      restarts: RESTARTS,
      requests: total,
      failed,
      outcomes: JSON.stringify(Object.fromEntries(load.outcomes)),
      lost: lost.length,
      'drain ms worst': durations(drains).worst,
    });
    expect({ lost, half }).toEqual({ lost: [], half: [] });
    expect(failed).toBe(0);
  },
  scaled(60_000, 600_000),
);
