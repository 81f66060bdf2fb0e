/** Tokens for tokens: a client acts for a person (RFC 8693). */
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { callerOf } from '../kit/as.ts';
import { ACCESS_TOKEN, EXCHANGE, exchanging } from '../kit/exchange.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient } from '../kit/relying-party.ts';
import { rows } from '../kit/stored.ts';
import { basic, dpopProof, ownKey, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);
/** Without second factors, so that administration needs none. */
const acme = await make.tenant();
await run(acme, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'OFF' });
const other = await make.tenant();
const api = `${PUBLIC_URL}/t/${acme.slug}/api`;
const scopes = [
  { name: 'read', description: 'Read' },
  { name: 'write', description: 'Write' },
];
const front = await make.resource(acme, { scopes });
const back = await make.resource(acme, { scopes });
const opaque = await make.resource(acme, { scopes, tokenFormat: 'OPAQUE' });
const app = await makeClient(acme, { audiences: [front.identifier], apiScopes: ['users:read'] });
const SERVICE = { type: 'SERVICE', redirectUris: [], firstParty: false, grantTypes: [EXCHANGE] };
const service = await makeClient(acme, {
  ...SERVICE,
  audiences: [front.identifier, back.identifier, opaque.identifier],
  apiScopes: ['users:read', 'users:write'],
});
const ada = await person(house, make, acme);

const { tokenOf, exchanged, delegate } = exchanging(house, acme);
const ask = (token: string, document: string) =>
  callerOf(house, { secret: token, door: 'public' }).gql<Record<string, never>>(document);
const WHO = '{ viewer { actor { kind id } scopes } }';

test('a service acts for a person: the subject stays, and the token says who acts', async () => {
  const { token } = await tokenOf(ada, app, 'read write', front.identifier);
  const { status, body } = await delegate(service, token, {
    resource: back.identifier,
    scope: 'read',
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    scope: 'read',
  });
  expect(body['refresh_token']).toBeUndefined();
  expect(body['expires_in']).toBeLessThanOrEqual(300);
  expect(decodeJwt(String(body['access_token']))).toMatchObject({
    sub: ada.id,
    aud: back.identifier,
    client_id: service.id,
    act: { sub: service.id },
    acr: 'pwd',
    scope: 'read',
  });
});

test('F07 F16 an exchange never widens, and leads to no API that the client may not ask for', async () => {
  const { token } = await tokenOf(ada, app, 'read', front.identifier);
  const narrow = await delegate(service, token, {
    resource: front.identifier,
    scope: 'read write',
  });
  expect(narrow.body['scope']).toBe('read');
  const nothing = await delegate(service, token, { resource: front.identifier, scope: 'write' });
  expect(nothing.body['error']).toBe('invalid_scope');
  for (const resource of [opaque.identifier, 'https://elsewhere.example.com', `${api}x`])
    expect((await delegate(service, token, { resource })).body['error'], resource).toBe(
      'invalid_target',
    );
  expect((await delegate(service, token)).body['error']).toBe('invalid_target');
  const both = await delegate(service, token, {
    resource: front.identifier,
    audience: back.identifier,
  });
  expect(both.body['error']).toBe('invalid_target');
  const byAudience = await delegate(service, token, { audience: back.identifier });
  expect(byAudience.body['scope']).toBe('read write');
});

test('an application of others gets for a person what that person gave it, and no more', async () => {
  const theirs = await makeClient(acme, {
    firstParty: false,
    grantTypes: ['authorization_code', EXCHANGE],
    audiences: [front.identifier, back.identifier],
  });
  const { token } = await tokenOf(ada, theirs, 'read', front.identifier);
  expect((await delegate(theirs, token, { resource: front.identifier })).body['scope']).toBe(
    'read',
  );
  const more = await delegate(theirs, token, { resource: back.identifier });
  expect(more.body['error']).toBe('invalid_scope');
});

