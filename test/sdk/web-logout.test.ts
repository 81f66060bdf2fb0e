/** The issuer tells a site by itself that somebody's session is over (OpenID Connect Back-Channel Logout 1.0). */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, expect, test, vi } from 'vitest';
import { signingKeys } from '#features/keys/keys.store.ts';
import { createWebSignIn, memorySessions } from '../../sdk/generated/oidc.ts';
import { browser } from '../kit/browser.ts';
import { makeCertificate } from '../kit/certificate.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { hurry } from '../kit/hurry.ts';
import { makers, run } from '../kit/make.ts';
import { type Person, person } from '../kit/people.ts';
import { CALLBACK, fetchAt, follow, makeClient } from '../kit/relying-party.ts';
import { until } from '../kit/until.ts';

const answers: number[] = [];
const { key, cert } = makeCertificate();
tls.setDefaultCACertificates([...tls.getCACertificates('default'), cert]);
const server = createServer({ key, cert }, async (request, response) => {
  const { status, headers, body } = await site.backchannelLogout(await text(request));
  answers.push(status);
  response.writeHead(status, headers).end(body);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const place = `localhost:${(server.address() as AddressInfo).port}`;
afterAll(() => void server.close());

const house = await openHouse({ env: { OUTBOUND_ALLOW: place } });
const make = makers(house);
const acme = await make.tenant();
const issuer = `${PUBLIC_URL}/t/${acme.slug}`;
const app = await makeClient(acme, { backchannelLogoutUri: `https://${place}/backchannel` });
const options = {
  issuer,
  clientId: app.id,
  clientSecret: app.secret ?? '',
  redirectUri: CALLBACK,
  store: memorySessions(),
  fetch: fetchAt(house),
};
const site = createWebSignIn(options);
/** Another process of the site. */
const beside = createWebSignIn(options);
vi.useFakeTimers({ toFake: ['Date'], now: house.clock.ms() });
afterAll(() => void vi.useRealTimers());

const held = (lines: readonly string[]) => lines.map((line) => line.split(';')[0]).join('; ');

async function signedIn(who: Person) {
  const begun = await site.signIn(null);
  const { url } = await follow(browser(house), begun.location, who);
  const back = await site.callback(url?.href ?? '', held(begun.cookies));
  const cookie = held(back.cookies.slice(0, 1));
  const sid = String((await site.session(cookie))?.claims['sid']);
  return { cookie, sid };
}

/** A logout token by the issuer's own key, but for what is told. */
async function logoutToken(claims: JWTPayload, header: object = {}, own?: CryptoKey) {
  const { keys } = await signingKeys(house.services).find(acme.uuid);
  const jwk = keys.find(({ alg }) => alg === 'RS256');
  const now = Math.floor(house.clock.ms() / 1000);
  const said = {
    ...{ iss: issuer, aud: app.id, iat: now, exp: now + 120, jti: 'x' },
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    ...claims,
  };
  const signer = own ?? (jwk as never);
  return new SignJWT(said)
    .setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt', kid: jwk?.kid ?? '', ...header })
    .sign(signer);
}

const told = async (token: string) =>
  (await beside.backchannelLogout(String(new URLSearchParams({ logout_token: token })))).status;

test('an administrator ends a session, and the site has ended it too, in all its processes', async () => {
  const ada = await person(house, make, acme);
  const [one, other] = [await signedIn(ada), await signedIn(await person(house, make, acme))];
  expect(await beside.session(one.cookie)).not.toBeNull();
  await run(acme, 'endUserSessions', '__typename', { userId: ada.id });
  await until(
    async () => {
      hurry('logout-token.send');
      return (await site.session(one.cookie)) === null ? true : null;
    },
    { what: 'the end of the session', timeout: 25_000 },
  );
  expect(answers).toEqual([200]);
  expect(await beside.session(one.cookie)).toBeNull();
  expect(await beside.session(other.cookie)).not.toBeNull();
  // A session of its own.
  expect(await site.session((await signedIn(ada)).cookie)).not.toBeNull();
});

test('E05 what is no logout token of this issuer for this client ends nothing', async () => {
  const ada = await person(house, make, acme);
  const { cookie, sid } = await signedIn(ada);
  const now = Math.floor(house.clock.ms() / 1000);
  const { privateKey } = await generateKeyPair('RS256');
  const wrong: readonly (readonly [JWTPayload, object?, CryptoKey?])[] = [
    [{ sid }, {}, privateKey],
    [{ sid }, { typ: 'JWT' }],
    [{ sid }, { typ: 'at+jwt' }],
    [{ sid, iss: `${issuer}x` }],
    [{ sid, aud: 'client_other' }],
    [{ sid, nonce: 'n' }],
    [{ sid, exp: now - 61 }],
    [{ sid, iat: now - 700 }],
    [{ sid, events: {} }],
    [{ sid, events: undefined }],
    [{ sid: 7, sub: ada.id } as JWTPayload],
    [{ sid: 'x'.repeat(81) }],
    [{}],
  ];
  for (const [claims, header, own] of wrong)
    expect(await told(await logoutToken(claims, header, own)), JSON.stringify(claims)).toBe(400);
  for (const nothing of ['', 'x', 'x.y.z', 'x'.repeat(20_000)])
    expect(await told(nothing)).toBe(400);
  expect(await site.session(cookie)).not.toBeNull();
  expect(await told(await logoutToken({ sid, sub: ada.id }))).toBe(200);
  expect(await site.session(cookie)).toBeNull();
});

test('one that names a person ends what they began before', async () => {
  const ada = await person(house, make, acme);
  const [one, two] = [await signedIn(ada), await signedIn(ada)];
  const token = await logoutToken({ sub: ada.id });
  expect(await told(token)).toBe(200);
  expect([await site.session(one.cookie), await site.session(two.cookie)]).toEqual([null, null]);
  house.clock.advance(2_000);
  vi.setSystemTime(house.clock.ms());
  expect(await site.session((await signedIn(ada)).cookie)).not.toBeNull();
});

test('X25 without the keys of the issuer nothing is ended, and it is asked to try again', async () => {
  const away = createWebSignIn({
    ...options,
    fetch: async () => new Response(null, { status: 500 }),
  });
  const { sid } = await signedIn(await person(house, make, acme));
  const body = String(new URLSearchParams({ logout_token: await logoutToken({ sid }) }));
  expect((await away.backchannelLogout(body)).status).toBe(503);
});
