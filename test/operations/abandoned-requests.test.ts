/** A client that hangs up: what it asked for and did not begin is not done, and what takes too long is ended (I11). */
import { expect, test } from 'vitest';
import { Abandoned } from '#kernel/db/database-errors.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse({ env: { DATABASE_POOL_SIZE: '1', OPERATION_TIMEOUT: '1' } });
const acme = await makers(house).tenant();
const { db } = house.services;

/** Runs `fn` while nobody else gets the one connection. */
async function withoutDatabase<T>(fn: () => Promise<T>): Promise<T> {
  const [taken, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holder = db.transaction(async () => {
    await db.query('SELECT 1');
    taken.resolve();
    await free.promise;
  });
  await taken.promise;
  try {
    return await fn();
  } finally {
    free.resolve();
    await holder;
  }
}

const usersOf = (email: string) =>
  rows(house, acme.uuid, `SELECT 1 FROM users WHERE email_key = '${email}'`);

test('what waited for the database when its client went away is not done any more (I11)', async () => {
  const hangUp = new AbortController();
  await withoutDatabase(async () => {
    const sent = fetch(`${house.url}/v1/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${acme.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'gone@example.com' }),
      signal: hangUp.signal,
    }).catch((error: Error) => error.name);
    await until(async () => db.stats().waiting > 0);
    hangUp.abort();
    expect(await sent).toBe('AbortError');
    // What was sent after it was answered, so the end of the connection has arrived as well.
    for (let n = 0; n < 3; n += 1) await send(house.url, { path: '/livez' });
  });
  await until(async () => db.stats().waiting === 0);
  expect(await usersOf('gone@example.com')).toEqual([]);
});

test('I11 an operation has its time, whichever door and form it came by; then it does nothing more', async () => {
  const json = { authorization: `Bearer ${acme.secret}`, 'content-type': 'application/json' };
  const mutation = (email: string) =>
    JSON.stringify({
      query: `mutation { createUser(input: { email: "${email}" }) { __typename } }`,
    });
  const answers = await withoutDatabase(() =>
    Promise.all([
      send(house.url, { path: '/v1/users', headers: json }),
      send(house.url, {
        method: 'POST',
        path: '/graphql',
        headers: json,
        body: mutation('late@example.com'),
      }),
      send(house.url, {
        method: 'POST',
        path: '/graphql',
        headers: { ...json, accept: 'text/event-stream' },
        body: mutation('later@example.com'),
      }),
    ]),
  );
  for (const { status, headers, text } of answers) {
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(text).toContain('UNAVAILABLE');
  }
  await until(async () => db.stats().waiting === 0);
  for (const email of ['late@example.com', 'later@example.com'])
    expect(await usersOf(email)).toEqual([]);
});

test('after the end nothing more is sent, a transaction is rolled back, and others go on', async () => {
  const over = new AbortController();
  const write = (id: string) =>
    db.query("INSERT INTO outbox_cursors (consumer, xid, seq) VALUES ($1, '0', 0)", [id]);
  const work = db.until(over.signal, () =>
    db.transaction(async () => {
      await write('before');
      over.abort();
      await db.inTenant(acme.uuid, () => write('after'));
    }),
  );
  await expect(work).rejects.toBeInstanceOf(Abandoned);
  await expect(db.until(over.signal, () => write('late'))).rejects.toBeInstanceOf(Abandoned);
  await db.until(over.signal, () => db.until(null, () => write('shared')));
  expect(
    await db.query("SELECT consumer FROM outbox_cursors WHERE consumer <> 'x' ORDER BY 1"),
  ).toEqual([{ consumer: 'shared' }]);
});
