/** Tokens that are bound to a key, and the proofs of it (RFC 9449). */
import { calculateJwkThumbprint, decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { begin, CALLBACK, follow, makeClient, relyingParty } from '../kit/relying-party.ts';
import { basic, dpopProof, type OwnKey, ownKey, tell } from '../kit/token-endpoint.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const issuer = `${PUBLIC_URL}/t/${acme.slug}`;
const TOKEN = `${issuer}/oauth2/token`;
const API = `${PUBLIC_URL}/v1/users`;
const SERVICE = { type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] };
const service = await makeClient(acme, SERVICE);
const [own, thief] = [await ownKey(), await ownKey()];

const granted = (dpop: string | null, client = service) =>
  tell(
    house,
    acme,
    '/oauth2/token',
    { grant_type: 'client_credentials', scope: 'users:read' },
    {
      ...basic(client),
      ...(dpop === null ? {} : { dpop }),
    },
  );
async function bound(by: OwnKey = own): Promise<string> {
  const { body } = await granted(await dpopProof(house, by, { uri: TOKEN }));
  expect(body['token_type']).toBe('DPoP');
  return String(body['access_token']);
}
const proofAt = (token: string, claims = {}, header = {}, by = own) =>
  dpopProof(house, by, { method: 'GET', uri: API, token }, claims, header);
const users = (authorization: string, dpop?: string | string[]) =>
  send(house.url, {
    path: '/v1/users?first=1',
    headers: { authorization, ...(dpop === undefined ? {} : { dpop }) },
  });
const seconds = () => Math.floor(house.clock.ms() / 1000);

