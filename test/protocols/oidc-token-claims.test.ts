/** What access tokens say of people, and to whom. */
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { callerOf } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const [identityScopes, apiScopes] = [['openid', 'profile', 'roles', 'groups'], ['users:read']];

test('F12 an application of others reads in its access tokens what the person gave it', async () => {
  const ada = await person(house, make, acme, { displayName: 'Ada' });
  await make.member(acme, await make.group(acme, { name: 'Sales' }), ada);
  const claims = { firstParty: false, identityScopes, apiScopes };
  const config = await relyingParty(house, acme, await makeClient(acme, claims));
  const said = async (scope: string) =>
    decodeJwt((await signInTo(house, config, ada, { scope })).tokens.access_token);
  const little = await said('openid users:read');
  expect(little).toMatchObject({ sub: ada.id, scope: 'users:read' });
  for (const claim of ['name', 'preferred_username', 'roles', 'groups'])
    expect(little).not.toHaveProperty(claim);
  expect(await said('openid profile roles groups users:read')).toMatchObject({
    name: 'Ada',
    preferred_username: ada.email,
    groups: ['Sales'],
  });
});

test('a person of many groups has tokens that our API takes', async () => {
  const bob = await person(house, make, acme);
  for (let n = 0; n < 100; n += 1)
    await make.member(acme, await make.group(acme, { name: `${n} ${'g'.repeat(110)}` }), bob);
  const config = await relyingParty(house, acme, await makeClient(acme, { apiScopes }));
  const { tokens } = await signInTo(house, config, bob, { scope: 'openid users:read' });
  const caller = callerOf(house, { secret: tokens.access_token, door: 'public' });
  expect((await caller.gql('{ viewer { scopes } }')).status).toBe(200);
});
