/** Signing in to an application: authorization code with PKCE (OAuth 2.1, OpenID Connect Core). */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import {
  begin,
  CALLBACK,
  follow,
  makeClient,
  redeem,
  relyingParty,
  signInTo,
} from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const issuer = `${PUBLIC_URL}/t/${acme.slug}`;
const ada = await person(house, make, acme, { displayName: 'Ada Lovelace' });
const app = await makeClient(acme);

test('a person signs in, and the application learns who they are', async () => {
  const config = await relyingParty(house, acme, app);
  const { tokens, seen } = await signInTo(house, config, ada);
  expect(seen).toContain(`/t/${acme.slug}/login`);
  expect(tokens.claims()).toMatchObject({
    iss: issuer,
    aud: app.id,
    sub: ada.id,
    name: 'Ada Lovelace',
    email: ada.email,
    acr: 'pwd',
    amr: ['pwd'],
    tid: acme.id,
    oid: ada.id,
  });
  expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe('RS256');
  const user = await oidc.fetchUserInfo(config, tokens.access_token, ada.id);
  expect(user).toMatchObject({ sub: ada.id, email: ada.email, email_verified: false });
});

test('a second application asks nothing of whoever is signed in', async () => {
  const config = await relyingParty(house, acme, app);
  const { window } = await signInTo(house, config, ada);
  const again = await begin(config, { prompt: 'none' });
  const { url } = await follow(window, again.url);
  expect(url?.searchParams.get('code')).toBeTruthy();
  expect(url?.searchParams.get('iss')).toBe(issuer);
  const nobody = await follow(browser(house), (await begin(config, { prompt: 'none' })).url);
  expect(nobody.url?.searchParams.get('error')).toBe('login_required');
});

test('F12 somebody else’s application asks for consent, once', async () => {
  const theirs = await makeClient(acme, { name: 'Printer', firstParty: false });
  const config = await relyingParty(house, acme, theirs);
  const first = await signInTo(house, config, ada);
  expect(first.seen.filter((path) => path.includes('/interaction/'))).toHaveLength(3);
  const { url, seen } = await follow(first.window, (await begin(config)).url, ada);
  expect(url?.href.startsWith(CALLBACK)).toBe(true);
  expect(seen.some((path) => path.includes('/interaction/'))).toBe(false);
  const asked = await follow(first.window, (await begin(config, { prompt: 'consent' })).url);
  expect(asked.page.text).toContain('Printer');
  expect(asked.page.text).toContain('name="consent"');
});

test('F02 a code is good once, and whoever comes second ends what the first was given', async () => {
  const config = await relyingParty(house, acme, app);
  const window = browser(house);
  const begun = await begin(config);
  const { url } = await follow(window, begun.url, ada);
  const redeem = () =>
    oidc.authorizationCodeGrant(config, url as URL, {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
    });
  const tokens = await redeem();
  await expect(redeem()).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
});

test('F03 a code is good for a minute', async () => {
  const config = await relyingParty(house, acme, app);
  const coming = async (seconds: number) => {
    const begun = await begin(config);
    const { url } = await follow(browser(house), begun.url, ada);
    house.clock.advance(seconds * 1000);
    return redeem(config, url as URL, begun);
  };
  expect((await coming(59)).access_token).toBeTruthy();
  await expect(coming(61)).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('F07 a refresh token rotates; an honest retry is told the same, a late one ends the family', async () => {
  const config = await relyingParty(house, acme, app);
  const { tokens } = await signInTo(house, config, ada);
  const first = tokens.refresh_token ?? '';
  const next = await oidc.refreshTokenGrant(config, first);
  expect(next.refresh_token).not.toBe(first);
  const retried = await oidc.refreshTokenGrant(config, first);
  expect(retried.refresh_token).toBe(next.refresh_token);
  house.clock.advance(11_000);
  await expect(oidc.refreshTokenGrant(config, first)).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  await expect(oidc.refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
});

test('a service gets tokens for our own API by itself', async () => {
  const service = await makeClient(acme, {
    type: 'SERVICE',
    redirectUris: [],
    firstParty: false,
    apiScopes: ['users:read'],
  });
  const config = await relyingParty(house, acme, service);
  const tokens = await oidc.clientCredentialsGrant(config);
  expect(tokens.scope).toBe('users:read');
  expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  expect(decodeJwt(tokens.access_token)).toMatchObject({
    iss: issuer,
    aud: `${issuer}/api`,
    client_id: service.id,
    sub: service.id,
    tid: acme.id,
    ver: '1',
  });
});
