/** What is too long to be right is wrong, at the step where it was typed and in plain words. */
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { type Person, person, signIn } from '../kit/people.ts';
import { asOwner } from '../kit/stored.ts';
import { totp } from '../kit/totp.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const { as, addApp } = factorsOf(house, acme);
const login = `/t/${acme.slug}/login`;

const mustChange = ({ uuid }: Person) =>
  asOwner(house, acme.uuid, `UPDATE passwords SET must_change = true WHERE user_id = '${uuid}'`);

test('a code that is too long is a wrong code, and the sign-in goes on', async () => {
  const ada = await person(house, make, acme);
  const { secret } = await addApp(await as(ada));
  house.clock.advance(60_000);
  const window = browser(house);
  await signIn(window, acme, ada);
  const page = await window.post(login, { code: '1'.repeat(101) });
  expect([page.status, page.notice]).toEqual([422, 'The code is not right, or was used before.']);
  expect(page.text).toContain('<h1>Confirm that it is you</h1>');
  expect(page.text).toContain('name="code"');
  expect(page.text).not.toContain('name="newPassword"');
  const done = await window.post(login, { code: totp(secret, house.clock.ms()) });
  expect(done.status).toBe(303);
});

test.each([
  ['email', { email: `${'a'.repeat(400)}@example.com`, password: 'wrong' }],
  ['password', { email: 'ada@example.com', password: 'x'.repeat(16_385) }],
])('an %s that is too long is a wrong one', async (_, fields) => {
  const window = browser(house);
  await window.get(login);
  const page = await window.post(login, fields);
  expect([page.status, page.notice]).toEqual([
    422,
    'The e-mail address or the password is not right.',
  ]);
  expect(page.text).toContain('<h1>Sign in</h1>');
});

test('a new password that is too long is said to be', async () => {
  const ada = await person(house, make, acme);
  await mustChange(ada);
  const window = browser(house);
  await signIn(window, acme, ada);
  for (const length of [4_097, 16_385]) {
    const page = await window.post(login, { newPassword: 'x'.repeat(length) });
    expect([page.status, page.notice]).toEqual([422, 'The password is too long.']);
    expect(page.text).toContain('name="newPassword"');
  }
});

test('a code that is too long, of a sign-in that is over, leads to a new one', async () => {
  const window = browser(house);
  await window.get(login);
  window.cookies.set(`__Host-flow-${acme.slug}`, 'A'.repeat(43));
  const page = await window.post(login, { code: '1'.repeat(101) });
  expect(page.text).toContain('<h1>Sign in</h1>');
  expect(page.notice).toBe('This sign-in has ended or took too long. Please begin again.');
});
