/** K11: not ready while the database is not what the program needs; `npm run doctor` says why. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';
import { INTERNAL_KEY, MASTER_KEY } from '../operations/server-process.ts';

const house = await openHouse();
const url = house.home.env.DATABASE_URL as string;

async function asOwner(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

async function readiness(): Promise<{ status: number; problems: string[] }> {
  const { status, text } = await send(house.url, { path: '/readyz' });
  return { status, problems: (JSON.parse(text) as { problems: string[] }).problems };
}

test('K11 a pending migration makes an instance not ready, and alive', async () => {
  expect(await readiness()).toEqual({ status: 200, problems: [] });
  const set = (name: string) =>
    asOwner(
      `UPDATE _prisma_migrations SET migration_name = '${name}' WHERE migration_name LIKE '0003%'`,
    );
  await set('0003_other');
  // An answer is remembered for half a second.
  const unready = await until(async () => {
    const answer = await readiness();
    return answer.status === 503 && answer;
  });
  expect(unready.problems).toEqual(['migration 0003_jobs is pending']);
  expect((await send(house.url, { path: '/livez' })).status).toBe(200);
  await set('0003_jobs');
  await until(async () => (await readiness()).status === 200);
});

test('the doctor names a role that may not act as the run-time role', async () => {
  const stranger = `signet_stranger_${process.pid}`;
  await asOwner(`CREATE ROLE ${stranger} LOGIN PASSWORD 'hunter2hunter2'`);
  const address = Object.assign(new URL(url), {
    username: stranger,
    password: 'hunter2hunter2',
  }).href;
  const doctor = fileURLToPath(new URL('../../src/app/doctor.ts', import.meta.url));
  const env = { DATABASE_URL: address, INTERNAL_KEY, MASTER_KEY };
  const failed = (await promisify(execFile)(process.execPath, [doctor], { env }).catch(
    (error: unknown) => error,
  )) as { code: number; stdout: string };
  await asOwner(`DROP ROLE ${stranger}`);
  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain(
    `fail  role           ${stranger} may not act as signet_app; as a superuser: GRANT signet_app TO ${stranger}`,
  );
  expect(failed.stdout).not.toContain('hunter2');
});
