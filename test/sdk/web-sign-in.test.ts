/** Sites, services and APIs of others, by the SDK, against a running Signet. */
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createServiceTokens,
  createWebSignIn,
  type SessionStore,
  SignInError,
  type WebSignIn,
  type WebSignInOptions,
} from '../../sdk/generated/oidc.ts';
import { createClient, listUsers } from '../../sdk/generated/sdk.ts';
import { createVerifier } from '../../sdk/generated/server.ts';
import { browser } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { type Person, person } from '../kit/people.ts';
import { CALLBACK, fetchAt, follow, makeClient } from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const issuer = `${PUBLIC_URL}/t/${acme.slug}`;
const here = fetchAt(house);
const ORDERS = 'https://orders.example.com';
await make.resource(acme, {
  identifier: ORDERS,
  scopes: [{ name: 'orders:read', description: 'See orders' }],
});
const app = await makeClient(acme, {
  audiences: [ORDERS],
  postLogoutRedirectUris: ['https://app.example.com/'],
});
const ada = await person(house, make, acme, { displayName: 'Ada Lovelace' });

const siteOf = (options: Partial<WebSignInOptions> = {}) =>
  createWebSignIn({
    issuer,
    clientId: app.id,
    clientSecret: app.secret ?? '',
    redirectUri: CALLBACK,
    scope: 'openid profile email orders:read',
    resource: ORDERS,
    postLogoutRedirectUri: 'https://app.example.com/',
    fetch: here,
    ...options,
  });

/** The Cookie header of a browser that was sent these lines. */
const held = (lines: readonly string[]) =>
  lines
    .filter((line) => !line.includes('Max-Age=0'))
    .map((line) => line.split(';')[0])
    .join('; ');

async function signedIn(site: WebSignIn, who: Person = ada) {
  const begun = await site.signIn(null, { returnTo: '/orders?page=2' });
  const { url } = await follow(browser(house), begun.location, who);
  const back = await site.callback(url?.href ?? '', held(begun.cookies));
  return { begun, url, back, cookie: held(back.cookies) };
}

test('somebody signs in to a site; its cookie holds nothing but a name', async () => {
  const site = siteOf();
  const { begun, back, cookie } = await signedIn(site);
  expect(begun.cookies[0]).toMatch(
    /^__Host-site-flow=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=3600$/,
  );
  expect(back.location).toBe('/orders?page=2');
  expect(cookie).toMatch(/^__Host-site=[\w-]{43}$/);
  const session = await site.session(`other=1; ${cookie}`);
  expect(session?.claims).toMatchObject({ sub: ada.id, name: 'Ada Lovelace', email: ada.email });
  const api = createVerifier({ issuer, audience: ORDERS, fetch: here });
  const claims = await api.verify(session?.accessToken ?? '', { scopes: ['orders:read'] });
  expect(claims).toMatchObject({ tid: acme.id, oid: ada.id, client_id: app.id, acr: 'pwd' });
  expect(await site.session('site=x; __Host-site=unknown')).toBeNull();
});

test('tokens are renewed when they must be, once for all who wait, until the grant is gone', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: house.clock.ms() });
  onTestFinished(() => void vi.useRealTimers());
  const later = (ms: number) => {
    house.clock.advance(ms);
    vi.setSystemTime(house.clock.ms());
  };
  let renewals = 0;
  const counting: typeof fetch = (url, init) => {
    if (String(init?.body).includes('refresh_token')) renewals += 1;
    return here(url, init);
  };
  const site = siteOf({ fetch: counting });
  const bob = await person(house, make, acme);
  const { cookie } = await signedIn(site, bob);
  const first = await site.session(cookie);
  later(880_000);
  const all = await Promise.all(Array.from({ length: 5 }, () => site.session(cookie)));
  expect(renewals).toBe(1);
  expect(new Set(all.map((one) => one?.accessToken)).size).toBe(1);
  expect(all[0]?.accessToken).not.toBe(first?.accessToken);
  expect(all[0]?.claims.sub).toBe(bob.id);
  await run(acme, 'suspendUser', 'user { id }', { id: bob.id });
  later(900_000);
  expect(await site.session(cookie)).toBeNull();
  const other = await signedIn(site);
  later(43_200_000);
  expect(await site.session(other.cookie)).toBeNull();
});

test('F04 a way back is good in the browser that began it, once', async () => {
  const site = siteOf();
  const { begun, url } = await signedIn(site);
  const again = site.callback(url?.href ?? '', held(begun.cookies));
  await expect(again).rejects.toMatchObject({ code: 'unknown_state' });
  const mine = await site.signIn(null);
  const theirs = await site.signIn(null);
  const { url: stolen } = await follow(browser(house), theirs.location, ada);
  const fixed = site.callback(stolen?.href ?? '', held(mine.cookies));
  await expect(fixed).rejects.toMatchObject({ code: 'unknown_state' });
  const mixed = new URL(stolen?.href ?? '');
  mixed.searchParams.set('iss', 'https://evil.example.com');
  const mixedUp = site.callback(mixed.href, held(theirs.cookies));
  await expect(mixedUp).rejects.toMatchObject({ code: 'bad_response' });
});

