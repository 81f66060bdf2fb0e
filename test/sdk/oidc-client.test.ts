/** @signet/sdk/oidc in a page: what is kept where, for how long, and who renews. */
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createOidcClient,
  type KeyStorage,
  type OidcClientOptions,
  type OwnPage,
} from '../../sdk/generated/oidc.ts';
import { browser } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { CALLBACK, fetchAt, follow, makeClient } from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const app = await makeClient(acme, {
  type: 'SPA',
  postLogoutRedirectUris: ['https://app.example.com/'],
});
const ada = await person(house, make, acme);
const here = fetchAt(house);

interface Tab extends OwnPage {
  /** Where it was sent last. */
  readonly went: string[];
  readonly shown: string[];
  readonly kept: Map<string, string>;
  go(url: string): void;
}

function storage(): KeyStorage & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

/** A tab; those of one `locks` wait for each other. */
function tab(locks = new Map<string, Promise<unknown>>()): Tab {
  const session = storage();
  const went: string[] = [];
  const shown: string[] = [];
  const location = {
    ...{ pathname: '/orders', search: '?page=2', hash: '' },
    assign: (url: string) => void went.push(url),
  };
  return {
    ...{ went, shown, location, sessionStorage: session, kept: session.kept },
    history: {
      replaceState(_state, _unused, url) {
        shown.push(url);
        Object.assign(location, { pathname: url, search: '', hash: '' });
      },
    },
    go(url) {
      const { pathname, search, hash } = new URL(url);
      Object.assign(location, { pathname, search, hash });
    },
    locked<T>(name: string, run: () => Promise<T>): Promise<T> {
      const turn = (locks.get(name) ?? Promise.resolve()).then(run, run);
      locks.set(name, turn);
      return turn;
    },
  };
}

const clientIn = (page: OwnPage, more: Partial<OidcClientOptions> = {}) =>
  createOidcClient({
    ...{ issuer: `${PUBLIC_URL}/t/${acme.slug}`, clientId: app.id, redirectUri: CALLBACK },
    ...{ fetch: here, page, postLogoutRedirectUri: 'https://app.example.com/' },
    ...more,
  });

async function signedIn(page: Tab, more: Partial<OidcClientOptions> = {}) {
  const client = clientIn(page, more);
  await client.signIn();
  const { url } = await follow(browser(house), page.went.at(-1) ?? '', ada);
  page.go(url?.href ?? '');
  return { client, url: url?.href ?? '', arrived: await client.handleCallback() };
}

function withTime() {
  vi.useFakeTimers({ toFake: ['Date'], now: house.clock.ms() });
  onTestFinished(() => void vi.useRealTimers());
  return (ms: number) => {
    house.clock.advance(ms);
    vi.setSystemTime(house.clock.ms());
  };
}

test('signs in, cleans the address, and keeps nothing that another script would find', async () => {
  const page = tab();
  const { client, arrived } = await signedIn(page);
  expect(arrived).toEqual({ returnTo: '/orders?page=2' });
  expect(page.shown).toEqual(['/callback']);
  expect(page.kept.size).toBe(0);
  expect(client.getUser()).toMatchObject({ sub: ada.id, email: ada.email });
  expect(await client.getAccessToken()).toBe(await client.getAccessToken());
  expect(await clientIn(page).getAccessToken()).toBeNull();
  expect(await client.handleCallback()).toBeNull();
});

test('a code is redeemed once, however often the page asks', async () => {
  const page = tab();
  const client = clientIn(page);
  await client.signIn({ returnTo: '/cart' });
  expect([...page.kept.values()].join()).toContain('verifier');
  const { url } = await follow(browser(house), page.went.at(-1) ?? '', ada);
  page.go(url?.href ?? '');
  const [one, two] = await Promise.all([client.handleCallback(), client.handleCallback()]);
  expect([one, two]).toEqual([{ returnTo: '/cart' }, { returnTo: '/cart' }]);
  page.go(url?.href ?? '');
  await expect(client.handleCallback()).rejects.toMatchObject({ code: 'unknown_state' });
  const other = tab();
  other.go(url?.href ?? '');
  await expect(clientIn(other).handleCallback()).rejects.toMatchObject({ code: 'unknown_state' });
  expect(other.shown).toEqual(['/callback']);
});

test('F07 tabs that share tokens renew them one at a time, and all go on', async () => {
  const later = withTime();
  const locks = new Map<string, Promise<unknown>>();
  const shared = storage();
  let renewals = 0;
  const counting: typeof fetch = (url, init) => {
    if (String(init?.body).includes('grant_type=refresh_token')) renewals += 1;
    return here(url, init);
  };
  const more = { storage: shared, fetch: counting };
  const { client } = await signedIn(tab(locks), more);
  const before = await client.getAccessToken();
  const others = [clientIn(tab(locks), more), clientIn(tab(locks), more)];
  later(880_000);
  const tokens = await Promise.all([client, client, ...others].map((one) => one.getAccessToken()));
  expect(renewals).toBe(1);
  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]).not.toBe(before);
  expect(others[0]?.getUser()?.sub).toBe(ada.id);
});

test('an outage signs nobody out; what was ended does', async () => {
  const later = withTime();
  let away = false;
  const { client } = await signedIn(tab(), {
    fetch: (url, init) => (away ? Promise.reject(new TypeError('failed')) : here(url, init)),
  });
  later(880_000);
  away = true;
  await expect(client.getAccessToken()).rejects.toMatchObject({ code: 'unavailable' });
  expect(client.getUser()).not.toBeNull();
  away = false;
  expect(await client.getAccessToken()).not.toBeNull();
  await run(acme, 'endUserSessions', '__typename', { userId: ada.id });
  later(880_000);
  expect(await client.getAccessToken()).toBeNull();
  expect(client.getUser()).toBeNull();
});

test('signing out forgets and revokes, and leads to the issuer', async () => {
  const page = tab();
  const shared = storage();
  const { client } = await signedIn(page, { storage: shared });
  const kept = JSON.parse([...shared.kept.values()][0] ?? '{}') as { refreshToken: string };
  await client.signOut();
  expect([shared.kept.size, client.getUser()]).toEqual([0, null]);
  const to = new URL(page.went.at(-1) ?? '');
  expect(to.pathname).toBe(`/t/${acme.slug}/oauth2/logout`);
  const again = await here(`${PUBLIC_URL}/t/${acme.slug}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'refresh_token', client_id: app.id, refresh_token: kept.refreshToken },
    }),
  });
  expect(await again.json()).toMatchObject({ error: 'invalid_grant' });
});

test('outside of a page it says so', () => {
  const { page: _, ...options } = {
    page: null,
    issuer: PUBLIC_URL,
    clientId: 'c',
    redirectUri: CALLBACK,
  };
  expect(() => createOidcClient(options)).toThrow('createWebSignIn');
  expect(() => clientIn(tab(), { issuer: 'http://id.example.com' })).toThrow('https');
});
