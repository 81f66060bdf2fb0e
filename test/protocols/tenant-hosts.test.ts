/** A tenant's own host: its pages at the root, its API, and nobody else (A20, C10, D05, T14). */
import { expect, test } from 'vitest';
import { hostedTenants } from '#features/tenants/tenants.store.ts';
import { type Browser, browser } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { lettersTo } from '../kit/mailbox.ts';
import { makers, run } from '../kit/make.ts';
import { mutationDocument } from '../kit/mutate.ts';
import { type Person, person } from '../kit/people.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const HOST = 'login.acme.test';
const acme = await make.tenant({ name: 'Acme', host: HOST });
const other = await make.tenant({ name: 'Other' });
const cookie = `__Host-s-${acme.slug}`;
const VIEWER = '{ viewer { actor { id } } }';
const ORIGIN = { origin: `https://${HOST}` };

/** The same browser, of whom every request goes to one host. */
function atHost(host: string, window: Browser = browser(house)) {
  const at = (headers = {}) => ({ host, ...headers });
  return {
    cookies: window.cookies,
    get: (path: string, headers = {}) => window.get(path, at(headers)),
    post: (path: string, fields: Record<string, string>, headers = {}) =>
      window.post(path, fields, at(headers)),
    gql: <T>(document: string, variables = {}, headers = {}) =>
      window.gql<T>(document, variables, at(headers)),
  };
}

async function signedIn(who: Person) {
  const window = atHost(HOST);
  await window.get('/login');
  const page = await window.post('/login', { email: who.email, password: who.password }, ORIGIN);
  return { window, page };
}

test('its pages stand at the root, and all that they name is there', async () => {
  const ada = await person(house, make, acme);
  const { window, page } = await signedIn(ada);
  expect([page.status, page.location]).toEqual([303, '/account']);
  expect([...window.cookies.keys()].sort()).toEqual([`__Host-form-${acme.slug}`, cookie]);
  const account = await window.get('/account');
  expect(account.text).toContain(`You are signed in as ${ada.email}`);
  const named = [...account.text.matchAll(/(?:href|action|src)="(\/[^"]*)"/g)].map((one) => one[1]);
  expect(named.length).toBeGreaterThan(8);
  for (const path of named) expect(path).not.toContain('/t/');
  expect((await window.get('/style.css')).headers['content-type']).toContain('text/css');
  expect((await window.get('/passkey.js')).status).toBe(200);
  expect((await window.get('/')).location).toBe('/login');
  expect((await window.get('/nowhere')).status).toBe(404);
  const refreshed = await window.post('/session/refresh', {}, { 'x-signet-csrf': '1' });
  expect(refreshed.status).toBe(200);
  expect((await window.post('/logout', {}, ORIGIN)).location).toBe('/logout');
});

test('the path with its name leads to the same pages, also at PUBLIC_URL', async () => {
  const { window } = await signedIn(await person(house, make, acme));
  const account = await window.get(`/t/${acme.slug}/account`);
  expect([account.status, account.text.includes('action="/logout"')]).toEqual([200, true]);
  const elsewhere = await browser(house).get(`/t/${acme.slug}/login`);
  expect(elsewhere.text).toContain(`action="/t/${acme.slug}/login"`);
});

test.each([HOST.toUpperCase(), `${HOST}:443`, `${HOST}:4000`])(
  'a host has other spellings: %s',
  async (host) => {
    expect((await atHost(host).get('/login')).status).toBe(200);
  },
);

const EVIL = [
  'evil.example',
  `${HOST}.evil.example`,
  `evil-${HOST}`,
  `${HOST}.`,
  `${HOST}@evil.example`,
  'id.signet.test',
  '127.0.0.1',
  '[::1]:4000',
  "' OR 1=1 --",
  '__proto__',
  'constructor',
];

test.each(EVIL)('A20 T14 at any other host there are no pages at the root: %s', async (host) => {
  const { status, text } = await send(house.url, { path: '/login', headers: { host } });
  expect(status).toBe(404);
  expect(text).not.toContain('Acme');
  const forwarded = await send(house.url, {
    path: '/login',
    headers: { 'x-forwarded-host': HOST, forwarded: `host=${HOST}` },
  });
  expect(forwarded.status).toBe(404);
});

test('D05 no other tenant is served there', async () => {
  const eve = await person(house, make, other);
  const window = atHost(HOST);
  for (const path of [`/t/${other.slug}/login`, `/t/${other.slug}`, '/t/', '/t/nobody/login'])
    expect((await window.get(path)).status).toBe(404);
  const foreign = await send(house.url, {
    method: 'POST',
    path: `/t/${other.slug}/login`,
    headers: { host: HOST },
    body: '',
  });
  expect(foreign.status).toBe(404);
  for (const path of ['/internal/graphql', '/internal/v1/tenants', '/internal'])
    expect((await window.get(path)).status).toBe(404);
  for (const mutation of ['startSignIn', 'requestPasswordReset', 'register']) {
    const input = mutation === 'startSignIn' ? {} : { email: eve.email };
    const { data } = await window.gql<Record<string, { code?: string }>>(
      mutationDocument(mutation),
      { input: { tenant: other.slug, ...input } },
    );
    expect([mutation, data[mutation]?.code]).toEqual([mutation, 'TENANT_NOT_OPEN']);
  }
  expect(await lettersTo(house, eve.email)).toEqual([]);
});

