/** What a client is not registered for it does not get, by no way round, and loses at once when that is taken away. */

import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { callerOf } from '../kit/as.ts';
import { exchanging } from '../kit/exchange.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';
import { basic, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);
/** Without second factors, so that administration needs none. */
const acme = await make.tenant();
await run(acme, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'OFF' });
const scopes = [
  { name: 'read', description: 'Read' },
  { name: 'write', description: 'Write' },
];
const ada = await person(house, make, acme, { displayName: 'Ada' });
const { tokenOf } = exchanging(house, acme);
const ask = (token: string, document: string) =>
  callerOf(house, { secret: token, door: 'public' }).gql<Record<string, never>>(document);
const SCOPES = '{ viewer { scopes } }';

test('F12 a claim that is asked for by itself is one that the client may learn', async () => {
  const app = await makeClient(acme, { identityScopes: ['openid'] });
  const config = await relyingParty(house, acme, app);
  const { tokens } = await signInTo(house, config, ada, {
    scope: 'openid',
    claims: JSON.stringify({
      id_token: { email: { essential: true }, name: null, groups: null, acr: null },
      userinfo: { email: null, roles: null },
    }),
  });
  expect(Object.keys(tokens.claims() ?? {})).not.toContain('email');
  expect(Object.keys(tokens.claims() ?? {})).not.toContain('name');
  const told = await oidc.fetchUserInfo(config, tokens.access_token, ada.id);
  expect(Object.keys(told)).not.toContain('email');
  expect(Object.keys(told)).not.toContain('roles');
});

test('F12 a client that may learn nothing about people learns nothing', async () => {
  const app = await makeClient(acme, { identityScopes: [], apiScopes: ['users:read'] });
  const config = await relyingParty(house, acme, app);
  await expect(
    signInTo(house, config, ada, { scope: 'openid profile email users:read' }),
  ).rejects.toMatchObject({ error: 'invalid_scope' });
});

test('D06 what a client may do no longer, none of its tokens does a second later', async () => {
  const role = await make.role(acme, { scopes: ['users:read', 'groups:read'] });
  const bob = await person(house, make, acme);
  await make.assign(acme, role, bob);
  const app = await makeClient(acme, { apiScopes: ['users:read', 'groups:read'] });
  const { token } = await tokenOf(bob, app, 'users:read groups:read');
  expect((await ask(token, SCOPES)).data?.['viewer']).toEqual({
    scopes: ['groups:read', 'users:read'],
  });
  await run(acme, 'updateClient', 'client { id }', { id: app.id, apiScopes: ['groups:read'] });
  house.clock.advance(1_000);
  expect((await ask(token, SCOPES)).data?.['viewer']).toEqual({ scopes: ['groups:read'] });
});

test('F14 a token of an API that is gone, or that its client lost, counts no more', async () => {
  const gone = await make.resource(acme, { scopes });
  const lost = await make.resource(acme, { scopes });
  const seen = await make.resource(acme, { scopes, tokenFormat: 'OPAQUE' });
  const all = [gone.identifier, lost.identifier, seen.identifier];
  const app = await makeClient(acme, { audiences: all });
  const config = await relyingParty(house, acme, app);
  const held: string[] = [];
  for (const resource of all) held.push((await tokenOf(ada, app, 'read', resource)).token);
  const live = async () => {
    const told = held.map((token) => oidc.tokenIntrospection(config, token));
    return (await Promise.all(told)).map(({ active }) => active);
  };
  expect(await live()).toEqual([true, true, true]);
  await run(acme, 'deleteResource', 'deletedId', { id: gone.id });
  await run(acme, 'deleteResource', 'deletedId', { id: seen.id });
  await run(acme, 'updateClient', 'client { id }', { id: app.id, audiences: [] });
  house.clock.advance(1_000);
  expect(await live()).toEqual([false, false, false]);
});

test('F12 an application of others does not read which others a person uses', async () => {
  const theirs = await makeClient(acme, { firstParty: false, apiScopes: ['users:read'] });
  const { token } = await tokenOf(ada, theirs, 'users:read');
  const document = '{ viewer { consents { nodes { client { name } } } } }';
  const { data } = await ask(token, document);
  expect(data?.['viewer']).toEqual({ consents: { nodes: [] } });
});

