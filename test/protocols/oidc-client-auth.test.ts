/** How clients show who they are: by secrets, and by keys of their own (RFC 6749, 2.3; RFC 7523). */
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { makeCertificate } from '../kit/certificate.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { type MadeClient, makeClient } from '../kit/relying-party.ts';
import { basic, clientAssertion, ownKey, tell } from '../kit/token-endpoint.ts';

/** Where a client keeps its keys: it answers what it is told to. */
const keysAt = { status: 200, body: '', hits: 0, wait: false };
const { key, cert } = makeCertificate();
const trusted = tls.getCACertificates('default');
tls.setDefaultCACertificates([...trusted, cert]);
const server = createServer({ key, cert }, (_request, response) => {
  keysAt.hits += 1;
  if (keysAt.wait) return;
  const location = `https://localhost:${port}/moved`;
  response.writeHead(keysAt.status, { 'cache-control': 'max-age=86400', location });
  response.end(keysAt.body);
});
await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
const { port } = server.address() as AddressInfo;
afterAll(() => {
  tls.setDefaultCACertificates(trusted);
  server.close();
  server.closeAllConnections();
});

const house = await openHouse({ env: { OUTBOUND_ALLOW: `localhost:${port}` } });
const make = makers(house);
const acme = await make.tenant();
const other = await make.tenant();
const issuer = `${PUBLIC_URL}/t/${acme.slug}`;
const SERVICE = { type: 'SERVICE', redirectUris: [], firstParty: false };
const GRANT = { grant_type: 'client_credentials' };
const token = (fields: object, headers = {}) =>
  tell(house, acme, '/oauth2/token', { ...GRANT, ...fields }, headers);
const withKeys = (keys: object) =>
  makeClient(acme, { ...SERVICE, tokenEndpointAuthMethod: 'private_key_jwt', ...keys });
const digest = (secret: string | null) => createHash('sha256').update(secret ?? '');

test('F09 who does not show the secret of the client is refused, by any way of showing it', async () => {
  const client = await makeClient(acme, SERVICE);
  const another = await makeClient(acme, SERVICE);
  const theirs = await makeClient(other, SERVICE);
  const { id, secret } = client;
  const stored = digest(secret);
  const hex = stored.copy().digest('hex');
  const base64 = stored.digest('base64url');
  const wrong: (string | null)[] = [
    'sgcs_wrong',
    another.secret,
    `${secret}0`,
    secret?.slice(0, -1) ?? '',
    secret?.toUpperCase() ?? '',
    hex,
    base64,
    'none',
    ' ',
  ];
  for (const one of wrong) {
    const shown = await token({}, basic({ id, secret: one }));
    expect([shown.status, shown.body['error']], String(one)).toEqual([401, 'invalid_client']);
    expect(shown.headers['www-authenticate']).toContain(`realm="${issuer}"`);
    const inBody = await token({ client_id: id, client_secret: one });
    expect([inBody.status, inBody.body['error']], String(one)).toEqual([401, 'invalid_client']);
    expect(inBody.headers['www-authenticate']).toContain('Basic');
  }
  const none = await token({ client_id: id });
  expect([none.status, none.body['error']]).toEqual([401, 'invalid_client']);
  expect((await token({}, basic(theirs))).status).toBe(401);
  // RFC 6749, 2.3: no more than one way at a time, also where both would be right.
  for (const beside of [{ client_id: id, client_secret: secret ?? '' }, { client_secret: 'x' }]) {
    const both = await token(beside, basic(client));
    expect([both.status, both.body['error']]).toEqual([401, 'invalid_client']);
    expect(both.headers['www-authenticate']).toContain(`realm="${issuer}"`);
  }
  expect((await token({}, basic(client))).status).toBe(200);
});

test('F09 two secrets are good during their overlap, one after it', async () => {
  const client = await makeClient(acme, SERVICE);
  const { secret } = await run<{ secret: string }>(acme, 'rotateClientSecret', 'secret', {
    id: client.id,
    overlapSeconds: 60,
  });
  const answers = async () =>
    Promise.all(
      [client.secret, secret].map(
        async (one) => (await token({}, basic({ id: client.id, secret: one }))).status,
      ),
    );
  expect(await answers()).toEqual([200, 200]);
  house.clock.advance(60_000);
  expect(await answers()).toEqual([401, 200]);
});