test('two tabs may be on their way at once', async () => {
  const site = siteOf();
  const one = await site.signIn(null, { returnTo: '/one' });
  const two = await site.signIn(held(one.cookies), { returnTo: '/two' });
  const first = await follow(browser(house), one.location, ada);
  const back = await site.callback(first.url?.href ?? '', held(two.cookies));
  expect(back.location).toBe('/one');
  const second = await follow(browser(house), two.location, ada);
  const waiting = back.cookies.filter((line) => line.includes('-flow='));
  const last = await site.callback(second.url?.href ?? '', held(waiting));
  expect(last.location).toBe('/two');
  // Signing in gives a new name, and the one before is nobody's.
  const renewed = held(last.cookies);
  expect(await site.session(held([...back.cookies]))).not.toBeNull();
  const again = await site.signIn(renewed);
  const third = await follow(browser(house), again.location, ada);
  await site.callback(third.url?.href ?? '', `${renewed}; ${held(again.cookies)}`);
  expect(await site.session(renewed)).toBeNull();
});

test('what the issuer refuses is told by its code', async () => {
  const site = siteOf();
  const begun = await site.signIn(null, { prompt: 'none' });
  const { url } = await follow(browser(house), begun.location);
  const back = site.callback(url?.href ?? '', held(begun.cookies));
  await expect(back).rejects.toMatchObject({ code: 'login_required' });
  const wrong = siteOf({ clientSecret: 'sgcs_wrong' });
  const refused = await signedIn(wrong).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SignInError);
  expect(refused).toMatchObject({ code: 'invalid_client' });
  const away = siteOf({ fetch: () => Promise.reject(new TypeError('fetch failed')) });
  await expect(away.signIn(null)).rejects.toMatchObject({ code: 'unavailable' });
});

test('F01 people are led to paths of the site only', async () => {
  const site = siteOf();
  for (const returnTo of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'x',
    '/\t/evil.example',
    '/.//evil.example',
    '/orders/..//evil.example',
    '/%2e//evil.example',
  ])
    await expect(site.signIn(null, { returnTo }), returnTo).rejects.toThrow(TypeError);
});

test('signing out forgets the session here, and leads to where the issuer ends its own', async () => {
  const kept = new Map<string, string>();
  const store: SessionStore = {
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
  };
  const site = siteOf({ store });
  const { cookie } = await signedIn(site);
  expect([...kept.keys()].map((key) => key.split(' ')[0])).toEqual(['session']);
  const out = await site.signOut(cookie);
  expect(kept.size).toBe(0);
  expect(await site.session(cookie)).toBeNull();
  expect(out.cookies[0]).toMatch(/^__Host-site=; .*Max-Age=0$/);
  const to = new URL(out.location);
  expect(to.pathname).toBe(`/t/${acme.slug}/oauth2/logout`);
  expect(to.searchParams.get('post_logout_redirect_uri')).toBe('https://app.example.com/');
  expect(to.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
});

test('a service calls our API by tokens of its own, one for all calls', async () => {
  const service = await makeClient(acme, SERVICE);
  let asked = 0;
  const counting: typeof fetch = (url, init) => {
    if (String(url).endsWith('/token')) asked += 1;
    return here(url, init);
  };
  const token = createServiceTokens({
    ...{ issuer, clientId: service.id, clientSecret: service.secret ?? '' },
    ...{ scope: 'users:read', fetch: counting },
  });
  const client = createClient({ url: house.url, token });
  const pages = await Promise.all([1, 2, 3].map((first) => listUsers(client, { first })));
  expect(pages.every((page) => page.nodes.length > 0)).toBe(true);
  expect(asked).toBe(1);
  const unknown = createServiceTokens({
    ...{ issuer, clientId: service.id, clientSecret: 'sgcs_wrong', fetch: here },
  });
  await expect(unknown()).rejects.toMatchObject({ code: 'invalid_client' });
});

test('E05 E06 an API takes its own access tokens only; of opaque ones it asks', async () => {
  const identifier = 'https://ledger.example.com';
  await make.resource(acme, { identifier, tokenFormat: 'OPAQUE' });
  const service = await makeClient(acme, { ...SERVICE, audiences: [identifier, ORDERS] });
  const credentials = { clientId: service.id, clientSecret: service.secret ?? '' };
  const tokenFor = (resource: string) =>
    createServiceTokens({ issuer, ...credentials, resource, fetch: here })();
  const common = { issuer, fetch: here, now: () => house.clock.ms() };
  const orders = createVerifier({ ...common, audience: ORDERS });
  const ledger = createVerifier({ ...common, audience: identifier, introspect: credentials });
  const [forOrders, forLedger] = [await tokenFor(ORDERS), await tokenFor(identifier)];
  expect(await orders.verify(forOrders)).toMatchObject({ sub: service.id, client_id: service.id });
  expect(await ledger.verify(forLedger)).toMatchObject({ client_id: service.id, iss: issuer });
  await expect(orders.verify(forLedger)).rejects.toMatchObject({ code: 'invalid_token' });
  await expect(ledger.verify(forOrders)).rejects.toMatchObject({ code: 'invalid_token' });
  const site = siteOf();
  const out = await site.signOut((await signedIn(site)).cookie);
  const idToken = new URL(out.location).searchParams.get('id_token_hint') ?? '';
  const forApp = createVerifier({ ...common, audience: app.id });
  await expect(forApp.verify(idToken)).rejects.toMatchObject({ code: 'invalid_token' });
  await run(acme, 'disableClient', 'client { id }', { id: service.id });
  house.clock.advance(1_000);
  await expect(ledger.verify(forLedger)).rejects.toThrow();
});

const SERVICE = {
  type: 'SERVICE',
  redirectUris: [],
  firstParty: false,
  apiScopes: ['users:read'],
};