test('F07 what a client may learn no longer, it is not told when it refreshes', async () => {
  const app = await makeClient(acme);
  const config = await relyingParty(house, acme, app);
  const { tokens } = await signInTo(house, config, ada, { scope: 'openid profile email' });
  const identityScopes = ['openid', 'profile'];
  await run(acme, 'updateClient', 'client { id }', { id: app.id, identityScopes });
  house.clock.advance(1_000);
  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(next.claims()).toMatchObject({ name: 'Ada' });
  expect(next.claims()).not.toHaveProperty('email');
  for (const { access_token: token } of [tokens, next])
    expect(await oidc.fetchUserInfo(config, token, ada.id)).not.toHaveProperty('email');
});

test('F07 an API that is only for people who are there gets no tokens by refresh tokens', async () => {
  const present = await make.resource(acme, { scopes, allowOffline: false });
  const app = await makeClient(acme, {
    audiences: [present.identifier],
    apiScopes: ['users:read'],
  });
  const config = await relyingParty(house, acme, app);
  const first = await tokenOf(ada, app, 'read', present.identifier);
  await expect(oidc.refreshTokenGrant(config, first.refresh)).rejects.toMatchObject({
    error: 'invalid_target',
  });
  const ours = await tokenOf(ada, app, 'users:read');
  await oidc.refreshTokenGrant(config, ours.refresh);
});

test('F14 an API hears within a second that the service whose opaque token it holds is disabled, or gone', async () => {
  const seen = await make.resource(acme, { scopes, tokenFormat: 'OPAQUE' });
  const service = { type: 'SERVICE', redirectUris: [], firstParty: false };
  const audiences = [seen.identifier];
  const [first, second] = [
    await makeClient(acme, { ...service, audiences }),
    await makeClient(acme, { ...service, audiences }),
  ];
  const server = await relyingParty(house, acme, await makeClient(acme, { ...service, audiences }));
  const held: string[] = [];
  for (const client of [first, second]) {
    const config = await relyingParty(house, acme, client);
    const resource = seen.identifier;
    held.push((await oidc.clientCredentialsGrant(config, { resource })).access_token);
  }
  const live = async () => {
    const told = held.map((token) => oidc.tokenIntrospection(server, token));
    return (await Promise.all(told)).map(({ active }) => active);
  };
  expect(await live()).toEqual([true, true]);
  await run(acme, 'disableClient', 'client { id }', { id: first.id });
  await run(acme, 'deleteClient', 'deletedId', { id: second.id });
  house.clock.advance(1_000);
  expect(await live()).toEqual([false, false]);
});

test('F12 an application of others asks for an API by its scopes, which the person sees', async () => {
  const seen = await make.resource(acme, { scopes });
  const theirs = await makeClient(acme, { firstParty: false, audiences: [seen.identifier] });
  const config = await relyingParty(house, acme, theirs);
  const resource = seen.identifier;
  const unseen = signInTo(house, config, ada, { scope: 'openid', resource });
  await expect(unseen).rejects.toMatchObject({ error: 'invalid_target' });
  const { tokens } = await signInTo(house, config, ada, { scope: 'openid read', resource });
  expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: resource, scope: 'read' });
});

test('F12 what nobody was asked for ends when the application is not the tenant’s own any more', async () => {
  const app = await makeClient(acme, { apiScopes: ['users:read'] });
  const { token, refresh } = await tokenOf(ada, app, 'users:read');
  expect((await ask(token, SCOPES)).status).toBe(200);
  await run(acme, 'updateClient', 'client { id }', { id: app.id, firstParty: false });
  house.clock.advance(1_000);
  expect((await ask(token, SCOPES)).status).toBe(401);
  const config = await relyingParty(house, acme, app);
  await expect(oidc.refreshTokenGrant(config, refresh)).rejects.toMatchObject({
    error: 'invalid_grant',
  });
});

test('a tenant that gets a host is another issuer within a second', async () => {
  const moving = await make.tenant();
  const client = await makeClient(moving, {
    ...{ type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] },
  });
  const issuer = async () => {
    const fields = { grant_type: 'client_credentials' };
    const { body } = await tell(house, moving, '/oauth2/token', fields, basic(client));
    return decodeJwt(String(body['access_token'])).iss;
  };
  // Its keys are all there.
  await make.signingKeys(moving, 'RS256');
  await make.signingKeys(moving, 'ES256');
  expect(await issuer()).toBe(`${PUBLIC_URL}/t/${moving.slug}`);
  await run(moving.operator, 'updateTenant', 'tenant { id }', {
    id: moving.id,
    host: 'id.moving.example',
  });
  house.clock.advance(1_000);
  expect(await issuer()).toBe('https://id.moving.example');
});
