/** One process answers, another works: ROLES=web and ROLES=jobs over one database. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '#kernel/db/database.ts';
import { sweepIdempotencyKeys } from '#kernel/jobs/sweeps.ts';
import { createJobs } from '#kernel/jobs.ts';
import { createHome } from '../kit/homes.ts';
import { startHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';
import { houseOf, startServer } from '../operations/server-process.ts';

const home = await createHome();
afterAll(() => home.remove());

test('web answers and orders, jobs does the work', async () => {
  const web = await startServer({ home, env: { ROLES: 'web' } });
  const tenant = await makers(houseOf(web)).tenant();
  const db = await openDatabase(
    {
      databaseUrl: home.env.DATABASE_URL,
      dataDir: '',
      databasePoolSize: 2,
      databasePooling: 'session',
    },
    { info: () => undefined, warn: () => undefined, error: () => undefined },
    { migrate: false },
  );
  const left = () => db.inTenant(tenant.uuid, () => db.query('SELECT 1 FROM idempotency_keys'));
  await db.inTenant(tenant.uuid, () =>
    db.execute(
      "INSERT INTO idempotency_keys VALUES ($1, $2, $3, NULL, now(), now() - interval '1 hour')",
      [tenant.uuid, randomBytes(32), createHash('sha256').digest()],
    ),
  );

  const ordering = await startHouse({ home, env: { ROLES: 'web' } });
  const { services } = ordering;
  const orders = createJobs({ ...services, config: { roles: new Set(['web']) } });
  orders.register(sweepIdempotencyKeys);
  await orders.start(services);
  await orders.send(sweepIdempotencyKeys, {});
  expect(await left()).toHaveLength(1);
  await orders.stop(1);
  await ordering.stop();

  const jobs = await startServer({ home, env: { ROLES: 'jobs' } });
  await until(async () => (await left()).length === 0);
  expect((await send(jobs.url, { path: '/v1/users' })).status).toBe(404);
  expect((await tenant.rest('GET', '/v1/users')).status).toBe(200);
  await db.close();
  expect((await web.end('SIGTERM')).code).toBe(0);
  expect((await jobs.end('SIGTERM')).code).toBe(0);
});
