/** Asking about tokens, and taking them back (RFC 7662, RFC 7009). */
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { callerOf } from '../kit/as.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const other = await make.tenant();
const issuer = `${PUBLIC_URL}/t/${acme.slug}`;
const jwtApi = await make.resource(acme, { scopes: [{ name: 'read', description: 'Read' }] });
const opaqueApi = await make.resource(acme, {
  scopes: [{ name: 'look', description: 'Look' }],
  tokenFormat: 'OPAQUE',
});
const audiences = [jwtApi.identifier, opaqueApi.identifier];
const app = await makeClient(acme, { apiScopes: ['users:read'], audiences });
const config = await relyingParty(house, acme, app);
const service = { type: 'SERVICE', redirectUris: [], firstParty: false };
const stranger = await relyingParty(house, acme, await makeClient(acme, service));
const server = await relyingParty(house, acme, await makeClient(acme, { ...service, audiences }));
const ada = await person(house, make, acme, { displayName: 'Ada' });

const asOurs = (of: oidc.Configuration, scope = 'openid users:read', resource?: string) =>
  signInTo(house, of, ada, { scope, ...(resource ? { resource } : {}) });
const known = async (by: oidc.Configuration, token: string) =>
  (await oidc.tokenIntrospection(by, token)) as Record<string, unknown>;
const opens = async (token: string) =>
  (await callerOf(house, { secret: token, door: 'public' }).gql('{ viewer { scopes } }')).status;

test('a token says by introspection what it says itself', async () => {
  const { tokens } = await asOurs(config);
  const said = decodeJwt(tokens.access_token);
  expect(await known(config, tokens.access_token)).toMatchObject({
    active: true,
    token_type: 'Bearer',
    iss: issuer,
    aud: `${issuer}/api`,
    sub: ada.id,
    client_id: app.id,
    scope: 'users:read',
    username: ada.email,
    tid: acme.id,
    acr: 'pwd',
    jti: said.jti,
    exp: said.exp,
    iat: said.iat,
  });
  house.clock.advance(15 * 60_000);
  expect(await known(config, tokens.access_token)).toEqual({ active: false });
});

test('F14 a client knows of its own tokens, an API of those that are for it, others of none', async () => {
  for (const [scope, identifier] of [
    ['read', jwtApi.identifier],
    ['look', opaqueApi.identifier],
  ] as const) {
    const { tokens } = await asOurs(config, `openid ${scope}`, identifier);
    const token = tokens.access_token;
    expect(token.startsWith('eyJ'), scope).toBe(scope === 'read');
    for (const by of [config, server])
      expect(await known(by, token), scope).toMatchObject({
        active: true,
        aud: identifier,
        scope,
        tid: acme.id,
        oid: ada.id,
      });
    expect(await known(stranger, token), scope).toEqual({ active: false });
  }
  const { tokens } = await asOurs(config);
  for (const token of [tokens.access_token, tokens.refresh_token ?? ''])
    expect(await known(server, token)).toEqual({ active: false });
});

test('F14 who does not authenticate, or asks another issuer, is told of nothing', async () => {
  const { tokens } = await asOurs(config);
  const token = tokens.access_token;
  const spa = await makeClient(acme, { type: 'SPA', apiScopes: ['users:read'] });
  const theirs = await relyingParty(house, acme, spa);
  const own = await asOurs(theirs);
  expect(await known(theirs, own.tokens.access_token)).toEqual({ active: false });
  const elsewhere = await relyingParty(house, other, await makeClient(other, service));
  expect(await known(elsewhere, token)).toEqual({ active: false });
  const wrong = await relyingParty(house, acme, { id: app.id, secret: 'sgcs_wrong' });
  await expect(known(wrong, token)).rejects.toMatchObject({ status: 401 });
  const forged = `${token.slice(0, -8)}AAAAAAAA`;
  for (const nonsense of [
    forged,
    'nonsense',
    `eyJ${'a'.repeat(20_000)}.e30.`,
    tokens.id_token ?? '',
  ])
    expect(await known(config, nonsense), nonsense.slice(0, 20)).toEqual({ active: false });
});

test('a token that was taken back opens nothing within a second, and its grant goes on', async () => {
  const { tokens } = await asOurs(config);
  const token = tokens.access_token;
  expect(await opens(token)).toBe(200);
  await oidc.tokenRevocation(config, token);
  expect(await known(config, token)).toEqual({ active: false });
  house.clock.advance(1_000);
  expect(await opens(token)).toBe(401);
  await oidc.tokenRevocation(config, token);
  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(await opens(next.access_token)).toBe(200);
});

test('a refresh token that was taken back takes all of its grant with it', async () => {
  const { tokens } = await asOurs(config);
  expect(await opens(tokens.access_token)).toBe(200);
  await oidc.tokenRevocation(config, tokens.refresh_token ?? '');
  expect(await known(config, tokens.access_token)).toEqual({ active: false });
  house.clock.advance(1_000);
  expect(await opens(tokens.access_token)).toBe(401);
  const again = oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  await expect(again).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('F14 nobody takes back what is another’s; what nobody knows is taken back already', async () => {
  const { tokens } = await asOurs(config);
  for (const token of [tokens.access_token, tokens.refresh_token ?? '']) {
    const refused = oidc.tokenRevocation(stranger, token);
    await expect(refused).rejects.toMatchObject({ error: 'invalid_request' });
    expect(await known(config, token)).toMatchObject({ active: true });
  }
  await oidc.tokenRevocation(stranger, `${tokens.access_token.slice(0, -8)}AAAAAAAA`);
  await oidc.tokenRevocation(stranger, 'nonsense');
});

test('T33 whatever ends a token is told at the next question', async () => {
  const { tokens } = await asOurs(config);
  const bob = await person(house, make, acme);
  const own = await makeClient(acme, { audiences });
  const theirs = await relyingParty(house, acme, own);
  const inOpaque = { scope: 'openid look', resource: opaqueApi.identifier };
  const bobs = (await signInTo(house, theirs, bob, inOpaque)).tokens.access_token;
  expect(await known(server, bobs)).toMatchObject({ active: true });
  await run(acme, 'suspendUser', 'user { id }', { id: bob.id });
  expect(await known(server, bobs)).toEqual({ active: false });
  expect(await known(config, tokens.access_token)).toMatchObject({ active: true });
  await run(acme, 'disableClient', 'client { id }', { id: app.id });
  await expect(known(config, tokens.access_token)).rejects.toMatchObject({ status: 401 });
});

test('a person’s facts are not told by a token that was taken back', async () => {
  const own = await relyingParty(house, acme, await makeClient(acme));
  const { tokens } = await signInTo(house, own, ada);
  await oidc.fetchUserInfo(own, tokens.access_token, ada.id);
  await oidc.tokenRevocation(own, tokens.access_token);
  await expect(oidc.fetchUserInfo(own, tokens.access_token, ada.id)).rejects.toMatchObject({
    status: 401,
  });
});
