/** Signing in to an application in a real browser: at another origin, with scripts and without. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { makers, run } from '../kit/make.ts';
import { type Person, person } from '../kit/people.ts';
import { addAuthenticator, openChromium, openLocalHouse, openPage } from './chromium.ts';

const house = await openLocalHouse();
const browser = await openChromium();
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const issuer = `${house.services.config.publicUrl}/t/${acme.slug}`;

/** Where the application shows its pages, which is not where it takes its codes. */
const shown = await listen((request, response) => {
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(`<h1>Landed</h1><p>${request.url}</p>`);
});
const app = await listen(async (request, response) => {
  const form = request.method === 'POST' ? `?${await text(request)}` : '';
  const query = form || (request.url ?? '').replace(/^[^?]*/, '');
  response.writeHead(302, { location: `${shown}/home${query}` }).end();
});

async function listen(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const callback = `${app}/callback`;
const client = await make.client(acme, {
  name: 'Printer',
  publisher: 'Gutenberg',
  type: 'SPA',
  firstParty: false,
  redirectUris: [callback],
  postLogoutRedirectUris: [`${app}/bye`],
});

function requestFor(parameters: Record<string, string> = {}): string {
  return `${issuer}/oauth2/authorize?${new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid email',
    state: 'a & b',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...parameters,
  })}`;
}

async function signIn(page: Page, who: Person): Promise<void> {
  await page.getByLabel('E-mail address').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function landed(page: Page): Promise<URLSearchParams> {
  await page.getByRole('heading', { name: 'Landed' }).waitFor();
  return new URL(page.url()).searchParams;
}

const BROWSERS: readonly [string, BrowserContextOptions][] = [
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
];

test.for(BROWSERS)(
  '%s: in, allowed, and on to wherever the application leads',
  async ([, options]) => {
    const ada = await person(house, make, acme);
    const { page, complaints } = await openPage(browser, house, options);
    await page.goto(requestFor({ login_hint: ada.email }));
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(ada.email);
    await signIn(page, ada);
    await page.getByRole('heading', { name: 'Allow Printer?' }).waitFor();
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    const told = await landed(page);
    expect(told.get('state')).toBe('a & b');
    expect(told.get('iss')).toBe(issuer);
    // Allowed before: this time the sign-in form itself ends at the application.
    await page.context().clearCookies();
    await page.goto(requestFor());
    await signIn(page, ada);
    expect((await landed(page)).has('code')).toBe(true);
    house.clock.advance(2_000);
    // Somebody who is there already shows their password once more.
    await page.goto(requestFor({ prompt: 'login' }));
    await page.getByLabel('Password').fill(ada.password);
    await page.getByRole('button', { name: 'Continue' }).click();
    expect((await landed(page)).has('code')).toBe(true);
    expect(complaints).toEqual([]);
  },
);

test.for(BROWSERS)(
  'F20 %s: form_post reaches the application as it was asked',
  async ([, options]) => {
    const ada = await person(house, make, acme);
    await make.consent(acme, ada, client, { scopes: ['openid', 'email'] });
    const { page, complaints } = await openPage(browser, house, options);
    const state = `"><script>alert(1)</script>&'${'x'.repeat(2000)}`;
    await page.goto(requestFor({ response_mode: 'form_post', state }));
    await signIn(page, ada);
    if (options.javaScriptEnabled === false)
      await page.getByRole('button', { name: 'Continue' }).click();
    expect((await landed(page)).get('state')).toBe(state);
    expect(complaints).toEqual([]);
  },
);

test('a passkey alone leads to the application', async () => {
  const carol = await person(house, make, acme);
  await make.consent(acme, carol, client, { scopes: ['openid', 'email'] });
  const { page, complaints } = await openPage(browser, house);
  await addAuthenticator(page);
  await page.goto(`/t/${acme.slug}/login`);
  await signIn(page, carol);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.goto(requestFor());
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  expect((await landed(page)).has('code')).toBe(true);
  expect(complaints).toEqual([]);
});

test.for(BROWSERS)('F13 %s: signing out asks, and leads back', async ([, options]) => {
  const ada = await person(house, make, acme);
  const { page, complaints } = await openPage(browser, house, options);
  await page.goto(`/t/${acme.slug}/login`);
  await signIn(page, ada);
  await page.getByText(`You are signed in as ${ada.email}.`).waitFor();
  const asked = new URLSearchParams({
    client_id: client.id,
    post_logout_redirect_uri: `${app}/bye`,
    state: 'so long',
  });
  await page.goto(`${issuer}/oauth2/logout?${asked}`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  expect((await landed(page)).get('state')).toBe('so long');
  await page.goto(`/t/${acme.slug}/account`);
  await page.getByLabel('Password').waitFor();
  expect(complaints).toEqual([]);
});

test('two factors are asked of whoever is there with one, and lead back', async () => {
  await run(acme, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'OPTIONAL' });
  const ada = await person(house, make, acme);
  await make.consent(acme, ada, client, { scopes: ['openid', 'email'] });
  const { page } = await openPage(browser, house);
  await addAuthenticator(page);
  await page.goto(`/t/${acme.slug}/login`);
  await signIn(page, ada);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.goto(requestFor({ acr_values: 'mfa', ui_locales: 'de' }));
  await page.getByLabel('E-Mail-Adresse').fill(ada.email);
  await page.getByLabel('Passwort').fill(ada.password);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('button', { name: 'Passkey' }).click();
  expect((await landed(page)).has('code')).toBe(true);
});
