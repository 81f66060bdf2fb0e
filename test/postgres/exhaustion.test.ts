/** X04: all connections are busy with something slow. Who needs one is told soon; the rest goes on. */
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createHome } from '../kit/homes.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';
import { durations, report, scaled } from '../operations/faults.ts';
import { houseOf, startServer } from '../operations/server-process.ts';

const POOL = 10;
const home = await createHome();
const server = await startServer({ home, env: { DATABASE_POOL_SIZE: String(POOL) } });
const tenant = await makers(houseOf(server)).tenant();
const blocker = new pg.Client({ connectionString: home.env.DATABASE_URL });
await blocker.connect();
afterAll(async () => {
  await blocker.end();
  await server.end('SIGKILL');
  await home.remove();
});

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: number;
}

/** On a connection of its own: nobody waits for another request of ours. */
function ask(method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${tenant.secret}`,
      'content-type': 'application/json',
    };
    const open = request(`${server.url}${path}`, { method, agent: false, headers });
    open.once('error', reject);
    open.once('response', (response) => {
      json(response).then((read) => {
        resolve({
          status: response.statusCode ?? 0,
          code: (read as { code?: string }).code,
          retryAfter: Number(response.headers['retry-after']),
        });
      }, reject);
    });
    open.end(body && JSON.stringify(body));
  });
}

test('X04 a locked table is answered by 503 with Retry-After, and health stays quick', async ({
  task,
}) => {
  const requests = scaled(150, 500);
  await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  let waiting = true;
  const alive: number[] = [];
  const looking = (async () => {
    while (waiting) {
      const asked = performance.now();
      expect((await ask('GET', '/livez')).status).toBe(200);
      alive.push(performance.now() - asked);
      const { rows } = await blocker.query(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'signet'",
      );
      expect((rows[0] as { n: number }).n).toBeLessThanOrEqual(POOL);
    }
  })();
  const refusals = await Promise.all(
    Array.from({ length: requests }, async (_, n) => {
      const asked = performance.now();
      const answer = await ask('POST', '/v1/users', { email: `blocked-${n}@example.com` });
      return { ms: performance.now() - asked, answer };
    }),
  );
  waiting = false;
  await looking;
  await blocker.query('ROLLBACK');

  report(task, 'X04', {
    requests,
    'refused ms median': durations(refusals.map(({ ms }) => ms)).median,
    'refused ms worst': durations(refusals.map(({ ms }) => ms)).worst,
    'livez ms median': durations(alive).median,
    'livez ms worst': durations(alive).worst,
  });
  for (const { answer } of refusals) {
    expect([answer.status, answer.code]).toEqual([503, 'UNAVAILABLE']);
    expect(answer.retryAfter).toBeGreaterThan(0);
  }
  const { data } = await until(async () => {
    const read = await tenant.gql<{ users: { totalCount: number } }>('{ users { totalCount } }');
    return read.status === 200 && read;
  });
  expect(data?.users.totalCount).toBe(0);
  expect(
    (await tenant.rest('POST', '/v1/users', { body: { email: 'free@example.com' } })).status,
  ).toBe(201);
}, 60_000);
