/**
 * What programs ask by the thousand is answered on a shorter way: whatever is asked, and by whomever, it
 * must say what the engine says. A field that the engine does not know takes the long way.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';
import { basic, dpopProof, ownKey, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);
const [acme, other] = [await make.tenant(), await make.tenant()];
const scopes = [{ name: 'look', description: 'Look' }];
const opaqueApi = await make.resource(acme, { scopes, tokenFormat: 'OPAQUE' });
const audiences = [opaqueApi.identifier];
const app = await makeClient(acme, { apiScopes: ['users:read'], audiences });
const config = await relyingParty(house, acme, app);
const service = { type: 'SERVICE', redirectUris: [], apiScopes: ['users:read'], firstParty: false };
const server = await makeClient(acme, { ...service, audiences });
const stranger = await makeClient(acme, service);
const elsewhere = await makeClient(other, service);
const ada = await person(house, make, acme, { displayName: 'Ada' });
const PLAIN = '/oauth2/introspect';

interface Asking {
  readonly by?: { id: string; secret: string | null };
  readonly tenant?: { slug: string };
  readonly hint?: string;
}

/** What is answered on both ways, without what differs by nature. */
async function both(token: string, { by = server, tenant = acme, hint }: Asking = {}) {
  const fields = { token, ...(hint ? { token_type_hint: hint } : {}) };
  const short = await tell(house, tenant, PLAIN, fields, basic(by));
  const long = await tell(house, tenant, PLAIN, { ...fields, unknown: '1' }, basic(by));
  for (const answer of [short, long]) expect(answer.headers['cache-control']).toBe('no-store');
  return { short: [short.status, short.body], long: [long.status, long.body] };
}

async function own(fields: Record<string, string>, headers = {}): Promise<string> {
  const form = { grant_type: 'client_credentials', ...fields };
  const { body } = await tell(house, acme, '/oauth2/token', form, { ...basic(server), ...headers });
  return String(body['access_token']);
}

async function tokens(): Promise<Record<string, string>> {
  const ours = await signInTo(house, config, ada, { scope: 'openid users:read' });
  const inOpaque = { scope: 'openid offline_access look', resource: opaqueApi.identifier };
  const theirs = await signInTo(house, config, ada, { ...inOpaque, prompt: 'consent' });
  const uri = `${PUBLIC_URL}/t/${acme.slug}/oauth2/token`;
  const bound = { dpop: await dpopProof(house, await ownKey(), { uri }) };
  return {
    'a JWT of a person': ours.tokens.access_token,
    'an opaque one of a person': theirs.tokens.access_token,
    'a refresh token': theirs.tokens.refresh_token ?? '',
    'a JWT of a service': await own({}),
    'an opaque one of a service': await own({ resource: opaqueApi.identifier }),
    'a bound one': await own({ resource: opaqueApi.identifier }, bound),
    'an ID token': ours.tokens.id_token ?? '',
    nonsense: 'nonsense',
  };
}

test('F14 of every token, whoever asks, both ways say the same', async () => {
  const made = await tokens();
  let active = 0;
  for (const [name, token] of Object.entries(made))
    for (const by of [app, server, stranger])
      for (const hint of [undefined, 'refresh_token', 'access_token', 'nonsense']) {
        const { short, long } = await both(token, { by, ...(hint ? { hint } : {}) });
        expect(short, name).toEqual(long);
        active += (short[1] as { active: boolean }).active ? 1 : 0;
      }
  // Each with four hints: what was made for them, and what is for an API of theirs.
  const [ofApp, ofServer] = [3 + 2, 3 + 1];
  expect(active).toBe(4 * (ofApp + ofServer));
});

test('F14 what ended is ended on both ways', async () => {
  const made = await tokens();
  const refresh = made['a refresh token'] ?? '';
  const form = { grant_type: 'refresh_token', refresh_token: refresh };
  expect((await tell(house, acme, '/oauth2/token', form, basic(app))).status).toBe(200);
  house.clock.advance(11_000);
  for (const by of [app, server]) {
    const { short, long } = await both(refresh, { by });
    expect(short).toEqual([200, { active: false }]);
    expect(long).toEqual(short);
  }
  const person = await run(acme, 'suspendUser', 'user { id }', { id: ada.id });
  expect(person).toBeTruthy();
  for (const token of Object.values(made).slice(0, 3))
    for (const by of [app, server])
      expect((await both(token, { by })).short[1]).toEqual({ active: false });
  house.clock.advance(20 * 60_000);
  for (const token of Object.values(made)) {
    const { short, long } = await both(token);
    expect(short).toEqual([200, { active: false }]);
    expect(long).toEqual(short);
  }
});

