/** Exports that are not read: they hold nothing, and end when their reader may not read any more. */
import { channel } from 'node:diagnostics_channel';
import http from 'node:http';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { makeEvents } from '../kit/events.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);

/** Opens an export and takes none of it. */
const stall = (acme: MadeTenant) =>
  new Promise<http.IncomingMessage>((resolve, reject) => {
    const { hostname, port } = new URL(house.url);
    const request = http.get({
      hostname,
      port,
      agent: false,
      path: '/v1/audit-events/export',
      headers: { authorization: `Bearer ${acme.secret}` },
    });
    request.on('response', (response) => resolve(response.pause()));
    request.on('error', reject);
  });

test('X15 hold no connection of the database, and at most four of a tenant are open', async () => {
  const acme = await make.tenant();
  await makeEvents(house, acme.uuid, 3_000, 'x'.repeat(6_000));
  const stalled = await Promise.all(Array.from({ length: 4 }, () => stall(acme)));
  expect(stalled.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  // The embedded database has one connection: held, nobody else would get an answer.
  expect((await acme.rest('GET', '/v1/users')).status).toBe(200);
  await until(() => house.services.db.stats().waiting === 0);
  const fifth = await stall(acme);
  expect([fifth.statusCode, fifth.headers['retry-after']]).toEqual([429, '10']);
  const another = await make.tenant();
  expect((await stall(another)).statusCode).toBe(200);
  for (const one of stalled) one.destroy();
  await until(async () => (await stall(acme)).statusCode === 200);
});

test('X15 of all tenants together no more are open than a process bears', async () => {
  const TENANTS = 9;
  const many = await Promise.all(Array.from({ length: TENANTS }, () => make.tenant()));
  for (const { uuid } of many) await makeEvents(house, uuid, 100, 'x'.repeat(100_000));
  const open = many.flatMap((tenant) => Array.from({ length: 4 }, () => stall(tenant)));
  const answers = await Promise.all(open);
  const refused = answers.filter(({ statusCode }) => statusCode === 429);
  // Those of the tests before may still be open.
  expect(refused.length).toBeGreaterThanOrEqual(4 * TENANTS - 32);
  expect(answers.length - refused.length).toBeGreaterThan(16);
  for (const one of answers) one.destroy();
});

test('D06 a key that is revoked while it reads gets no whole export', async () => {
  const acme = await make.tenant();
  await makeEvents(house, acme.uuid, 3_000, 'x'.repeat(12_000));
  const reader = await make.apiKey(acme, ['audit:read']);
  const response = await stall({ ...acme, secret: reader.secret });
  await acme.rest('DELETE', `/v1/api-keys/${reader.id}`);
  await until(async () => (await reader.rest('GET', '/v1/audit-events')).status === 401);
  // The rights are looked at again once a second.
  house.clock.advance(1_000);
  const parts: Buffer[] = [];
  const ended = await new Promise<string>((resolve) => {
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('end', () => resolve('whole'));
    response.on('error', () => resolve('broken off'));
    response.resume();
  });
  expect(ended).toBe('broken off');
  expect(Buffer.concat(parts).toString()).not.toContain('{"export":');
});

interface Started {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly socket: Socket;
}

/** A minute of silence on the next export's connection, as its socket tells of it, once `when` says so. */
function silent(when: (response: http.ServerResponse) => boolean): void {
  const starts = channel('http.server.request.start');
  const begun = (message: unknown) => {
    const { request, response, socket } = message as Started;
    if (!request.url?.includes('/audit-events/export')) return;
    starts.unsubscribe(begun);
    const look = () => {
      if (when(response)) socket.emit('timeout');
      else if (!response.destroyed) setImmediate(look);
    };
    look();
  };
  starts.subscribe(begun);
}

test('X15 who takes nothing for a minute is disconnected', async () => {
  const acme = await make.tenant();
  await makeEvents(house, acme.uuid, 3_000, 'x'.repeat(12_000));
  silent((response) => response.writableNeedDrain);
  const response = await stall(acme);
  const ended = new Promise((resolve) => response.once('close', resolve));
  response.resume();
  await ended;
  expect(response.complete).toBe(false);
});

test('who waits for what a filter is yet to find is told that it began, and stays', async () => {
  const acme = await make.tenant();
  await makeEvents(house, acme.uuid, 2_000);
  silent((response) => response.headersSent);
  const answer = await acme.rest('GET', '/v1/audit-events/export?type=user.never&format=JSON');
  expect([answer.status, answer.body]).toMatchObject([200, { events: [] }]);
});
