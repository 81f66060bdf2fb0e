/** What a client may be made of: redirect URIs, grants, keys, links (F01, F05, F06, F09, F17, T15). */
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { clientOf } from '#features/clients/clients.queries.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

/** The paths of what is wrong with it; empty when it is taken. */
async function wrongWith(input: object): Promise<string[]> {
  const answer = await mutate(acme, 'createClient', { name: 'x', type: 'WEB', ...input });
  return (answer.fields ?? []).map(({ path }) => path);
}

const TAKEN: readonly string[] = [
  'https://app.example.com/cb',
  'https://app.example.com/cb?tenant=a%20b',
  'https://app.example.com:8443/',
  'https://app.example.com:443/cb',
  'https://xn--bcher-kva.example/cb',
  'https://localhost/cb',
  'http://localhost:3000/cb',
  'http://127.0.0.1/cb',
  'http://[::1]:8080/cb',
];

const REFUSED: readonly string[] = [
  '',
  '/cb',
  'app.example.com/cb',
  '//app.example.com/cb',
  'https:/app.example.com/cb',
  'https:app.example.com',
  'https://',
  'https://app.example.com/cb#',
  'https://app.example.com/cb#top',
  'https://user@app.example.com/cb',
  'https://user:pass@app.example.com/cb',
  'http://localhost:80@evil.example/cb',
  'http://localhost\\@evil.example/cb',
  'https://evil.example\\.app.example.com/cb',
  'https://*.example.com/cb',
  'https://app.example.com/*',
  'https://app.example.com/cb?next=*',
  'http://app.example.com/cb',
  'http://127.0.0.1.evil.example/cb',
  'http://2130706433/cb',
  'http://0x7f.1/cb',
  'http://0.0.0.0/cb',
  'https://APP.example.com/cb',
  'HTTPS://app.example.com/cb',
  'https://bücher.example/cb',
  'https://app.example.com/a b',
  ' https://app.example.com/cb',
  'https://app.example.com/cb\n',
  'https://app.example.com/\u0000',
  'https://app.example.com/%zz',
  'https://app.example.com:99999/cb',
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'javascript://app.example.com/%0aalert(1)',
  'data:text/html,x',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://app.example.com/x',
  'about:blank',
  'urn:ietf:wg:oauth:2.0:oob',
  'myapp://callback',
  'com.example.app:callback',
  'com.example.app:/cb#x',
  `https://app.example.com/${'x'.repeat(2000)}`,
];

test('F01 T15 a redirect URI is whole, plain and safe, or refused', async () => {
  const given: Record<string, string[]> = {};
  for (const uri of TAKEN) given[uri] = await wrongWith({ redirectUris: [uri] });
  expect(given).toEqual(Object.fromEntries(TAKEN.map((uri) => [uri, []])));
  const wrong: string[] = [];
  for (const type of ['WEB', 'SPA', 'NATIVE'])
    for (const list of ['redirectUris', 'postLogoutRedirectUris'])
      for (const uri of REFUSED) {
        const input = { redirectUris: TAKEN.slice(0, 1), type, [list]: [uri] };
        if ((await wrongWith(input))[0] !== `${list}.0`) wrong.push(`${type} ${list} ${uri}`);
      }
  expect(wrong).toEqual([]);
});

test('F01 a scheme of its own is for an app on a device, and in reverse domain order', async () => {
  const redirectUris = ['com.example.app:/callback', 'com.example.app://callback/x'];
  expect(await wrongWith({ type: 'NATIVE', redirectUris })).toEqual([]);
  for (const type of ['WEB', 'SPA'])
    expect(await wrongWith({ type, redirectUris })).toEqual(['redirectUris.0', 'redirectUris.1']);
});

test('F01 redirect URIs are stored as they were written, fifty at most', async () => {
  const redirectUris = ['https://app.example.com:443/a/../b?x=%2e', 'https://app.example.com'];
  const client = await make.client(acme, { redirectUris });
  const found = await clientOf(house.services, acme.uuid, client.uuid);
  expect(found?.redirectUris).toEqual(redirectUris);
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => `https://app.example.com/${n}`);
  expect(await wrongWith({ redirectUris: many(50) })).toEqual([]);
  expect(await wrongWith({ redirectUris: many(51) })).toEqual(['redirectUris']);
});

const URIS = { redirectUris: ['https://app.example.com/cb'] };
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

