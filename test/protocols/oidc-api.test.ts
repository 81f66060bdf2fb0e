/** Access tokens at the doors of our own API: what they open, and when they stop (RFC 9068, RFC 8725). */
import { createHmac } from 'node:crypto';
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
const api = `${PUBLIC_URL}/t/${acme.slug}/api`;
const app = await makeClient(acme, { apiScopes: ['users:read', 'users:write'] });
const scope = 'openid users:read users:write';

const WHO = '{ viewer { actor { kind id } scopes account { email } session { id } } }';

async function ask(token: string, document = WHO) {
  const { status, data, code } = await callerOf(house, { secret: token, door: 'public' }).gql<
    Record<string, never>
  >(document);
  return { status, data, code };
}

async function signedIn(who = undefined as Awaited<ReturnType<typeof person>> | undefined) {
  const ada = who ?? (await person(house, make, acme));
  const config = await relyingParty(house, acme, app);
  const { tokens } = await signInTo(house, config, ada, { scope });
  return { ada, config, tokens, token: tokens.access_token };
}

test('a token opens what its scopes and the roles of the person both allow', async () => {
  const { ada, token, config, tokens } = await signedIn();
  expect(decodeJwt(token)['sid']).toBe(tokens.claims()?.['sid']);
  expect(tokens.claims()?.['sid']).toEqual(expect.any(String));
  const nothing = await ask(token);
  expect(nothing.data?.['viewer']).toMatchObject({
    actor: { kind: 'user', id: ada.id },
    scopes: [],
    account: { email: ada.email },
  });
  await make.assign(acme, await make.role(acme, { scopes: ['users:read', 'groups:read'] }), ada);
  house.clock.advance(1_000);
  expect((await ask(token)).data?.['viewer']).toMatchObject({ scopes: ['users:read'] });
  const { status } = await callerOf(house, { secret: token, door: 'public' }).rest(
    'GET',
    '/v1/users',
  );
  expect(status).toBe(200);
  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect((await ask(next.access_token)).data?.['viewer']).toMatchObject({ scopes: ['users:read'] });
});

test('C05 F08 suspended, signed out everywhere, or with another password: refused within a second', async () => {
  const ends = {
    suspend: (id: string) => run(acme, 'suspendUser', 'user { id }', { id }),
    end: (userId: string) => run(acme, 'endUserSessions', '__typename', { userId }),
    reset: (id: string) => run(acme, 'requirePasswordReset', 'linkSent', { id }),
  };
  for (const [name, end] of Object.entries(ends)) {
    const { ada, token, config, tokens } = await signedIn();
    expect((await ask(token)).status, name).toBe(200);
    await end(ada.id);
    house.clock.advance(1_000);
    expect((await ask(token)).code, name).toBe('UNAUTHENTICATED');
    const again = oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    await expect(again, name).rejects.toMatchObject({ error: 'invalid_grant' });
  }
});

test('a disabled client’s tokens are refused, its own too', async () => {
  const service = await makeClient(acme, {
    type: 'SERVICE',
    redirectUris: [],
    firstParty: false,
    apiScopes: ['users:read'],
  });
  const config = await relyingParty(house, acme, service);
  const { access_token: token } = await oidc.clientCredentialsGrant(config);
  expect((await ask(token, '{ users(first: 1) { nodes { id } } }')).code).toBeUndefined();
  expect((await ask(token, '{ groups(first: 1) { nodes { id } } }')).code).toBe('FORBIDDEN');
  await run(acme, 'disableClient', 'client { id }', { id: service.id });
  house.clock.advance(1_000);
  expect((await ask(token)).code).toBe('UNAUTHENTICATED');
});

test('E01 E02 E05 E06 what is forged, meant for others or no access token opens nothing', async () => {
  const { token, tokens } = await signedIn();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const said = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hmac = (head: string) =>
    createHmac('sha256', 'secret').update(`${head}.${payload}`).digest('base64url');
  const none = ['none', 'None', 'nOnE'].map(
    (alg) => `${part({ ...said(header), alg })}.${payload}.`,
  );
  const hs256 = part({ ...said(header), alg: 'HS256' });
  const forged = [
    ...none,
    `${hs256}.${payload}.${hmac(hs256)}`,
    `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
    `${header}.${part({ ...said(payload), scope: 'users:write' })}.${signature}`,
    `${header}.${part({ ...said(payload), aud: `${PUBLIC_URL}/t/${other.slug}/api` })}.${signature}`,
    `${part({ ...said(header), crit: ['b64'], b64: false })}.${payload}.${signature}`,
    tokens.id_token ?? '',
    tokens.refresh_token ?? '',
  ];
  for (const one of forged) expect((await ask(one)).code, one).toBe('UNAUTHENTICATED');
  expect((await ask(token)).status).toBe(200);
  house.clock.advance(15 * 60_000 + 31_000);
  expect((await ask(token)).code).toBe('UNAUTHENTICATED');
  expect(said(payload).aud).toBe(api);
});

test('D11 an application of others does nothing that people do for themselves', async () => {
  const ada = await person(house, make, acme);
  await make.assign(acme, await make.role(acme, { scopes: ['users:read'] }), ada);
  const theirs = await makeClient(acme, { firstParty: false, apiScopes: ['users:read'] });
  const config = await relyingParty(house, acme, theirs);
  const { tokens } = await signInTo(house, config, ada, { scope: 'openid users:read' });
  const seen = await ask(tokens.access_token);
  expect(seen.data?.['viewer']).toMatchObject({ scopes: ['users:read'], account: null });
  const enrol = `mutation { enrolFactor(input: { kind: TOTP, name: "x" }) { __typename } }`;
  expect((await ask(tokens.access_token, enrol)).code).toBe('FORBIDDEN');
  const out = 'mutation { signOut(input: { everywhere: true }) { __typename } }';
  expect((await ask(tokens.access_token, out)).code).toBe('FORBIDDEN');
});
