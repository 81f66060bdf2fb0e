/** K11: a process that only works through jobs answers health and nothing else. */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse({ env: { ROLES: 'jobs' } });

test('K11 a process with the role jobs has no doors', async () => {
  const get = async (path: string) => (await send(house.url, { path })).status;
  expect(await get('/livez')).toBe(200);
  expect(await get('/readyz')).toBe(200);
  expect(await get('/metrics')).toBe(200);
  const headers = { authorization: `Bearer ${house.internalKey}` };
  for (const path of [
    '/graphql',
    '/v1/users',
    '/internal/graphql',
    '/internal/v1/tenants',
    '/docs',
    '/openapi.json',
  ])
    for (const method of ['GET', 'POST'])
      expect([path, (await send(house.url, { method, path, headers, body: '{}' })).status]).toEqual(
        [path, 404],
      );
});