test('F09 F14 who does not authenticate is refused on both ways alike', async () => {
  const token = await own({ resource: opaqueApi.identifier });
  const wrong = { id: server.id, secret: 'sgcs_wrong' };
  for (const by of [wrong, { id: 'client_none', secret: 'x' }, elsewhere]) {
    const { short, long } = await both(token, { by });
    expect(short[0]).toBe(401);
    expect(short).toEqual(long);
  }
  expect((await both(token, { by: server, tenant: other })).short[0]).toBe(401);
  await run(acme, 'disableClient', 'client { id }', { id: server.id });
  house.clock.advance(1_000);
  const { short, long } = await both(token);
  expect([short[0], long[0]]).toEqual([401, 401]);
});

test('the longer way reads what the shorter one has read', async () => {
  const twice = new URLSearchParams([
    ['token', 'a'],
    ['token', 'b'],
  ]);
  expect((await tell(house, acme, PLAIN, twice, basic(app))).body['error']).toBe('invalid_request');
  const empty = await tell(house, acme, PLAIN, { token_type_hint: 'x' }, basic(app));
  expect(empty.body).toMatchObject({ error: 'invalid_request' });
  expect(String(empty.body['error_description'])).toContain('token');
  const long = await tell(house, acme, PLAIN, { token: 'x'.repeat(60_000) }, basic(app));
  expect(long.body['error']).toBe('invalid_request');
});

/** A token of a service on both ways, without what differs by nature. */
async function issued(by: { id: string; secret: string | null }, fields: Record<string, string>) {
  const form = { grant_type: 'client_credentials', ...fields };
  const short = await tell(house, acme, '/oauth2/token', form, basic(by));
  const long = await tell(house, acme, '/oauth2/token', { ...form, unknown: '1' }, basic(by));
  return [short, long].map(({ status, headers, body: { access_token: token, ...body } }) => {
    const jwt = typeof token === 'string' && token.startsWith('ey');
    const { jti: _, ...claims } = jwt ? decodeJwt(token) : {};
    const header = jwt ? decodeProtectedHeader(token) : typeof token;
    return { status, body, claims, header, cache: headers['cache-control'] };
  });
}

test('F16 a service gets the same token on both ways, and is refused alike', async () => {
  const apiScopes = ['users:read', 'groups:read'];
  const own = await makeClient(acme, { ...service, apiScopes, audiences });
  const post = { ...service, tokenEndpointAuthMethod: 'client_secret_post' };
  const clients = {
    own,
    'by post': await makeClient(acme, post),
    'without scopes': await makeClient(acme, { ...service, apiScopes: [] }),
    'of people': await makeClient(acme, { apiScopes: ['users:read'] }),
    'with proofs': await makeClient(acme, { ...service, requireDpop: true }),
    wrong: { id: own.id, secret: 'sgcs_wrong' },
  };
  const asked = [
    {},
    { scope: 'users:read' },
    { scope: 'groups:read users:read' },
    { scope: 'users:read users:read' },
    { scope: 'users:write' },
    { scope: 'users:read nonsense' },
    { scope: 'users:read openid' },
    { scope: ' users:read' },
    { resource: opaqueApi.identifier },
    { resource: `${PUBLIC_URL}/t/${acme.slug}/api` },
    { resource: 'https://nowhere.example.com' },
  ];
  const done = new Map<string, number>();
  for (const [name, by] of Object.entries(clients))
    for (const fields of asked) {
      const [short, long] = await issued(by, fields);
      expect(short, `${name} ${JSON.stringify(fields)}`).toEqual(long);
      if (short?.status === 200) done.set(name, (done.get(name) ?? 0) + 1);
    }
  expect(Object.fromEntries(done)).toMatchObject({
    own: expect.any(Number),
    'by post': expect.any(Number),
  });
  expect(done.has('wrong') || done.has('with proofs') || done.has('of people')).toBe(false);
});
