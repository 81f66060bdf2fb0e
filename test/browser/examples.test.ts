/** The sample applications, as an integrator would start them, in a real browser. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { makers } from '../kit/make.ts';
import { type Person, person } from '../kit/people.ts';
import { makeClient } from '../kit/relying-party.ts';
import { until } from '../kit/until.ts';
import { installPackage } from '../sdk/installed-package.ts';
import { freePort, openChromium, openLocalHouse, openPage } from './chromium.ts';

const house = await openLocalHouse();
const browser = await openChromium();
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const issuer = `${house.services.config.publicUrl}/t/${acme.slug}`;
const installed = await installPackage();
const examples = fileURLToPath(new URL('../../sdk/examples/', import.meta.url));
for (const name of ['spa', 'site', 'service'])
  cpSync(join(examples, name), join(installed.folder, name), { recursive: true });

/** Until the end of the test; answers once it listens. */
async function start(program: string, port: number, env: Record<string, string>): Promise<string> {
  const url = `http://localhost:${port}`;
  const all = { SIGNET_ISSUER: issuer, PORT: String(port), ...env };
  const { child, output, ended } = installed.start(program, [], all);
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  await until(() => output().includes(url), { what: `${program}: ${output()}` });
  return url;
}

async function signIn(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('the single-page application: in, its API, a reload, and out', async () => {
  await make.resource(acme, {
    identifier: 'https://hello.example.com',
    scopes: [{ name: 'hello:read', description: 'Be greeted' }],
  });
  const port = await freePort();
  const client = await makeClient(acme, {
    ...{ type: 'SPA', name: 'Sample', firstParty: false },
    redirectUris: [`http://localhost:${port}/callback`],
    postLogoutRedirectUris: [`http://localhost:${port}/`],
    audiences: ['https://hello.example.com'],
  });
  const url = await start('spa/server.ts', port, { CLIENT_ID: client.id });
  const ada = await person(house, make, acme, { displayName: 'Ada Lovelace' });
  const { page, complaints } = await openPage(browser, house);
  await page.goto(`${url}/?page=2`);
  await page.getByText('You are not signed in.').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await signIn(page, ada);
  await page.getByText('Be greeted').waitFor();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.getByText('Hello Ada Lovelace.').waitFor();
  expect(page.url()).toBe(`${url}/?page=2`);
  await page.getByRole('button', { name: 'Call the API' }).click();
  await page.getByText('{"hello":"Ada Lovelace"}').waitFor();
  const kept = 'JSON.stringify([localStorage, sessionStorage, document.cookie])';
  expect(await page.evaluate(kept)).toBe('[{},{},""]');
  // Tokens are gone with the page; the session at the issuer is not, so nothing is asked again.
  await page.reload();
  await page.getByText('You are not signed in.').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Hello Ada Lovelace.').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are not signed in.').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Password').waitFor();
  expect(complaints).toEqual([]);
  expect((await fetch(`${url}/api/hello`)).status).toBe(401);
});

test('the site: a page that asks to sign in, and out, without scripts', async () => {
  const port = await freePort();
  const client = await makeClient(acme, {
    redirectUris: [`http://localhost:${port}/callback`],
    postLogoutRedirectUris: [`http://localhost:${port}/`],
  });
  const env = { CLIENT_ID: client.id, CLIENT_SECRET: client.secret ?? '' };
  const url = await start('site/server.ts', port, env);
  const bob = await person(house, make, acme, { displayName: '<b>Bob</b>' });
  const { page, complaints } = await openPage(browser, house, { javaScriptEnabled: false });
  await page.goto(`${url}/orders`);
  await signIn(page, bob);
  await page.getByText(`${bob.email} has no orders.`).waitFor();
  expect(page.url()).toBe(`${url}/orders`);
  await page.goto(url);
  await page.getByText('Hello <b>Bob</b>.').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  // The issuer's page goes on by itself where scripts run.
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('You are not signed in.').waitFor();
  await page.goto(`${url}/callback?code=x&state=y`);
  await page.getByText('was not begun in this browser').waitFor();
  expect(complaints.filter((line) => !line.includes('status of 400'))).toEqual([]);
});