test('F10 an assertion is good once, for us, for five minutes at most, and of its client alone', async () => {
  const own = await ownKey();
  const client = await withKeys({ jwks: { keys: [own.jwk] } });
  const another = await withKeys({ jwks: { keys: [(await ownKey()).jwk] } });
  const now = () => Math.floor(house.clock.ms() / 1000);
  const assert = (claims = {}, header = {}) =>
    clientAssertion(house, acme, client.id, own, claims, header);
  const good = [{}, { aud: `${issuer}/oauth2/token` }, { exp: now() + 300 }];
  for (const claims of good) expect((await token(await assert(claims))).status).toBe(200);
  const bad: [object, object?][] = [
    [{ aud: PUBLIC_URL }],
    [{ aud: `${issuer}/` }],
    [{ aud: `${PUBLIC_URL}/t/${other.slug}` }],
    [{ aud: [issuer, 'https://elsewhere.example.com'] }],
    [{ aud: undefined }],
    [{ exp: now() + 400 }],
    [{ exp: now() - 31 }],
    [{ exp: undefined }],
    [{ nbf: now() + 120 }],
    [{ jti: undefined }],
    [{ jti: 'x'.repeat(300) }],
    [{ iss: another.id }],
    [{ sub: another.id }],
    [{ sub: another.id, iss: another.id }],
    [{}, { typ: 'at+jwt' }],
    [{}, { typ: 'logout+jwt' }],
    [{}, { typ: 'dpop+jwt' }],
    [{}, { kid: another.id }],
  ];
  for (const [claims, header] of bad) {
    const { status, body } = await token(await assert(claims, header));
    expect([status, body['error']], JSON.stringify([claims, header])).toEqual([
      401,
      'invalid_client',
    ]);
  }
  const once = await assert({ jti: 'once' });
  const all = await Promise.all(Array.from({ length: 10 }, () => token(once)));
  expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)]);
  expect((await token({ client_id: another.id, ...(await assert()) })).status).toBe(400);
  expect((await token({ ...(await assert()) }, basic(client))).status).toBe(401);
});

test('E02 E03 T17 no algorithm, key or address that an assertion names itself is believed', async () => {
  const own = await ownKey();
  const thief = await ownKey();
  const client = await withKeys({ jwks: { keys: [own.jwk] } });
  const by = (header: object) => clientAssertion(house, acme, client.id, thief, {}, header);
  const named = [
    { jwk: thief.jwk },
    { jku: `https://localhost:${port}/` },
    { x5u: `https://localhost:${port}/` },
    { kid: own.jwk.kid },
    { kid: '../../etc/passwd' },
    { crit: ['b64'], b64: true },
  ];
  const before = keysAt.hits;
  for (const header of named) {
    expect((await token(await by(header))).status, JSON.stringify(header)).toBe(401);
  }
  expect(keysAt.hits).toBe(before);
  const assertion = await clientAssertion(house, acme, client.id, own);
  const [, payload = ''] = (assertion['client_assertion'] ?? '').split('.');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hs = `${part({ alg: 'HS256', kid: own.jwk.kid })}.${payload}`;
  const secret = JSON.stringify(own.jwk);
  const forged = [
    ...['none', 'None', 'nOnE'].map((alg) => `${part({ alg })}.${payload}.`),
    `${hs}.${createHmac('sha256', secret).update(hs).digest('base64url')}`,
    `${part({ alg: 'ES256', kid: own.jwk.kid })}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
  ];
  for (const one of forged)
    expect((await token({ ...assertion, client_assertion: one })).status, one).toBe(401);
});

test('keys behind an address are fetched, kept for a minute, and fetched again', async () => {
  const [first, second] = [await ownKey(), await ownKey('PS256')];
  const client = await withKeys({ jwksUri: `https://localhost:${port}/keys` });
  const shown = async (by = first) =>
    (await token(await clientAssertion(house, acme, client.id, by))).status;
  Object.assign(keysAt, { hits: 0, status: 200, body: JSON.stringify({ keys: [first.jwk] }) });
  expect([await shown(), await shown()]).toEqual([200, 200]);
  expect(keysAt.hits).toBe(1);
  keysAt.body = JSON.stringify({ keys: [second.jwk] });
  house.clock.advance(61_000);
  expect([await shown(), await shown(second)]).toEqual([401, 200]);
  for (const [status, body] of [
    [302, ''],
    [500, ''],
    [200, 'no json'],
    [200, '{}'],
    [200, JSON.stringify({ keys: [second.jwk], more: 'x'.repeat(70_000) })],
  ] as const) {
    Object.assign(keysAt, { status, body, hits: 0 });
    house.clock.advance(61_000);
    expect([400, 401], `${status} ${body.slice(0, 9)}`).toContain(await shown(second));
    expect(keysAt.hits).toBe(1);
  }
});

test('T16 H05 an address of keys leads to nothing that is not public', async () => {
  keysAt.hits = 0;
  const client = await withKeys({ jwksUri: 'https://keys.example.com/' });
  const own = await ownKey();
  const asked = async (jwksUri: string, to: MadeClient) => {
    await run(acme, 'updateClient', 'client { id }', { id: to.id, jwksUri });
    return (await token(await clientAssertion(house, acme, to.id, own))).status;
  };
  for (const host of ['127.0.0.1', '[::1]', '169.254.169.254', '10.0.0.1'])
    expect([400, 401], host).toContain(await asked(`https://${host}/`, client));
  expect([400, 401]).toContain(await asked(`https://127.0.0.1:${port}/`, client));
  expect(keysAt.hits).toBe(0);
});
