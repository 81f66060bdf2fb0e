/** Devices without a browser: codes that a person types elsewhere (RFC 8628). */
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { type Browser, browser, type Page } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { PASSWORD, person } from '../kit/people.ts';
import { follow, type MadeClient, makeClient } from '../kit/relying-party.ts';
import { basic, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const other = await make.tenant();
const root = `/t/${acme.slug}`;
const issuer = `${PUBLIC_URL}${root}`;
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const NATIVE = { type: 'NATIVE', grantTypes: [DEVICE_CODE, 'refresh_token'], redirectUris: [] };
const tv = await makeClient(acme, { ...NATIVE, name: 'Television', apiScopes: ['users:read'] });
const ada = await person(house, make, acme);
const bob = await person(house, make, acme);

async function begin(client: MadeClient = tv, scope = 'openid offline_access') {
  const { status, body } = await tell(house, acme, '/oauth2/device', {
    client_id: client.id,
    scope,
  });
  expect(status).toBe(200);
  return { code: String(body['device_code']), userCode: String(body['user_code']), body };
}
const poll = (code: string, client: MadeClient = tv) =>
  tell(house, acme, '/oauth2/token', {
    grant_type: DEVICE_CODE,
    device_code: code,
    client_id: client.id,
  });
const xsrf = (page: Page) => /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';

/** Types the code; the page that asks whether the device is theirs, or why not. */
async function type(window: Browser, userCode: string, { slug } = acme): Promise<Page> {
  const page = await window.get(`/t/${slug}/device`);
  return window.post(`/t/${slug}/device`, { xsrf: xsrf(page), user_code: userCode });
}
async function confirm(window: Browser, userCode: string, who = ada): Promise<Page> {
  const asked = await type(window, userCode);
  const sent = { xsrf: xsrf(asked), user_code: userCode, confirm: 'yes' };
  const page = await window.post(`${root}/device`, sent);
  if (!page.location) return page;
  return (await follow(window, page.location, { email: who.email, password: PASSWORD })).page;
}

test('a device gets tokens when a person has typed its code and signed in', async () => {
  const { code, userCode, body } = await begin();
  expect(body).toMatchObject({
    verification_uri: `${issuer}/device`,
    verification_uri_complete: `${issuer}/device?user_code=${userCode}`,
    expires_in: 600,
    interval: 5,
  });
  expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  expect((await poll(code)).body['error']).toBe('authorization_pending');
  const window = browser(house);
  const asked = await type(window, userCode.toLowerCase().replace('-', ' '));
  expect(asked.text).toContain('Television');
  expect(asked.text).toContain(userCode);
  expect((await confirm(window, userCode)).notice).toContain('connected');
  house.clock.advance(5_000);
  const tokens = await poll(code);
  expect(tokens.status).toBe(200);
  expect(decodeJwt(String(tokens.body['id_token']))).toMatchObject({ sub: ada.id, acr: 'pwd' });
  expect(tokens.body['refresh_token']).toBeTruthy();
});

test('F15 a code is good once: for the device, and for the person', async () => {
  const { code, userCode } = await begin(tv, 'openid offline_access users:read');
  const window = browser(house);
  await confirm(window, userCode);
  expect((await type(browser(house), userCode)).notice).toContain('does not exist');
  const all = await Promise.all(Array.from({ length: 5 }, () => poll(code)));
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
  const [good] = all.filter(({ status }) => status === 200);
  const refreshed = async (token: unknown) =>
    (
      await tell(house, acme, '/oauth2/token', {
        grant_type: 'refresh_token',
        client_id: tv.id,
        refresh_token: String(token),
      })
    ).body;
  const next = (await refreshed(good?.body['refresh_token']))['refresh_token'];
  expect(next).toBeTruthy();
  house.clock.advance(5_000);
  expect((await poll(code)).body['error']).toBe('invalid_grant');
  expect((await refreshed(next))['error']).toBe('invalid_grant');
});

test('F15 a device that asks too often is told to slow down', async () => {
  const { code } = await begin();
  expect((await poll(code)).body['error']).toBe('authorization_pending');
  expect((await poll(code)).body['error']).toBe('slow_down');
  house.clock.advance(5_000);
  expect((await poll(code)).body['error']).toBe('authorization_pending');
  house.clock.advance(600_000);
  expect((await poll(code)).body['error']).toBe('expired_token');
});

test('F15 codes cannot be guessed: twenty an hour from one address', async () => {
  const window = browser(house);
  const codes = Array.from({ length: 30 }, (_, n) => `BCDF-GHJ${'BCDFGHJKLMNPQRSTVWXZ'[n % 20]}`);
  const answers: Page[] = [];
  for (const code of codes) answers.push(await type(window, code, other));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
  expect(answers.at(-1)?.status).toBe(429);
  expect(answers.at(-1)?.headers['retry-after']).toBeTruthy();
  expect(answers.at(-1)?.notice).toContain('Too many codes');
  // Whoever has a right code is not counted, and guesses elsewhere are nothing to them.
  const { userCode } = await begin();
  for (let n = 0; n < 25; n += 1) expect((await type(window, userCode)).status).toBe(200);
});

test('F15 the tokens are of who approved; who comes later, or denies, changes nothing', async () => {
  const { code, userCode } = await begin(tv);
  const [hers, his] = [browser(house), browser(house)];
  const [askedHer, askedHim] = [await type(hers, userCode), await type(his, userCode)];
  const answer = (window: Browser, page: Page, fields: object) =>
    window.post(`${root}/device`, { xsrf: xsrf(page), user_code: userCode, ...fields });
  const gone = await answer(hers, askedHer, { confirm: 'yes' });
  await follow(hers, gone.location ?? '', { email: ada.email, password: PASSWORD });
  const late = await answer(his, askedHim, { abort: 'yes' });
  expect(late.notice).toContain('does not exist');
  expect((await confirm(his, userCode, bob)).notice).toContain('does not exist');
  const { body } = await poll(code);
  expect(decodeJwt(String(body['id_token'])).sub).toBe(ada.id);
});

test('who says that the device is not theirs, or does not consent, denies it', async () => {
  const first = await begin();
  const window = browser(house);
  const asked = await type(window, first.userCode);
  const denied = { xsrf: xsrf(asked), user_code: first.userCode, abort: 'yes' };
  expect((await window.post(`${root}/device`, denied)).notice).toContain('not connected');
  expect((await poll(first.code)).body['error']).toBe('access_denied');
  expect(asked.headers['cache-control']).toBe('no-store');
});

test('T26 a form of another origin, or without its token, connects nothing', async () => {
  const { code, userCode } = await begin();
  const window = browser(house);
  await window.get(`${root}/device`);
  for (const fields of [{}, { xsrf: 'guess' }]) {
    const sent = { user_code: userCode, confirm: 'yes', ...fields };
    expect((await window.post(`${root}/device`, sent)).location).toBeNull();
  }
  expect((await poll(code)).body['error']).toBe('authorization_pending');
});

test('C05 a code that was approved is dead with whoever approved it', async () => {
  const eve = await person(house, make, acme);
  const { code, userCode } = await begin();
  await confirm(browser(house), userCode, eve);
  await run(acme, 'suspendUser', 'user { id }', { id: eve.id });
  expect((await poll(code)).body['error']).toBe('invalid_grant');
});

test('the address with a code in it shows the code; nothing is sent by itself', async () => {
  const { userCode } = await begin();
  const page = await browser(house).get(`${root}/device?user_code=${userCode}`);
  expect(page.text).toContain(`value="${userCode}"`);
  expect(page.text).not.toContain('<script');
  const odd = await browser(house).get(`${root}/device?user_code=%22%3E%3Cscript%3E`);
  expect(odd.text).not.toContain('<script');
  const german = await browser(house).get(`${root}/device`, { 'accept-language': 'de' });
  expect(german.text).toContain('Ein Gerät verbinden');
});

test('F06 only clients that may, and only of this tenant, get codes', async () => {
  const spa = await makeClient(acme, { type: 'SPA' });
  const theirs = await makeClient(other, NATIVE);
  for (const client of [spa, theirs]) {
    const { status } = await tell(house, acme, '/oauth2/device', {
      client_id: client.id,
      scope: 'openid',
    });
    expect([400, 401]).toContain(status);
  }
  const web = { grantTypes: ['authorization_code', DEVICE_CODE] };
  const secret = await makeClient(acme, web);
  const form = { client_id: secret.id, scope: 'openid' };
  expect((await tell(house, acme, '/oauth2/device', form)).status).toBe(401);
  expect((await tell(house, acme, '/oauth2/device', form, basic(secret))).status).toBe(200);
  const { code } = await begin();
  const another = await makeClient(acme, NATIVE);
  expect((await poll(code, another)).body['error']).toBe('invalid_grant');
});
