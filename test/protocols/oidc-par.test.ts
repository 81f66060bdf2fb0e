/** Authorization requests that are pushed beforehand (RFC 9126). */
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { begin, CALLBACK, follow, makeClient, redeem, relyingParty } from '../kit/relying-party.ts';
import { basic, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const ada = await person(house, make, acme);
const app = await makeClient(acme, { requirePar: true });
const config = await relyingParty(house, acme, app);

async function pushed() {
  const begun = await begin(config);
  const url = await oidc.buildAuthorizationUrlWithPAR(config, begun.url.searchParams);
  return { ...begun, url };
}

test('a pushed request leads to tokens, once', async () => {
  const begun = await pushed();
  expect([...begun.url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
  const window = browser(house);
  const { url } = await follow(window, begun.url, ada);
  expect((await redeem(config, url as URL, begun)).claims()?.sub).toBe(ada.id);
  const again = await follow(window, begun.url);
  expect(again.url).toBeNull();
  expect(again.page.status).toBe(400);
});

test('a pushed request is over after a minute, and is its client’s alone', async () => {
  const begun = await pushed();
  const other = await makeClient(acme);
  const theirs = new URL(begun.url);
  theirs.searchParams.set('client_id', other.id);
  expect((await follow(browser(house), theirs)).page.status).toBe(400);
  house.clock.advance(61_000);
  expect((await follow(browser(house), begun.url, ada)).url).toBeNull();
});

test('a client that must push is refused what it did not push', async () => {
  const { page, url } = await follow(browser(house), (await begin(config)).url, ada);
  expect(url?.searchParams.get('error') ?? page.status).toBe('invalid_request');
  const form = { client_id: app.id, redirect_uri: CALLBACK, response_type: 'code' };
  const refused = [
    await tell(house, acme, '/oauth2/par', form),
    await tell(house, acme, '/oauth2/par', form, basic({ id: app.id, secret: 'sgcs_wrong' })),
  ];
  for (const { status, body } of refused)
    expect([status, body['error']]).toEqual([401, 'invalid_client']);
  const evil = { ...form, redirect_uri: 'https://evil.example.com/callback' };
  expect((await tell(house, acme, '/oauth2/par', evil, basic(app))).status).toBe(400);
});
