/** X15 X18: receivers that take long and then succeed are slow all the same, and have places of their own. */
import type { ServerResponse } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { lookAt, type MadeStream, makeStream } from './streamed.ts';

const receiver = await openReceiver();
const house = await openHouse({ env: { OUTBOUND_ALLOW: receiver.host } });
afterAll(() => receiver.close());
const make = makers(house);

const TENANTS = 6;
const STREAMS = 6;

/** Longer than is quick. */
const TAKES_MS = 2_500;

/** Leaves wait for transactions that other files have open on the same server. */
const PATIENT = { timeout: 60_000 };

let hanging = false;
const held = new Map<string, ServerResponse>();
const taken = new Set<string>();
receiver.answer(({ path }) => {
  if (!path.startsWith('/slow')) return 200;
  return (response) => {
    held.set(path, response);
    response.once('close', () => held.get(path) === response && held.delete(path));
    if (hanging) return;
    setTimeout(() => {
      taken.add(path);
      response.writeHead(200).end();
    }, TAKES_MS);
  };
});

async function goesOn(tenant: MadeTenant, path: string): Promise<void> {
  for (let n = 0; n < 3; n += 1) {
    const { id } = await make.user(tenant);
    await until(() => receiver.taken(path).some(({ body }) => body.includes(id)), PATIENT);
  }
}

test('X15 X18 receivers that are slow and succeed never fill the places of the quick, whatever is changed in them', async () => {
  const quiet = await make.tenant();
  await makeStream(quiet, receiver.url('/quiet'), { startAt: 'BEGINNING' });
  await goesOn(quiet, '/quiet');
  const slow: { tenant: MadeTenant; streams: MadeStream[] }[] = [];
  for (let t = 0; t < TENANTS; t += 1) {
    const tenant = await make.tenant();
    const streams: MadeStream[] = [];
    for (let n = 0; n < STREAMS; n += 1)
      streams.push(
        await makeStream(tenant, receiver.url(`/slow/${t}/${n}`), { startAt: 'BEGINNING' }),
      );
    slow.push({ tenant, streams });
  }
  await until(() => held.size > 0, PATIENT);
  await goesOn(quiet, '/quiet');

  // Each has succeeded once, and is told something new.
  await until(() => taken.size === TENANTS * STREAMS, PATIENT);
  hanging = true;
  for (const { tenant, streams } of slow)
    for (const { id } of streams)
      await run(tenant, 'updateLogStream', 'logStream { id }', { id, name: 'nudged' });
  await until(() => held.size >= 12, PATIENT);
  await goesOn(quiet, '/quiet');
  expect(held.size).toBeLessThanOrEqual(12);
  // Two tenants held the twelve; when these become free, all others take turns.
  for (const response of held.values()) response.writeHead(200).end();
  const waiting = () => new Set([...held.keys()].map((path) => path.split('/')[2]));
  await until(() => waiting().size >= TENANTS - 2, PATIENT);
  for (const { tenant, streams } of slow)
    for (const stream of streams) expect((await lookAt(tenant, stream)).state).toBe('ACTIVE');
}, 240_000);
