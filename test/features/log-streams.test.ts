/** Log streams: what a receiver gets, in which order, under which ids, and what becomes of the rest. */
import { afterAll, expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { expectStatus, type MadeTenant, makers } from '../kit/make.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';

const receiver = await openReceiver();
const house = await openHouse({ env: { OUTBOUND_ALLOW: receiver.host } });
afterAll(() => receiver.close());
const make = makers(house);

interface Stream {
  readonly id: string;
  readonly state: string;
  readonly pending: number;
  readonly deliveredUpTo: number | null;
  readonly version: number;
}

async function stream(
  tenant: MadeTenant,
  path: string,
  more: object = {},
): Promise<Stream & { secret: string | null }> {
  const answer = await tenant.rest<Stream & { secret: string | null }>('POST', '/v1/log-streams', {
    body: { name: `To ${path}`, kind: 'HTTP', settings: { url: receiver.url(path) }, ...more },
  });
  return expectStatus(answer, 201);
}

const look = async (tenant: MadeTenant, { id }: { id: string }) =>
  expectStatus(await tenant.rest<Stream>('GET', `/v1/log-streams/${id}`), 200);

test('K07 what happens in a tenant reaches its stream, in the order of the log, once', async () => {
  const acme = await make.tenant();
  const made = await stream(acme, '/first');
  for (let n = 0; n < 5; n += 1) await make.user(acme);
  const seen = () => receiver.events('/first').filter(({ type }) => type === 'user.create');
  await until(() => seen().length === 5);
  const leaves = receiver.events('/first').map(({ leafIndex }) => leafIndex);
  expect(leaves).toEqual(leaves.toSorted((a, b) => a - b));
  expect(new Set(leaves).size).toBe(leaves.length);
  const after = await until(async () => {
    const now = await look(acme, made);
    return now.pending === 0 && now;
  });
  expect(after).toMatchObject({ state: 'ACTIVE', deliveredUpTo: leaves.at(-1), attempts: 0 });
});
