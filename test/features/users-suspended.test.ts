/** What was under way for a user who is suspended does not come back to life with them. */
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { factorsOf } from '../kit/factors.ts';
import { run } from '../kit/make.ts';
import { PASSWORD, person, signIn } from '../kit/people.ts';
import { totp } from '../kit/totp.ts';
import { NEXT, openSelfService } from './self-served.ts';

const { house, make, acme, reset, accept, resetToken, invited, canSignIn } =
  await openSelfService();
const { as, addApp } = factorsOf(house, acme);

const change = (mutation: string, { id }: { id: string }) =>
  run(acme, mutation, 'user { id }', { id });

test('C06 a sign-in that is under way ends', async () => {
  const ada = await person(house, make, acme);
  const { secret } = await addApp(await as(ada));
  house.clock.advance(60_000);
  const [window, other] = [browser(house), browser(house)];
  expect((await signIn(window, acme, ada)).status).toBe(200);
  await change('suspendUser', ada);
  await change('activateUser', ada);
  const answer = { code: totp(secret, house.clock.ms()) };
  expect((await window.post(`/t/${acme.slug}/login`, answer)).status).not.toBe(303);
  expect(window.cookies.has(`__Host-s-${acme.slug}`)).toBe(false);
  expect((await signIn(other, acme, ada)).status).toBe(200);
  expect((await other.post(`/t/${acme.slug}/login`, answer)).status).toBe(303);
});

test('A15 links that choose a password end', async () => {
  const ada = await person(house, make, acme);
  const token = await resetToken(ada.email);
  const bob = await invited('bob@example.com');
  for (const user of [ada, bob]) {
    await change('suspendUser', user);
    await change('activateUser', user);
  }
  expect((await reset(token)).code).toBe('LINK_NOT_VALID');
  expect((await accept(bob.token)).code).toBe('LINK_NOT_VALID');
  expect([await canSignIn(ada.email, NEXT), await canSignIn(ada.email, PASSWORD)]).toEqual([
    false,
    true,
  ]);
});
