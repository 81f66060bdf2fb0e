/** The front end of the guide, in a real browser: screens of one's own, by the SDK. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { expect, onTestFinished, test } from 'vitest';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { type Person, person } from '../kit/people.ts';
import { totp } from '../kit/totp.ts';
import { addAuthenticator, openChromium, openLocalHouse, openPage } from './chromium.ts';

const house = await openLocalHouse();
const browser = await openChromium();
const make = makers(house);
const guide = readFileSync(new URL('../../docs/guides/sign-in.md', import.meta.url), 'utf8');
const [, section = ''] = guide.split('## A whole front end\n');
const [, html = ''] = /`(<!doctype html>.*?)`/.exec(section) ?? [];
const [, module = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(section) ?? [];

/** The guide's page at the house's own origin, as a proxy before both would have it. */
async function serve(context: BrowserContext, tenant: MadeTenant): Promise<void> {
  const script = await bundle(module.replace("'acme'", `'${tenant.slug}'`));
  await context.route('**/app/', (route) =>
    route.fulfill({ contentType: 'text/html', body: html }),
  );
  await context.route('**/app/main.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  );
}

async function bundle(text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-front-end-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const input = join(folder, 'main.ts');
  writeFileSync(input, text);
  const sdk = fileURLToPath(new URL('../../sdk/generated/sdk.ts', import.meta.url));
  const build = await rolldown({
    input,
    platform: 'browser',
    resolve: { alias: { '@signet/sdk': sdk } },
  });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  return output[0].code;
}

async function openApp(tenant: MadeTenant) {
  const opened = await openPage(browser, house);
  await serve(opened.page.context(), tenant);
  await opened.page.goto('/app/');
  return opened;
}

async function signIn(page: Page, { email }: Person, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function enter(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** What the page would notice by itself within a minute. */
const lookedAt = (page: Page) =>
  page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");

/** A refusal stands in the console of Chromium, whatever the page makes of it. */
const surprises = (complaints: readonly string[]) =>
  complaints.filter((line) => !/status of 401/.test(line));

test('password, authenticator app, backup codes; out, and in again by both', async () => {
  const tenant = await make.tenant();
  await run(tenant, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'REQUIRED' });
  const ada = await person(house, make, tenant);
  const { page, complaints } = await openApp(tenant);
  await signIn(page, ada, 'not my password');
  await page.getByRole('alert').waitFor();
  await signIn(page, ada, ada.password);
  const secret = await page.locator('code').innerText();
  // Rejects where the picture is none.
  await page.evaluate("document.querySelector('img').decode()");
  await enter(page, '000000');
  await page.getByRole('alert').waitFor();
  expect(await page.locator('code').innerText()).toBe(secret);
  await enter(page, totp(secret, house.clock.ms()));
  await page.getByRole('heading', { name: 'Keep these backup codes' }).waitFor();
  expect(await page.locator('ol li').count()).toBe(10);
  await page.getByRole('button', { name: 'I have them' }).click();
  await page.getByRole('heading', { name: `Hello ${ada.email}` }).waitFor();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, ada, ada.password);
  await enter(page, totp(secret, house.clock.ms(), 1));
  await page.getByRole('heading', { name: `Hello ${ada.email}` }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: `Hello ${ada.email}` }).waitFor();
  expect(surprises(complaints)).toEqual([]);
});

test('B09 a passkey is added, and signs in by itself', async () => {
  const tenant = await make.tenant();
  const bob = await person(house, make, tenant);
  const { page, complaints } = await openApp(tenant);
  await addAuthenticator(page);
  await signIn(page, bob, bob.password);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('The passkey was added.').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('heading', { name: `Hello ${bob.email}` }).waitFor();
  expect(surprises(complaints)).toEqual([]);
});

test('C03 warned before the idle end in two tabs; one stays for both, and then both are out', async () => {
  const tenant = await make.tenant();
  const policy = { sessionIdleSeconds: 600, sessionSeconds: 3600 };
  await run(tenant, 'updateSignInPolicy', 'signInPolicy { mfa }', policy);
  const carol = await person(house, make, tenant);
  const { page, complaints } = await openApp(tenant);
  await signIn(page, carol, carol.password);
  await page.getByRole('heading', { name: 'Hello' }).waitFor();
  const other = await page.context().newPage();
  await other.goto('/app/');
  await other.getByRole('heading', { name: 'Hello' }).waitFor();

  house.clock.advance(500_000);
  for (const tab of [page, other]) {
    await lookedAt(tab);
    await tab.getByText('Are you still there?').waitFor();
  }
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  for (const tab of [page, other])
    await tab.getByText('Are you still there?').waitFor({ state: 'hidden' });

  house.clock.advance(601_000);
  await lookedAt(page);
  for (const tab of [page, other]) await tab.getByText('You were signed out.').waitFor();
  await signIn(page, carol, carol.password);
  await page.getByRole('heading', { name: 'Hello' }).waitFor();
  expect(surprises(complaints)).toEqual([]);
});