test.each([
  ['no redirect URI to return to', {}, ['redirectUris']],
  ['a grant without a redirect', { grantTypes: ['client_credentials'] }, []],
  ['implicit', { ...URIS, grantTypes: ['implicit'] }, ['grantTypes.0']],
  ['password', { ...URIS, grantTypes: ['password'] }, ['grantTypes.0']],
  ['no grant', { ...URIS, grantTypes: [] }, ['grantTypes']],
  ['nothing to refresh', { ...URIS, grantTypes: ['refresh_token'] }, ['grantTypes']],
  ['a device', { type: 'NATIVE', grantTypes: [DEVICE, 'refresh_token'] }, []],
  ['a device in a browser', { type: 'SPA', ...URIS, grantTypes: [DEVICE] }, ['grantTypes.0']],
  [
    'a public client for itself',
    { type: 'SPA', ...URIS, grantTypes: ['authorization_code', 'client_credentials'] },
    ['grantTypes.1'],
  ],
  ['an exchange', { type: 'SERVICE', grantTypes: ['client_credentials', EXCHANGE] }, []],
  [
    'people at a service',
    { type: 'SERVICE', ...URIS, grantTypes: ['authorization_code'] },
    ['redirectUris', 'grantTypes.0'],
  ],
  [
    'a service about people',
    { type: 'SERVICE', identityScopes: ['openid'], firstParty: true },
    ['identityScopes', 'firstParty'],
  ],
  ['an unknown identity scope', { ...URIS, identityScopes: ['users:read'] }, ['identityScopes.0']],
  ['an unknown scope of the API', { ...URIS, apiScopes: ['openid'] }, ['apiScopes.0']],
  [
    'idle longer than at all',
    { ...URIS, refreshIdleSeconds: 7200, refreshSeconds: 3600 },
    ['refreshIdleSeconds'],
  ],
  ['a refresh token for ever', { ...URIS, refreshSeconds: 40_000_000 }, ['refreshSeconds']],
  [
    'tokens of a public client that do not rotate',
    { type: 'SPA', ...URIS, refreshRotation: false },
    ['refreshRotation'],
  ],
  [
    'the same, bound to a key',
    { type: 'SPA', ...URIS, refreshRotation: false, requireDpop: true },
    [],
  ],
])('F06 %s', async (_what, input, wrong) => {
  expect(await wrongWith(input)).toEqual(wrong);
});

const jwk = (type: 'ec' | 'rsa' | 'ed25519', bits = 2048) => {
  const pair =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: bits })
        : generateKeyPairSync('ed25519');
  return {
    open: pair.publicKey.export({ format: 'jwk' }),
    secret: pair.privateKey.export({ format: 'jwk' }),
  };
};
const ec = jwk('ec');
const signs = (keys: object[]) => ({
  ...URIS,
  tokenEndpointAuthMethod: 'private_key_jwt',
  jwks: { keys },
});

test('F09 a client that signs has public keys, and nothing but', async () => {
  const { secret } = ec;
  const good = [ec.open, jwk('rsa').open, jwk('ed25519').open];
  expect(await wrongWith(signs(good))).toEqual([]);
  expect(await wrongWith(signs([{ ...ec.open, kid: 'a', use: 'sig', alg: 'ES256' }]))).toEqual([]);
  for (const bad of [
    secret,
    jwk('rsa').secret,
    { kty: 'oct', k: 'c2VjcmV0' },
    jwk('rsa', 1024).open,
    { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
    { kty: 'EC' },
    {},
    { ...ec.open, use: 'enc' },
    { ...ec.open, alg: 'HS256' },
    { ...ec.open, alg: 'none' },
    { ...ec.open, kid: 7 },
  ])
    expect([bad, await wrongWith(signs([ec.open, bad]))]).toEqual([bad, ['jwks.keys.1']]);
  const twins = [ec.open, jwk('ec').open].map((one) => ({ ...one, kid: 'one' }));
  expect(await wrongWith(signs(twins))).toEqual(['jwks']);
  expect(await wrongWith(signs([]))).toEqual(['jwks.keys']);
  const both = { ...signs([ec.open]), jwksUri: 'https://a.example/jwks' };
  expect(await wrongWith(both)).toEqual(['jwks']);
  expect(await wrongWith({ ...URIS, tokenEndpointAuthMethod: 'private_key_jwt' })).toEqual([
    'jwks',
  ]);
  expect(await wrongWith({ ...URIS, jwksUri: 'https://a.example/jwks' })).toEqual(['jwks']);
  for (const type of ['SPA', 'NATIVE'])
    expect(
      await wrongWith({ ...URIS, type, tokenEndpointAuthMethod: 'client_secret_post' }),
    ).toEqual(['tokenEndpointAuthMethod']);
  expect(await wrongWith({ ...URIS, tokenEndpointAuthMethod: 'none' })).toEqual([
    'tokenEndpointAuthMethod',
  ]);
});

test('F17 links are https, without a user and a fragment', async () => {
  const fields = ['logoUri', 'clientUri', 'policyUri', 'termsUri', 'backchannelLogoutUri'];
  for (const field of fields) {
    expect(await wrongWith({ ...URIS, [field]: 'https://a.example/x?y=z' })).toEqual([]);
    for (const uri of [
      'http://a.example/x',
      'http://localhost/x',
      'javascript:alert(1)',
      'data:image/svg+xml,x',
      'https://user@a.example/',
      'https://a.example/#x',
      'a.example',
    ])
      expect(await wrongWith({ ...URIS, [field]: uri })).toEqual([field]);
  }
});
