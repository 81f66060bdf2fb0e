/** Jobs: ordered with a transaction or not at all, done once, again when they fail, handed over at a stop. */
import { PgBoss } from 'pg-boss';
import { afterAll, describe, expect, test } from 'vitest';
import type { Services } from '#kernel/context.ts';
import { bossDatabase } from '#kernel/jobs/boss-database.ts';
import { type Job, job } from '#kernel/jobs/job.ts';
import { createJobs, type Jobs } from '#kernel/jobs.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';

const house = await openHouse({ eventsAsPromised: false });
const { services } = house;
const { db } = services;

/** Another process as far as its jobs go: its own queue client over the same database. */
async function process(roles: string[], ...known: Job<never>[]): Promise<Jobs> {
  const jobs = createJobs({ db, log: services.log, config: { roles: new Set(roles) as never } });
  for (const one of known) jobs.register(one as unknown as Job);
  await jobs.start({ ...services, jobs });
  running.push(jobs);
  return jobs;
}
const running: Jobs[] = [];
afterAll(() => Promise.all(running.map((jobs) => jobs.stop(1))));

interface Noted {
  n: number;
}

/** A job that keeps what it was given. */
function noting(name: string, fail: (n: number) => void = () => undefined) {
  const done: number[] = [];
  return {
    done,
    job: job<Noted>({
      name,
      async run(_services, { n }) {
        fail(n);
        done.push(n);
      },
    }),
  };
}

test('an order is part of the transaction that is open, and is done once', async () => {
  const { done, job } = noting('test.note');
  const jobs = await process(['web', 'jobs'], job);
  const refused = db.transaction(async () => {
    await jobs.send(job, { n: 1 });
    throw new Error('no');
  });
  await expect(refused).rejects.toThrow('no');
  await db.transaction(() => jobs.send(job, { n: 2 }));
  await jobs.send(job, { n: 3 });
  await until(() => done.length === 2);
  expect(done.toSorted()).toEqual([2, 3]);
});

test('D07 a job has nobody’s rights: it sees the rows of a tenant only while it works for it', async () => {
  const acme = await makers(house).tenant();
  await makers(house).user(acme);
  const seen: Record<string, unknown>[] = [];
  const count = 'SELECT count(*)::int AS users, current_user::text AS role FROM users';
  const looking = job({
    name: 'test.look',
    async run({ db: own }) {
      const [before] = await own.query<Record<string, unknown>>(count);
      const [within] = await own.inTenant(acme.uuid, () =>
        own.query<Record<string, unknown>>(count),
      );
      seen.push(before ?? {}, within ?? {});
    },
  });
  const jobs = await process(['jobs'], looking);
  await jobs.send(looking, {});
  await until(() => seen.length === 2);
  expect(seen).toEqual([
    { users: 0, role: 'signet_app' },
    { users: 1, role: 'signet_app' },
  ]);
});

test('a process without the role orders, and leaves the work to one that has it', async () => {
  const { done, job } = noting('test.elsewhere');
  const web = await process(['web'], job);
  await web.send(job, { n: 1 });
  expect(await rowsOf('test.elsewhere')).toMatchObject([{ state: 'created' }]);
  const worker = noting('test.elsewhere');
  await process(['jobs'], worker.job);
  await until(() => worker.done.length === 1);
  expect(done).toEqual([]);
});

test('what fails is logged and done again later, with growing patience', async () => {
  let failures = 0;
  const { done, job } = noting('test.fail', () => {
    failures += 1;
    if (failures < 3) throw new Error(`attempt ${failures} fails`);
  });
  const jobs = await process(['jobs'], job);
  await jobs.send(job, { n: 7 });
  const waits: number[] = [];
  for (const attempt of [1, 2]) {
    const row = await until(async () => {
      const [found] = await rowsOf('test.fail');
      return found?.state === 'retry' && found.retries === attempt - 1 && found;
    });
    waits.push(Number(row.wait));
    expect(JSON.stringify(row.output)).toContain(`attempt ${attempt} fails`);
    await db.query("UPDATE pgboss.job SET start_after = now() WHERE name = 'test.fail'");
  }
  await until(() => done.length === 1);
  // Ten seconds doubled each time, and up to twice that.
  expect(waits.map((wait) => wait > 5)).toEqual([true, true]);
  expect(waits[1]).toBeGreaterThan(15);
  expect(house.log.filter((line) => line.includes('attempt 1 fails'))).toHaveLength(1);
});

