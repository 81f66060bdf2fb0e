/** X15, X18: whatever one receiver does, the streams of others go on, and so do those of its own tenant. */
import type { ServerResponse } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { lookAt, makeStream } from './streamed.ts';

const receiver = await openReceiver();
/** Nobody listens there. */
const closed = await openReceiver();
await closed.close();
const house = await openHouse({ env: { OUTBOUND_ALLOW: `${receiver.host},${closed.host}` } });
afterAll(() => receiver.close());
const make = makers(house);

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const more = setInterval(() => response.write('.'), 50);
  response.once('close', () => clearInterval(more));
}

function flood(response: ServerResponse): void {
  const part = Buffer.alloc(65_536, 'x');
  const more = () => {
    while (!response.destroyed && response.write(part));
  };
  response.writeHead(200);
  response.on('drain', more);
  more();
}

/** What bad receivers do, by their paths. */
const BAD: Readonly<Record<string, (response: ServerResponse) => void>> = {
  hang: () => undefined,
  drip,
  flood,
  err: (response) => response.writeHead(500).end(),
  reset: (response) => response.destroy(),
  redirect: (response) => response.writeHead(302, { location: receiver.url('/inner') }).end(),
};

/** Paths whose receivers have come to their senses. */
const well = new Set<string>();
receiver.answer(({ path }) => {
  if (path.startsWith('/noisy')) return () => undefined;
  return well.has(path) ? 200 : (BAD[path.replace('/bad-', '')] ?? 200);
});

test.concurrent.each(Object.keys(BAD))(
  'X15 K07 a receiver that does %s delays nobody, and loses nothing',
  async (name: string) => {
    const [bad, good] = [await make.tenant(), await make.tenant()];
    const path = `/bad-${name}`;
    const failing = await makeStream(bad, receiver.url(path), { startAt: 'BEGINNING' });
    await makeStream(bad, receiver.url(`/beside-${name}`), { startAt: 'BEGINNING' });
    await makeStream(good, receiver.url(`/good-${name}`), { startAt: 'BEGINNING' });
    await until(() => receiver.received.some((request) => request.path === path));
    await goesOn(good, `/good-${name}`);
    await goesOn(bad, `/beside-${name}`);
    expect(receiver.taken(path)).toEqual([]);
    expect((await lookAt(bad, failing)).state).toBe('ACTIVE');
    well.add(path);
    await until(
      async () => {
        house.clock.advance(1_000);
        return (await lookAt(bad, failing)).pending === 0;
      },
      { timeout: 25_000 },
    );
    const leaves = receiver.events(path).map(({ leafIndex }) => leafIndex);
    expect(leaves).toEqual(leaves.map((_, n) => n));
    expect(receiver.received.filter((request) => request.path === '/inner')).toEqual([]);
  },
  60_000,
);

async function goesOn(tenant: MadeTenant, path: string): Promise<void> {
  for (let n = 0; n < 3; n += 1) {
    const { id } = await make.user(tenant);
    await until(() => receiver.taken(path).some(({ body }) => body.includes(id)));
  }
}

test('X15 a receiver that is not there is asked less and less often', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, closed.url('/'));
  await make.user(acme);
  const attempts = async () => (await lookAt(acme, stream)).attempts;
  await until(async () => {
    house.clock.advance(300_000);
    return (await attempts()) >= 8;
  });
  const { nextAttemptAt, lastError } = await lookAt(acme, stream);
  expect(lastError).toBe('the connection to the receiver failed');
  const waits = Date.parse(nextAttemptAt ?? '') - house.clock.ms();
  expect(waits).toBeLessThanOrEqual(300_000);
});

test('X18 more hanging streams than a tenant has places for leave the places of others free', async () => {
  const [noisy, quiet] = [await make.tenant(), await make.tenant()];
  for (let n = 0; n < 12; n += 1)
    await makeStream(noisy, receiver.url(`/noisy-${n}`), { startAt: 'BEGINNING' });
  await until(() => receiver.received.filter(({ path }) => path.startsWith('/noisy')).length >= 6);
  const hanging = () => receiver.received.filter(({ path }) => path.startsWith('/noisy')).length;
  await makeStream(quiet, receiver.url('/quiet'), { startAt: 'BEGINNING' });
  await goesOn(quiet, '/quiet');
  expect(hanging()).toBe(6);
});
