/** A sign-in in a popup, as a browser sees it: its opener hears of the end where it has said that it is one. */
import { createServer } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient } from '../kit/relying-party.ts';
import { freePort, openChromium, openLocalHouse, openPage } from './chromium.ts';

const house = await openLocalHouse();
const make = makers(house);
const acme = await make.tenant();
const port = await freePort();
const site = `http://localhost:${port}`;
const told =
  '<script>document.title = opener ? "told" : "alone"; opener?.postMessage("in", "*")</script>';
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end(request.url?.startsWith('/callback') ? told : 'The site');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test.for([
  ['popup', 'told'],
  ['page', 'alone'],
] as const)('H04 with display=%s the application is %s', async ([display, end]) => {
  if (!server.listening)
    await new Promise<void>((ready) => server.listen(port, 'localhost', ready));
  const ada = await person(house, make, acme);
  const client = await makeClient(acme, { redirectUris: [`${site}/callback`] });
  const { page } = await openPage(await openChromium(), house);
  await page.goto(site);
  const url = new URL(`${house.services.config.publicUrl}/t/${acme.slug}/oauth2/authorize`);
  url.search = String(
    new URLSearchParams({
      client_id: client.id,
      redirect_uri: `${site}/callback`,
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      display,
    }),
  );
  const opening = page.context().waitForEvent('page');
  await page.evaluate((to) => {
    addEventListener('message', ({ data }) => {
      document.title = String(data);
    });
    open(to, 'sign-in', 'width=400,height=600');
  }, url.href);
  const popup = await opening;
  await popup.getByLabel('E-mail address').fill(ada.email);
  await popup.getByLabel('Password').fill(ada.password);
  await popup.getByRole('button', { name: 'Sign in' }).click();
  await popup.waitForURL(`${site}/callback?**`);
  expect(await popup.title()).toBe(end);
  if (end === 'told') await page.waitForFunction(() => document.title === 'in');
});
