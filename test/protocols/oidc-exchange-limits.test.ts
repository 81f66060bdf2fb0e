/** What tokens for tokens are never good for (RFC 8693), however they are combined. */
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { EXCHANGE, exchanging } from '../kit/exchange.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient } from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
/** Without second factors, so that administration needs none. */
const acme = await make.tenant();
await run(acme, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'OFF' });
const api = `${PUBLIC_URL}/t/${acme.slug}/api`;
const scopes = [
  { name: 'read', description: 'Read' },
  { name: 'write', description: 'Write' },
];
const front = await make.resource(acme, { scopes });
const back = await make.resource(acme, { scopes });
const audiences = [front.identifier, back.identifier];
const SERVICE = { type: 'SERVICE', redirectUris: [], firstParty: false, grantTypes: [EXCHANGE] };
const ada = await person(house, make, acme);
const { tokenOf, delegate, impersonate } = exchanging(house, acme);

test('F07 F16 scopes do not grow on the way round by another API', async () => {
  const app = await makeClient(acme, { audiences });
  const service = await makeClient(acme, { ...SERVICE, audiences });
  const { token } = await tokenOf(ada, app, 'read', front.identifier);
  const there = await delegate(service, token, { resource: back.identifier });
  expect(there.body['scope']).toBe('read write');
  const round = String(there.body['access_token']);
  const again = await delegate(service, round, { resource: front.identifier });
  expect(again.body['scope']).toBe('read');
  expect(decodeJwt(String(again.body['access_token']))['within']).toEqual({
    [front.identifier]: 'read',
    [back.identifier]: 'read write',
  });
});

test('F16 what a person gave one application is not what they gave another', async () => {
  const app = await makeClient(acme, { audiences });
  const theirs = await makeClient(acme, {
    firstParty: false,
    grantTypes: ['authorization_code', EXCHANGE],
    audiences,
  });
  const { token } = await tokenOf(ada, app, 'read write', front.identifier);
  const taken = await delegate(theirs, token, { resource: front.identifier });
  expect(taken.body['error']).toBe('invalid_scope');
  await tokenOf(ada, theirs, 'read', front.identifier);
  const given = await delegate(theirs, token, { resource: front.identifier });
  expect(given.body['scope']).toBe('read');
});

test('F16 D11 the scope of another API that is called like one of ours lets nobody act for others', async () => {
  const look = await make.resource(acme, {
    scopes: [{ name: 'users:impersonate', description: 'Dress up' }],
  });
  const desk = await makeClient(acme, {
    grantTypes: ['authorization_code', 'refresh_token', EXCHANGE],
    apiScopes: ['users:read'],
    audiences: [look.identifier],
  });
  const grace = await person(house, make, acme);
  const role = await make.role(acme, { scopes: ['users:impersonate', 'users:read'] });
  await make.assign(acme, role, grace);
  const { token } = await tokenOf(grace, desk, 'users:impersonate', look.identifier);
  expect(decodeJwt(token)).toMatchObject({ aud: look.identifier, scope: 'users:impersonate' });
  const acting = await impersonate(desk, token, ada.id, { resource: api });
  expect(acting.body['error']).toBe('access_denied');
});
