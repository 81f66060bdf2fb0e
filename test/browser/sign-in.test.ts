/** Whole journeys on the hosted pages in a real browser: with scripts and without. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { makers, run } from '../kit/make.ts';
import { type Person, person } from '../kit/people.ts';
import { totp } from '../kit/totp.ts';
import { addAuthenticator, openChromium, openLocalHouse, openPage } from './chromium.ts';

const house = await openLocalHouse();
const browser = await openChromium();
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const at = (path: string) => `/t/${acme.slug}/${path}`;

async function signIn(page: Page, { email, password }: Person): Promise<void> {
  await page.goto(at('login'));
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByText('You are signed out.').waitFor();
}

test('without scripts: in, a new password, out, and in again', async () => {
  const ada = await person(house, make, acme);
  const { page, complaints } = await openPage(browser, house, { javaScriptEnabled: false });
  await signIn(page, ada);
  await page.getByText(`You are signed in as ${ada.email}.`).waitFor();
  await page.getByRole('link', { name: 'Change: Password' }).click();
  await page.getByLabel('Current password').fill(ada.password);
  await page.getByLabel('New password').fill('a password of my very own');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. Your other sessions have ended.').waitFor();
  await signOut(page);
  await signIn(page, ada);
  await page.getByRole('alert').getByText('is not right').waitFor();
  await signIn(page, { ...ada, password: 'a password of my very own' });
  await page.getByText(`You are signed in as ${ada.email}.`).waitFor();
  expect(complaints.filter((line) => !line.includes('401'))).toEqual([]);
});

test('without scripts: an authenticator app is set up where it is asked for', async () => {
  const tenant = await make.tenant({ name: 'Strict' });
  await run(tenant, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'REQUIRED' });
  const bob = await person(house, make, tenant);
  const { page } = await openPage(browser, house, { javaScriptEnabled: false });
  await page.goto(`/t/${tenant.slug}/login`);
  await page.getByLabel('E-mail address').fill(bob.email);
  await page.getByLabel('Password').fill(bob.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const secret = await page.locator('code').innerText();
  await page.getByLabel('Code').fill(totp(secret, house.clock.ms()));
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Backup codes' }).waitFor();
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.getByText(`You are signed in as ${bob.email}.`).waitFor();
});

test('B09 a passkey is added, and signs in by itself', async () => {
  const carol = await person(house, make, acme);
  const { page, complaints } = await openPage(browser, house);
  await addAuthenticator(page);
  await signIn(page, carol);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('heading', { name: 'Backup codes' }).waitFor();
  expect(await page.locator('ol.codes li').count()).toBe(10);
  await page.getByRole('link', { name: 'Your account' }).click();
  await signOut(page);
  await page.goto(at('login'));
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByText(`You are signed in as ${carol.email}.`).waitFor();
  expect(complaints).toEqual([]);
});

test('keyboards and screen readers: labels, order, language, focus, no script needed', async () => {
  const { page } = await openPage(browser, house, { locale: 'de' });
  await page.goto(at('login'));
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await page.keyboard.type('ada@example.com');
  expect(await page.getByLabel('E-Mail-Adresse').inputValue()).toBe('ada@example.com');
  await page.keyboard.press('Tab');
  await page.keyboard.type('secret');
  expect(await page.getByLabel('Passwort').inputValue()).toBe('secret');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Anmelden');
});
