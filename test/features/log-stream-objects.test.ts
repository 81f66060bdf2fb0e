/** Objects of a store are few and large: gathered until they are full or their time has come. */
import { afterAll, expect, test } from 'vitest';
import { makeEvents } from '../kit/events.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { lookAt, makeStream } from './streamed.ts';

const receiver = await openReceiver();
const house = await openHouse({ env: { OUTBOUND_ALLOW: receiver.host } });
afterAll(() => receiver.close());
const make = makers(house);

/** First and last leaf of each object, as its key tells. */
const objects = (bucket: string) =>
  receiver.received
    .filter(({ path }) => path.startsWith(`/${bucket}/`))
    .map(({ path }) => (/(\d{16})-(\d{16})\.ndjson/.exec(path) ?? []).slice(1).map(Number));

function intoBucket(tenant: MadeTenant, bucket: string, more: object = {}) {
  return makeStream(tenant, '', {
    name: bucket,
    kind: 'S3',
    settings: { bucket, region: 'eu-central-1', endpoint: receiver.url('').replace(/\/$/, '') },
    secrets: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'key' },
    startAt: 'BEGINNING',
    ...more,
  });
}

test('K07 an object holds more than is read at once', async () => {
  const acme = await make.tenant();
  await makeEvents(house, acme.uuid, 2_500);
  const stream = await intoBucket(acme, 'whole');
  await until(async () => {
    house.clock.advance(61_000);
    return (await lookAt(acme, stream)).pending === 0;
  });
  const [first] = objects('whole');
  expect(first?.[0]).toBe(0);
  expect(first?.[1]).toBeGreaterThanOrEqual(2_500);
});

test('K07 what a filter lets through is gathered, however much lies between', async () => {
  const acme = await make.tenant();
  for (let n = 0; n < 2; n += 1) {
    await make.user(acme);
    await makeEvents(house, acme.uuid, 1_200);
  }
  const stream = await intoBucket(acme, 'sieved', { eventTypes: ['user.*'] });
  await until(async () => {
    house.clock.advance(61_000);
    return (await lookAt(acme, stream)).pending === 0;
  });
  expect(objects('sieved')).toHaveLength(1);
  const [[first = 0, last = 0] = []] = objects('sieved');
  expect(last - first).toBeGreaterThan(1_200);
});