test('orders that run together have an outcome each, and the next follow at once', async () => {
  const noted = noting('test.together', (n) => {
    if (n === 3) throw new Error('three fails');
  });
  const together = job<Noted>({ ...noted.job, atOnce: 4, retries: 2 });
  const ordering = await process(['web'], together);
  for (let n = 0; n < 12; n += 1) await ordering.send(together, { n });
  await process(['jobs'], together);
  await until(() => noted.done.length === 11);
  const failed = await until(async () => {
    const rows = await rowsOf('test.together');
    return (
      rows.every(({ state }) => state !== 'active') && rows.filter(({ state }) => state === 'retry')
    );
  });
  expect(failed).toHaveLength(1);
  expect(JSON.stringify(failed[0]?.output)).toContain('three fails');
  const [queue] = await db.query(
    "SELECT retry_limit FROM pgboss.queue WHERE name = 'test.together'",
  );
  expect(queue).toEqual({ retry_limit: 2 });
});

test('a stop waits for the work at hand, and gives back what does not end', async () => {
  const begun = new Set<string>();
  const finish = Promise.withResolvers<void>();
  const patient = job({
    name: 'test.patient',
    async run() {
      begun.add('patient');
      await finish.promise;
    },
  });
  const endless = job({
    name: 'test.endless',
    run(_services: Services, _data, signal) {
      begun.add('endless');
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
    },
  });
  const jobs = await process(['jobs'], patient, endless);
  await jobs.send(patient, {});
  await jobs.send(endless, {});
  await until(() => begun.size === 2);
  const stopped = jobs.stop(1);
  finish.resolve();
  await stopped;
  expect(await rowsOf('test.patient')).toMatchObject([{ state: 'completed' }]);
  expect(await rowsOf('test.endless')).toMatchObject([{ state: 'retry' }]);
});

test('a job that nobody declared cannot be ordered, nor one be declared twice', async () => {
  const { job } = noting('test.unknown');
  const jobs = await process(['web']);
  await expect(jobs.send(job, { n: 1 })).rejects.toThrow('not registered');
  jobs.register(job);
  expect(() => jobs.register(job)).toThrow('declared twice');
});

describe('by the clock', () => {
  test('every sweep is scheduled in UTC, and none runs twice at a time', async () => {
    const rows = await db.query<{ name: string; policy: string; timezone: string; missed: string }>(
      `SELECT s.name, q.policy, s.timezone, s.options ->> 'missed' AS missed
       FROM pgboss.schedule s JOIN pgboss.queue q USING (name) ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name).join(' ')).toBe(
      'api-key-secrets.sweep audit-leaves.reconcile audit-partitions.ensure client-secrets.sweep factors.sweep idempotency-keys.sweep initial-access-tokens.sweep issuers.sweep messages.sweep oauth-grants.sweep one-time-links.sweep outbox.sweep rate-limits.sweep sessions.sweep sign-in-flows.sweep signing-keys.tend',
    );
    for (const row of rows)
      expect(row).toMatchObject({ policy: 'exclusive', timezone: 'UTC', missed: 'once' });
  });

  test('what was due while nobody ran is ordered by the next process', async () => {
    const name = 'test.minutely';
    const minutely = job({ name, cron: '* * * * *', run: async () => undefined });
    await (await process(['jobs'], minutely)).stop(1);
    await db.query("UPDATE pgboss.version SET cron_on = now() - interval '5 minutes'");
    await process(['jobs'], minutely);
    await until(async () => (await rowsOf(name)).length > 0);
  });
});

test('the run-time role may do all that pg-boss does for its own tables', async () => {
  const boss = new PgBoss({
    db: bossDatabase(db),
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise: false,
    reindex: false,
    monitorVacuum: false,
    monitorIntervalSeconds: 1,
    maintenanceIntervalSeconds: 1,
  });
  const problems: unknown[] = [];
  boss.on('error', (error) => problems.push(error));
  await boss.start();
  await db.query('UPDATE pgboss.queue SET monitor_claim_on = NULL, maintain_on = NULL');
  await db.query(
    "UPDATE pgboss.job SET started_on = now() - interval '1 day' WHERE name = 'test.endless'",
  );
  await boss.supervise();
  await boss.stop();
  expect(problems).toEqual([]);
  const [monitored] = await db.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM pgboss.queue WHERE monitor_on IS NULL OR maintain_on IS NULL',
  );
  expect(monitored?.n).toBe(0);
});

interface JobRow {
  state: string;
  retries: number;
  wait: string;
  output: unknown;
}

function rowsOf(name: string): Promise<JobRow[]> {
  return db.query<JobRow>(
    `SELECT state::text, retry_count AS retries, extract(epoch FROM start_after - now()) AS wait, output
     FROM pgboss.job WHERE name = $1`,
    [name],
  );
}