test('D05 the API knows callers of this tenant only', async () => {
  const at = { host: HOST };
  expect((await acme.gql(VIEWER, {}, at)).status).toBe(200);
  const [foreign, unknown] = [
    await other.rest('GET', '/v1/viewer', { headers: at }),
    await send(house.url, {
      path: '/v1/viewer',
      headers: { ...at, authorization: 'Bearer sgnt_unknown_0' },
    }),
  ];
  expect([foreign.status, unknown.status]).toEqual([401, 401]);
  const told = (text: string) => text.replace(/"requestId":"[^"]*"/, '');
  expect(told(foreign.text)).toBe(told(unknown.text));
  const eve = await person(house, make, other);
  const window = browser(house);
  await window.get(`/t/${other.slug}/login`);
  await window.post(`/t/${other.slug}/login`, { email: eve.email, password: eve.password });
  expect((await window.gql(VIEWER)).status).toBe(200);
  expect((await atHost(HOST, window).gql(VIEWER)).code).toBe('UNAUTHENTICATED');
  const ada = await person(house, make, acme);
  const both = atHost(HOST, window);
  await both.get('/login');
  await both.post('/login', { email: ada.email, password: ada.password }, ORIGIN);
  const { data } = await both.gql<{ viewer: { actor: { id: string } } }>(VIEWER);
  expect(data.viewer.actor.id).toBe(ada.id);
  const wrong = await both.gql(VIEWER, {}, { 'x-tenant-id': other.id });
  expect(wrong.code).toBe('UNAUTHENTICATED');
});

test('C10 a form comes from the origin where its page was shown', async () => {
  const ada = await person(house, make, acme);
  const fields = { email: ada.email, password: ada.password };
  const window = atHost(HOST);
  await window.get('/login');
  for (const origin of [PUBLIC_URL, `http://${HOST}`, 'https://evil.example', 'null'])
    expect((await window.post('/login', fields, { origin })).status).toBe(403);
  expect((await window.post('/login', fields, ORIGIN)).status).toBe(303);
  const path = `/t/${acme.slug}/login`;
  const shared = browser(house);
  await shared.get(path);
  expect((await shared.post(path, fields, ORIGIN)).status).toBe(403);
  expect((await shared.post(path, fields, { origin: PUBLIC_URL })).status).toBe(303);
});

test('A20 T14 links begin with the stored host, wherever they are asked for', async () => {
  for (const host of [HOST, 'evil.example', 'id.signet.test']) {
    const ada = await person(house, make, acme);
    const window = atHost(host);
    const root = host === HOST ? '' : `/t/${acme.slug}`;
    await window.get(`${root}/forgot`);
    await window.post(`${root}/forgot`, { email: ada.email });
    const [letter] = await lettersTo(house, ada.email);
    expect(letter?.link).toMatch(/^https:\/\/login\.acme\.test\/reset\?token=/);
    const { pathname, search } = new URL(letter?.link ?? '');
    const page = await atHost(HOST).get(pathname + search);
    expect(page.text).toContain('Choose a new password');
  }
});

test('passkeys belong to the host', async () => {
  const { window } = await signedIn(await person(house, make, acme));
  const made = await window.gql<{ enrolFactor: { creationOptions: { rp: object } } }>(
    mutationDocument('enrolFactor', 'creationOptions'),
    { input: { kind: 'PASSKEY', name: 'laptop' } },
  );
  expect(made.data.enrolFactor.creationOptions.rp).toMatchObject({ id: HOST });
});

test('a host that is taken away, and a tenant that is closed, are gone within a second', async () => {
  const moving = await make.tenant({ host: 'login.moving.test' });
  const page = () => atHost('login.moving.test').get('/login');
  await until(async () => (await page()).status === 200);
  await run(moving.operator, 'suspendTenant', 'tenant { id }', { id: moving.id });
  await until(async () => (await page()).status === 403);
  await run(moving.operator, 'activateTenant', 'tenant { id }', { id: moving.id });
  await until(async () => (await page()).status === 200);
  await run(moving.operator, 'updateTenant', 'tenant { id }', { id: moving.id, host: null });
  await until(async () => (await page()).status === 404);
});

test('whatever names strangers send, the database is asked once', async () => {
  const { services } = house;
  let asked = 0;
  const db = Object.assign(Object.create(services.db) as typeof services.db, {
    query: (text: string, values: readonly unknown[]) => {
      asked += 1;
      return services.db.query(text, values);
    },
  });
  const hosted = hostedTenants({ ...services, db });
  const names = Array.from({ length: 200 }, (_, n) => hosted.at(`unknown-${n}.example.com`));
  expect(new Set(await Promise.all(names))).toEqual(new Set([null]));
  expect(await hosted.at(HOST)).toMatchObject({ slug: acme.slug });
  for (const name of ['127.0.0.1', 'localhost', '', 'id.signet.test', 'a b.example'])
    expect(await hosted.at(name)).toBeNull();
  expect(asked).toBeLessThan(3);
});

test('a host is not that of everybody', async () => {
  await expect(make.tenant({ host: 'id.signet.test' })).rejects.toThrow(
    'must not be the host of PUBLIC_URL',
  );
});

test('under development a host is reached as PUBLIC_URL is', async () => {
  const local = await openHouse({ env: { PUBLIC_URL: 'http://localhost:4000' } });
  const { tenant } = await run<{ tenant: { issuer: string } }>(
    (await makers(local).tenant({ slug: 'dev' })).operator,
    'createTenant',
    'tenant { issuer }',
    { slug: 'hosted', name: 'Hosted', host: 'hosted.localhost' },
  );
  expect(tenant.issuer).toBe('http://hosted.localhost:4000');
});
