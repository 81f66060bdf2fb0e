/** A client that hangs up: what it asked for and did not begin is not done, and what takes too long is ended (I11). */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Abandoned } from '#kernel/db/database-errors.ts';
import { openHouse, startHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse({ env: { DATABASE_POOL_SIZE: '1', OPERATION_TIMEOUT: '1' } });
const acme = await makers(house).tenant();
const { db } = house.services;

/** Readers of the outbox that this file made. */
const OTHERS =
  "SELECT consumer FROM outbox_cursors WHERE consumer NOT IN ('audit-trees', 'x') ORDER BY 1";

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

test('I11 X03 whose host it was sent to is not looked for any longer than that', async () => {
  const headers = { host: 'login.acme.test' };
  const paths = ['/login', '/graphql', '/v1/users', '/t/acme/login'];
  await withoutDatabase(async () => {
    for (const path of paths) {
      const { status, text } = await send(house.url, { path, headers });
      expect([path, status]).toEqual([path, 503]);
      expect(text).toContain('UNAVAILABLE');
    }
  });
  expect((await send(house.url, { path: '/login', headers })).status).toBe(404);
});

test('H06 a body that does not arrive is told so before the operation has no time left', async () => {
  const answered = Promise.withResolvers<string>();
  const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
  socket.on('data', (data) => answered.resolve(String(data)));
  socket.write(
    `POST /v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${acme.secret}\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{`,
  );
  expect(await answered.promise).toMatch(/^HTTP\/1\.1 408 [\s\S]*REQUEST_TIMEOUT/);
  socket.destroy();
});

test('who leaves in the middle of an answer is no failure, and nothing waits for them', async () => {
  const development = await startHouse({ env: { NODE_ENV: 'development' } });
  try {
    const { port } = new URL(development.url);
    for (const path of ['/graphql', '/docs/swagger-ui-bundle.js', '/v1/users']) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n`);
      await once(socket, 'data');
      socket.destroy();
    }
    await development.stop();
    expect(development.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  } finally {
    await development.home.remove();
  }
});

test('K02 X01 a change is never committed without what belongs to it, whenever its caller goes', async () => {
  const over = new AbortController();
  const put = (id: string) =>
    db.query("INSERT INTO outbox_cursors (consumer, xid, seq) VALUES ($1, '0', 0)", [id]);
  const work = db.until(over.signal, () =>
    db.transaction(
      async () => {
        await put('change');
        over.abort();
      },
      { beforeCommit: () => [put('record')] },
    ),
  );
  await expect(work).rejects.toBeInstanceOf(Abandoned);
  expect(await db.query(OTHERS)).toEqual([]);
});

test('K02 of many callers who hang up, none leaves a user without its audit row', async () => {
  for (let n = 0; n < 60; n += 1) {
    const hangUp = new AbortController();
    const sent = fetch(`${house.url}/v1/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${acme.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ email: `hasty${n}@example.com` }),
      signal: hangUp.signal,
    }).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, n % 30));
    hangUp.abort();
    await sent;
  }
  await until(async () => db.stats().waiting === 0);
  const [counts] = await rows<{ users: string; events: string }>(
    house,
    acme.uuid,
    `SELECT (SELECT count(*) FROM users) AS users,
       (SELECT count(*) FROM audit_events WHERE type = 'user.create' AND result = 'SUCCESS') AS events`,
  );
  expect(counts?.users).toBe(counts?.events);
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
  expect(await db.query(OTHERS)).toEqual([{ consumer: 'shared' }]);
});
