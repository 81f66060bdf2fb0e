/** Tokens that are made to cost whoever looks at them, wherever one is taken. */
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { makeClient } from '../kit/relying-party.ts';
import { basic, ownKey, tell } from '../kit/token-endpoint.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const app = await makeClient(acme);
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const service = await makeClient(acme, {
  ...{ type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] },
  grantTypes: ['client_credentials', EXCHANGE],
});
const byKey = await makeClient(acme, {
  tokenEndpointAuthMethod: 'private_key_jwt',
  jwks: { keys: [(await ownKey()).jwk] },
});

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const iss = `${PUBLIC_URL}/t/${acme.slug}`;
const pbes = { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 10_000_000, p2s: part('salt') };
const zipped = deflateRawSync(Buffer.alloc(4_000_000)).toString('base64url');
const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const BOMBS: Readonly<Record<string, string>> = {
  p2c: [part(pbes), part('key'), part('iv'), part('text'), part('tag')].join('.'),
  zip: [part({ alg: 'dir', enc: 'A128GCM', zip: 'DEF' }), '', part('iv'), zipped, part('t')].join(
    '.',
  ),
  deep: [
    part({ alg: 'ES256', typ: 'at+jwt' }),
    part(`{"iss":"${iss}","x":${deep}}`),
    part('s'),
  ].join('.'),
  'deep header': [part(`{"alg":"ES256","x":${deep}}`), part({ iss }), part('s')].join('.'),
  megabyte: [part({ alg: 'ES256' }), part({ iss, x: 'x'.repeat(1_000_000) }), part('s')].join('.'),
};

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const DOORS: Readonly<Record<string, (token: string) => Promise<{ status: number }>>> = {
  'the API': (token) =>
    send(house.url, {
      method: 'POST',
      path: '/graphql',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"query":"{ viewer { scopes } }"}',
    }),
  userinfo: (token) =>
    send(house.url, {
      path: `/t/${acme.slug}/oauth2/userinfo`,
      headers: { authorization: `Bearer ${token}` },
    }),
  'a proof': (token) =>
    tell(
      house,
      acme,
      '/oauth2/token',
      { grant_type: 'client_credentials' },
      {
        ...basic(service),
        dpop: token,
      },
    ),
  'an assertion': (token) =>
    tell(house, acme, '/oauth2/token', {
      ...{ grant_type: 'client_credentials', client_id: byKey.id },
      ...{ client_assertion_type: ASSERTION, client_assertion: token },
    }),
  'a subject': (token) =>
    tell(
      house,
      acme,
      '/oauth2/token',
      {
        ...{ grant_type: EXCHANGE, subject_token: token, scope: 'users:read' },
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      },
      basic(service),
    ),
  'a hint': (token) =>
    send(house.url, {
      path: `/t/${acme.slug}/oauth2/logout?id_token_hint=${token}&client_id=${app.id}`,
    }),
};

test.each(Object.keys(DOORS))('E07 T17 %s looks at no bomb', async (door) => {
  const told: Record<string, boolean> = {};
  for (const [bomb, token] of Object.entries(BOMBS)) {
    const { status } = await (DOORS[door] as (token: string) => Promise<{ status: number }>)(token);
    told[`${bomb}: ${status}`] = status >= 400 && status < 500;
  }
  expect(Object.entries(told).filter(([, good]) => !good)).toEqual([]);
});

test('E07 introspection says of every bomb that it is no token', async () => {
  for (const [bomb, token] of Object.entries(BOMBS)) {
    const { status, body } = await tell(
      house,
      acme,
      '/oauth2/introspect',
      { token },
      basic(service),
    );
    expect([bomb, status >= 400 ? status < 500 : body['active'] === false]).toEqual([bomb, true]);
  }
});