test('E10 a token that is bound to a key opens our API with a proof of it, and as Bearer nothing', async () => {
  const token = await bound();
  expect(decodeJwt(token)['cnf']).toEqual({ jkt: await calculateJwkThumbprint(own.jwk) });
  expect((await users(`DPoP ${token}`, await proofAt(token))).status).toBe(200);
  const refused = await users(`Bearer ${token}`, await proofAt(token));
  expect(refused.status).toBe(401);
  const challenge = String(refused.headers['www-authenticate']);
  expect(challenge).toMatch(/^DPoP .*error="invalid_token", algs="ES256 /);
  expect(challenge).toContain(
    `resource_metadata="${PUBLIC_URL}/.well-known/oauth-protected-resource/t/${acme.slug}/api"`,
  );
  expect((await users(`Bearer ${token}`)).status).toBe(401);
  const free = String((await granted(null)).body['access_token']);
  expect((await users(`Bearer ${free}`)).status).toBe(200);
  expect((await users(`DPoP ${free}`, await proofAt(free))).status).toBe(401);
  expect((await users(`DPoP ${acme.secret}`, await proofAt(token))).status).toBe(401);
});

test('E10 a proof is for one request, one token and one key', async () => {
  const token = await bound();
  const bad: Record<string, string | string[] | undefined> = {
    none: undefined,
    'no proof': 'nonsense',
    two: [await proofAt(token), await proofAt(token)],
    'another key': await proofAt(token, {}, {}, thief),
    'another method': await proofAt(token, { htm: 'POST' }),
    'another address': await proofAt(token, { htu: `${PUBLIC_URL}/v1/groups` }),
    'another host': await proofAt(token, { htu: 'https://elsewhere.example.com/v1/users' }),
    'another token': await proofAt(token, { ath: 'x' }),
    'no token': await proofAt(token, { ath: undefined }),
    'no jti': await proofAt(token, { jti: undefined }),
    'no iat': await proofAt(token, { iat: undefined }),
    'another type': await proofAt(token, {}, { typ: 'JWT' }),
    'not its key': await dpopProof(
      house,
      { ...own, key: thief.key },
      { method: 'GET', uri: API, token },
    ),
  };
  for (const [what, proof] of Object.entries(bad)) {
    const answer = await users(`DPoP ${token}`, proof);
    expect(answer.status, what).toBe(401);
    expect(answer.headers['www-authenticate'], what).toContain('error="invalid_dpop_proof"');
  }
  const withQuery = await proofAt(token, { htu: `${API}?first=9#x` });
  expect((await users(`DPoP ${token}`, withQuery)).status).toBe(200);
});

test('E10 X13 a proof is taken once, of any number of requests at once', async () => {
  const token = await bound();
  const proof = await proofAt(token);
  const all = await Promise.all(Array.from({ length: 10 }, () => users(`DPoP ${token}`, proof)));
  expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)]);
  house.clock.advance(240_000);
  expect((await users(`DPoP ${token}`, proof)).status).toBe(401);
  const atIssuer = await dpopProof(house, own, { uri: TOKEN });
  const answers = await Promise.all(Array.from({ length: 5 }, () => granted(atIssuer)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('E10 a proof of long ago, or of a wrong clock, needs a nonce', async () => {
  const token = await bound();
  const iat = seconds() - 3_600;
  const old = await users(`DPoP ${token}`, await proofAt(token, { iat }));
  expect(old.status).toBe(401);
  expect(old.headers['www-authenticate']).toContain('error="use_dpop_nonce"');
  const nonce = String(old.headers['dpop-nonce']);
  expect((await users(`DPoP ${token}`, await proofAt(token, { iat, nonce }))).status).toBe(200);
  const forged = await users(`DPoP ${token}`, await proofAt(token, { nonce: 'mine' }));
  expect(forged.headers['www-authenticate']).toContain('error="use_dpop_nonce"');
  house.clock.advance(300_000);
  expect((await users(`DPoP ${token}`, await proofAt(token, { nonce }))).status).toBe(401);
  const atIssuer = await granted(await dpopProof(house, own, { uri: TOKEN }, { iat }));
  expect([atIssuer.status, atIssuer.body['error']]).toEqual([400, 'use_dpop_nonce']);
  const told = String(atIssuer.headers['dpop-nonce']);
  const good = await granted(await dpopProof(house, own, { uri: TOKEN }, { iat, nonce: told }));
  expect(good.status).toBe(200);
});

test('E10 a client that must bind its tokens gets no others', async () => {
  const strict = await makeClient(acme, { ...SERVICE, requireDpop: true });
  expect((await granted(null, strict)).status).toBe(400);
  const { body } = await granted(await dpopProof(house, own, { uri: TOKEN }), strict);
  expect(body['token_type']).toBe('DPoP');
});

test('E10 the refresh token of a public client is bound as well', async () => {
  const spa = await makeClient(acme, { type: 'SPA', apiScopes: ['users:read'] });
  const config = await relyingParty(house, acme, spa);
  const begun = await begin(config, { scope: 'openid users:read' });
  const { url } = await follow(browser(house), begun.url, await person(house, make, acme));
  const form = (fields: object) => ({ client_id: spa.id, ...fields }) as Record<string, string>;
  const redeemed = await tell(
    house,
    acme,
    '/oauth2/token',
    form({
      grant_type: 'authorization_code',
      code: url?.searchParams.get('code'),
      code_verifier: begun.verifier,
      redirect_uri: CALLBACK,
    }),
    { dpop: await dpopProof(house, own, { uri: TOKEN }) },
  );
  expect(redeemed.body['token_type']).toBe('DPoP');
  const token = String(redeemed.body['refresh_token']);
  const again = async (by: OwnKey | null) =>
    tell(
      house,
      acme,
      '/oauth2/token',
      form({ grant_type: 'refresh_token', refresh_token: token }),
      {
        ...(by ? { dpop: await dpopProof(house, by, { uri: TOKEN }) } : {}),
      },
    );
  expect((await again(null)).body['error']).toBe('invalid_grant');
  expect((await again(thief)).body['error']).toBe('invalid_grant');
  expect((await again(own)).status).toBe(200);
});