test('F16 the subject token must be live, of this tenant, an access token, and for this client', async () => {
  const live = await tokenOf(ada, app, 'read', front.identifier);
  const toFront = { resource: front.identifier };
  const stranger = await makeClient(acme, { ...SERVICE, audiences: [back.identifier] });
  const foreign = await person(house, make, other);
  const elsewhere = await makeClient(other, { apiScopes: ['users:read'] });
  const byItself = await makeClient(acme, {
    ...SERVICE,
    grantTypes: [EXCHANGE, 'client_credentials'],
    apiScopes: ['users:read'],
  });
  const own = await tell(
    house,
    acme,
    '/oauth2/token',
    { grant_type: 'client_credentials', scope: 'users:read' },
    basic(byItself),
  );
  const bad: Record<string, string> = {
    forged: `${live.token.slice(0, -8)}AAAAAAAA`,
    nonsense: 'nonsense',
    refresh: live.refresh,
    'of another tenant': (await exchanging(house, other).tokenOf(foreign, elsewhere, 'users:read'))
      .token,
  };
  for (const [what, token] of Object.entries(bad))
    expect((await delegate(service, token, toFront)).body['error'], what).toBe('invalid_request');
  const others = await delegate(stranger, live.token, { resource: back.identifier });
  expect(others.body['error']).toBe('invalid_request');
  const machine = await delegate(byItself, String(own.body['access_token']), {
    scope: 'users:read',
  });
  expect(machine.body['error']).toBe('invalid_request');
  for (const type of ['urn:ietf:params:oauth:token-type:id_token', 'x'])
    expect(
      (await delegate(service, live.token, { ...toFront, subject_token_type: type })).status,
    ).toBe(400);
  expect((await delegate(app, live.token, toFront)).status).toBe(400);
  house.clock.advance(15 * 60_000);
  expect((await delegate(service, live.token, toFront)).body['error']).toBe('invalid_request');
});

test('F16 what ends the first token’s grant ends what was made of it, within a second', async () => {
  const reader = await make.role(acme, { scopes: ['users:read', 'users:write'] });
  await make.assign(acme, reader, ada);
  const first = await tokenOf(ada, app, 'read', front.identifier);
  const { body } = await delegate(service, first.token, {
    resource: api,
    scope: 'users:read users:write',
  });
  const token = String(body['access_token']);
  expect((await ask(token, WHO)).data?.['viewer']).toMatchObject({
    actor: { kind: 'user', id: ada.id },
    scopes: ['users:read', 'users:write'],
  });
  const created = await ask(
    token,
    'mutation { createUser(input: { email: "made@by.example" }) { __typename } }',
  );
  expect(created.code).toBeUndefined();
  const [event] = await rows<Record<string, string>>(
    house,
    acme.uuid,
    "SELECT actor_kind, actor_id, on_behalf_of FROM audit_events WHERE type = 'user.create' ORDER BY id DESC LIMIT 1",
  );
  expect(event).toEqual({ actor_kind: 'client', actor_id: service.id, on_behalf_of: ada.id });
  await tell(house, acme, '/oauth2/revoke', { token: first.refresh }, basic(app));
  house.clock.advance(1_000);
  expect((await ask(token, WHO)).status).toBe(401);
});

test('services that call services are all named', async () => {
  const { token } = await tokenOf(ada, app, 'read', front.identifier);
  const first = await delegate(service, token, { resource: back.identifier });
  const next = await makeClient(acme, { ...SERVICE, audiences: [back.identifier] });
  const second = await delegate(next, String(first.body['access_token']), {
    resource: back.identifier,
  });
  expect(decodeJwt(String(second.body['access_token']))).toMatchObject({
    sub: ada.id,
    act: { sub: next.id, act: { sub: service.id } },
  });
});

test('E10 an exchanged token is bound to the key of whoever asks for it', async () => {
  const { token } = await tokenOf(ada, app, 'read', front.identifier);
  const own = await ownKey();
  const proof = await dpopProof(house, own, { uri: `${PUBLIC_URL}/t/${acme.slug}/oauth2/token` });
  const asked = {
    subject_token: token,
    subject_token_type: ACCESS_TOKEN,
    resource: back.identifier,
  };
  const bound = await exchanged(service, asked, { dpop: proof });
  expect(bound.body['token_type']).toBe('DPoP');
  expect(decodeJwt(String(bound.body['access_token']))['cnf']).toHaveProperty('jkt');
  expect((await exchanged(service, asked, { dpop: proof })).status).toBe(400);
});
