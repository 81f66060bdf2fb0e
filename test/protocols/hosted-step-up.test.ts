/** Showing again who one is, on the hosted page: what was missing, and back to where one was (B07, T15). */
import { expect, test } from 'vitest';
import { type Browser, browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { PASSWORD, person, signedIn } from '../kit/people.ts';
import { base32Bytes, totp } from '../kit/totp.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const at = (page: string) => `/t/${acme.slug}/${page}`;
const SESSION = '{ viewer { session { id acr } } }';

async function sessionOf(window: Browser): Promise<{ id: string; acr: string }> {
  const { data } = await window.gql<{ viewer: { session: { id: string; acr: string } } }>(SESSION);
  return data.viewer.session;
}

test('B07 a sign-in that is too long ago: the password again, and back', async () => {
  const window = await signedIn(house, acme, await person(house, make, acme));
  const before = await sessionOf(window);
  house.clock.advance(16 * 60_000);
  await window.get(at('account'));
  const sent = await window.post(at('account/factors'), { add: 'TOTP' });
  expect([sent.status, sent.location]).toEqual([303, at('mfa?to=account')]);
  const asked = await window.get(sent.location ?? '');
  expect(asked.text).toContain('show once more that it is you');
  const wrong = await window.post(at('mfa'), { to: 'account', password: 'wrong' });
  expect([wrong.status, wrong.notice]).toEqual([
    401,
    'The e-mail address or the password is not right.',
  ]);
  const done = await window.post(at('login'), { to: 'account', password: PASSWORD });
  expect([done.status, done.location]).toEqual([303, at('account')]);
  expect(await sessionOf(window)).toEqual({ ...before, acr: 'pwd' });
  await window.get(at('account'));
  expect((await window.post(at('account/factors'), { add: 'TOTP' })).status).toBe(200);
});

test('C02 a request that a step-up overtakes is refused, and takes no new cookie away', async () => {
  const window = await signedIn(house, acme, await person(house, make, acme));
  const name = `__Host-s-${acme.slug}`;
  const old = browser(house, new Map(window.cookies));
  const ended = browser(house, new Map(window.cookies));
  await window.get(at('mfa'));
  expect((await window.post(at('mfa'), { password: PASSWORD })).status).toBe(303);
  expect(window.cookies.get(name)).not.toBe(old.cookies.get(name));
  // What instances remember is over.
  house.clock.advance(2000);
  for (const path of ['/graphql', '/v1/viewer']) {
    const late = await old.get(path, { 'x-signet-csrf': '1', 'x-tenant-id': acme.slug });
    expect([path, late.status, late.headers['set-cookie']]).toEqual([path, 401, undefined]);
    expect(late.text).toContain('has a new cookie since');
  }
  expect((await old.get(at('account'))).location).toBe(at('login'));
  expect((await window.gql(SESSION)).status).toBe(200);
  // Whoever missed the new cookie is not kept from signing in.
  house.clock.advance(60_000);
  expect((await ended.gql(SESSION)).code).toBe('UNAUTHENTICATED');
  expect(ended.cookies.has(name)).toBe(false);
});

test('where two factors were missing, two are asked for, of whoever has one', async () => {
  const ada = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  await make.factors(acme, [{ user: ada, secret: base32Bytes(secret).toString('base64') }]);
  await window.get(at('account'));
  const sent = await window.post(at('account/factors'), { add: 'PASSKEY' });
  expect(sent.location).toBe(at('mfa?to=account&acr=mfa'));
  const asked = await window.get(sent.location ?? '');
  expect(asked.text).toContain('two factors');
  expect(asked.text).toContain('name="acr" value="mfa"');
  const second = await window.post(at('mfa'), { acr: 'mfa', password: PASSWORD });
  expect(second.text).toContain('name="code"');
  const done = await window.post(at('login'), { code: totp(secret, house.clock.ms()) });
  expect(done.location).toBe(at('account'));
  expect((await sessionOf(window)).acr).toBe('mfa');
});

test('where two factors were missing, whoever has none sets one up', async () => {
  const window = await signedIn(house, acme, await person(house, make, acme));
  const { id } = await sessionOf(window);
  await window.get(at('mfa?acr=mfa'));
  const enrol = await window.post(at('mfa'), { acr: 'mfa', password: PASSWORD });
  const secret = /<code>([A-Z2-7]+)<\/code>/.exec(enrol.text)?.[1] ?? '';
  const codes = await window.post(at('login'), {
    enrolling: 'yes',
    code: totp(secret, house.clock.ms()),
  });
  expect(codes.text.match(/<li><code>/g)).toHaveLength(10);
  expect(codes.text).toContain(`href="${at('account')}"`);
  expect(await sessionOf(window)).toEqual({ id, acr: 'mfa' });
});

test('without a session there is nothing to step up from', async () => {
  const window = browser(house);
  await window.get(at('login'));
  expect((await window.get(at('mfa?acr=mfa'))).location).toBe(at('login'));
  expect((await window.post(at('mfa'), { password: PASSWORD })).location).toBe(at('login'));
});

const ELSEWHERE = [
  'https://evil.example',
  'http://localhost:80@evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/%2f%2fevil.example',
  '/%5cevil.example',
  '%252e%252e/evil',
  '..',
  '../../t/other/account',
  'account/../../../evil',
  'account\r\nset-cookie: a=b',
  'account?next=//evil.example',
  'account#//evil.example',
  'account.evil.example',
  '@evil.example',
  '.evil.example',
  ' account',
  'ACCOUNT',
  'javascript:alert(1)',
  'data:text/html,x',
  'logout',
  'mfa',
  'login',
  'constructor',
  '__proto__',
  '',
];

test.each(ELSEWHERE)('T15 no address leads away: %j', async (to) => {
  const window = await signedIn(house, acme, await person(house, make, acme));
  const asked = await window.get(at(`mfa?${new URLSearchParams({ to })}`));
  expect(asked.text).not.toContain('name="to"');
  const done = await window.post(at('mfa'), { to, password: PASSWORD });
  expect([done.status, done.location]).toEqual([303, at('account')]);
  const there = await window.get(at(`login?${new URLSearchParams({ to })}`));
  expect(there.location).toBe(at('account'));
});
