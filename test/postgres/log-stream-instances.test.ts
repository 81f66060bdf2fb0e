/** K07: instances share the streams; none is served by two of them at a time. */
import type { ServerResponse } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { makeStream } from '../features/streamed.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';

const receiver = await openReceiver();
const house = await openHouse({ instances: 2, env: { OUTBOUND_ALLOW: receiver.host } });
afterAll(() => receiver.close());
const make = makers(house);

/** Twice as many as one instance has places for a tenant. */
const STREAMS = 12;

test('K07 two instances work on twelve hanging streams of a tenant, each on its own', async () => {
  const acme = await make.tenant();
  const held: ServerResponse[] = [];
  receiver.answer(() => (response) => void held.push(response));
  for (let n = 0; n < STREAMS; n += 1)
    await makeStream(acme, receiver.url(`/${n}`), { startAt: 'BEGINNING' });
  await until(() => held.length === STREAMS);
  expect(new Set(receiver.received.map(({ path }) => path)).size).toBe(STREAMS);
  receiver.answer(() => 200);
  for (const response of held) response.end();
  await until(async () => {
    const { body } = await acme.rest<{ items: { pending: number }[] }>(
      'GET',
      '/v1/log-streams?first=100',
    );
    return body.items.every(({ pending }) => pending === 0);
  });
  const ids = receiver.received.map(({ deliveryId }) => deliveryId);
  expect(new Set(ids).size).toBe(ids.length);
});
