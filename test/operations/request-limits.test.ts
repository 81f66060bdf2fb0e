/** How often a request may be made: per credential, and per address for what is no credential. */
import { expect, test } from 'vitest';
import { callerOf } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse({
  env: { RATE_LIMIT_ANONYMOUS_PER_MINUTE: '6', RATE_LIMIT_PER_MINUTE: '50' },
});
const make = makers(house);
const acme = await make.tenant();
const other = await make.tenant();

const ask = (headers: Record<string, string>) =>
  send(house.url, { path: '/v1/users', headers: { ...headers } });

test('every way of presenting a credential that is refused counts against the address', async () => {
  const bearer = { authorization: `Bearer ${acme.secret}` };
  const refused: [Record<string, string>, number][] = [
    [{ authorization: 'Basic x' }, 401],
    [{ authorization: `Bearer ${acme.secret}0` }, 401],
    [{ authorization: `Bearer ${house.internalKey}` }, 401],
    [{ ...bearer, 'x-tenant-id': other.id }, 403],
    [{ ...bearer, 'x-tenant-id': 'nonsense' }, 403],
  ];
  for (const [headers, status] of refused) expect((await ask(headers)).status).toBe(status);
  expect((await ask({})).status).toBe(401);
  const limited = await ask({ ...bearer, 'x-tenant-id': other.id });
  expect(limited.status).toBe(429);
  expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
  expect(JSON.parse(limited.text)).toMatchObject({ code: 'RATE_LIMITED' });
  expect((await ask({})).status).toBe(429);
  expect((await ask(bearer)).status).toBe(200);
});

test('a credential has its own count, and GraphQL says when to come back', async () => {
  const key = await make.apiKey(acme, ['users:read']);
  const at = callerOf(house, { secret: key.secret, door: 'public' });
  let answer = await at.gql('{ viewer { scopes } }');
  for (let n = 0; n < 60 && answer.status === 200; n += 1) answer = await at.gql('{ __typename }');
  expect([answer.status, answer.code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect((await acme.gql('{ viewer { scopes } }')).status).toBe(200);
});
