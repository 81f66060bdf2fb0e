/** X15, X18: whatever one receiver does, the streams of others go on, and so do those of its own tenant. */
import type { ServerResponse } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { type Answer, openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { lookAt, makeStream, turn } from './streamed.ts';

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
function usual({ path }: { readonly path: string }): Answer {
  if (path.startsWith('/noisy')) return () => undefined;
  return well.has(path) ? 200 : (BAD[path.replace('/bad-', '')] ?? 200);
}
receiver.answer(usual);

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
    const waiting = await lookAt(bad, failing);
    expect(waiting.state).toBe('ACTIVE');
    expect(waiting.deliveredUpTo).toBeNull();
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
    // Whatever was tried again came under the id that it had.
    const bodies = Map.groupBy(
      receiver.received.filter((request) => request.path === path),
      ({ deliveryId }) => deliveryId,
    );
    for (const all of bodies.values()) expect(new Set(all.map(({ body }) => body)).size).toBe(1);
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

test('X15 K07 a receiver that fails for days is parked, which loses nothing', async () => {
  const acme = await make.tenant();
  const path = '/bad-err-for-days';
  let parked = false;
  receiver.answer((request) => (request.path === path && !parked ? 500 : usual(request)));
  const stream = await makeStream(acme, receiver.url(path), { startAt: 'BEGINNING' });
  const asked = () => receiver.received.filter((request) => request.path === path);
  await until(async () => (await lookAt(acme, stream)).attempts === 1);
  // It waits, by an attempt of its own each time, and under the same id.
  const { nextAttemptAt } = await lookAt(acme, stream);
  expect(Date.parse(nextAttemptAt ?? '')).toBeGreaterThan(house.clock.ms());
  const stopped = await until(async () => {
    house.clock.advance(6 * 3_600_000);
    await make.user(acme);
    const now = await lookAt(acme, stream);
    return now.state === 'DISABLED' && now;
  });
  expect(stopped.stateReason).toBe(
    'no attempt succeeded for three days; the last: the receiver answered 500',
  );
  const attempts = asked().length;
  expect(new Set(asked().map(({ deliveryId }) => deliveryId)).size).toBe(1);
  parked = true;
  house.clock.advance(86_400_000);
  await goesOn(acme, await beside(acme));
  expect(asked()).toHaveLength(attempts);
  await turn(acme, stream, 'resume');
  await until(async () => (await lookAt(acme, stream)).pending === 0);
  const leaves = receiver.events(path).map(({ leafIndex }) => leafIndex);
  expect(leaves).toEqual(leaves.map((_, n) => n));
  receiver.answer(usual);
});

/** Another stream of that tenant, which shows that its worker goes on. */
async function beside(tenant: MadeTenant): Promise<string> {
  await makeStream(tenant, receiver.url('/beside-parked'));
  return '/beside-parked';
}

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
