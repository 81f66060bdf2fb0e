/** Where answers go, and who may read them: redirects, forms and origins (RFC 9700, 4.1, 4.12; security.md F). */
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { expectErrorPage, openPlan } from '../kit/conformance.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { CALLBACK, follow, formOf } from '../kit/relying-party.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const plan = await openPlan(house);
const { ada, tenant } = plan;
const root = `/t/${tenant.slug}`;

/** What is close to https://app.example.com/callback, and none of it. */
const CLOSE = [
  `${CALLBACK}/`,
  `${CALLBACK}/.`,
  `${CALLBACK}//`,
  `${CALLBACK}?`,
  `${CALLBACK}?next=https://evil.example`,
  `${CALLBACK}#`,
  `${CALLBACK}#fragment`,
  `${CALLBACK}%00`,
  `${CALLBACK}%20`,
  `${CALLBACK} `,
  ` ${CALLBACK}`,
  `${CALLBACK}\t`,
  `${CALLBACK}\r\nLocation: https://evil.example`,
  `${CALLBACK};`,
  `${CALLBACK};/`,
  `${CALLBACK}..;/`,
  `${CALLBACK}/../other`,
  `${CALLBACK}/%2e%2e/other`,
  `${CALLBACK}/%252e%252e/other`,
  `${CALLBACK}\\`,
  `${CALLBACK}.evil.example`,
  `${CALLBACK}@evil.example`,
  `${CALLBACK},https://evil.example`,
  `${CALLBACK} https://evil.example`,
  'https://app.example.com/Callback',
  'https://app.example.com/CALLBACK',
  'https://app.example.com/c%61llback',
  'https://app.example.com//callback',
  'https://app.example.com/./callback',
  'https://app.example.com/x/../callback',
  'https://app.example.com/x/%2e%2e/callback',
  'https://app.example.com/..;/callback',
  'https://app.example.com\\callback',
  'https://app.example.com/',
  'https://app.example.com',
  'https://app.example.com:443/callback',
  'https://app.example.com:8443/callback',
  'https://app.example.com:@evil.example/callback',
  'https://app.example.com@evil.example/callback',
  'https://app.example.com%40evil.example/callback',
  'https://app.example.com%2eevil.example/callback',
  'https://app.example.com.evil.example/callback',
  'https://app.example.com./callback',
  'https://APP.example.com/callback',
  'HTTPS://app.example.com/callback',
  'https:app.example.com/callback',
  'https:/app.example.com/callback',
  'https:///app.example.com/callback',
  '//app.example.com/callback',
  '/callback',
  'callback',
  'http://app.example.com/callback',
  'http://localhost@evil.example/callback',
  'http://localhost:80@evil.example/callback',
  'https://user:password@app.example.com/callback',
  'https://app。example.com/callback',
  'https://аpp.example.com/callback',
  'https://app.example.com/callbacḱ',
  'https://evil.example/callback',
  'https://evil.example/https://app.example.com/callback',
  'javascript:alert(1)//https://app.example.com/callback',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'blob:https://app.example.com/callback',
  'com.example.app:/callback',
  'urn:ietf:wg:oauth:2.0:oob',
  '*',
  'null',
  'undefined',
];

test('F01 T15 a redirect URI is the registered one to the letter, or nobody is sent anywhere', async () => {
  expect(CLOSE.length).toBeGreaterThanOrEqual(60);
  for (const redirect_uri of CLOSE) {
    const answer = await plan.ask({ redirect_uri }, { who: null });
    expectErrorPage(answer);
    expect(answer.page.headers['refresh']).toBeUndefined();
    expect(answer.page.text).not.toMatch(/evil\.example|alert\(1\)/);
  }
});

test('F01 T28 none, or two of them', async () => {
  expectErrorPage(await plan.ask({ redirect_uri: undefined }, { who: null }));
  const { begun } = await plan.ask({}, { who: null });
  for (const second of [CALLBACK, 'https://evil.example/callback']) {
    const path = `${begun.url.href.replace(PUBLIC_URL, '')}&redirect_uri=${encodeURIComponent(second)}`;
    expectErrorPage({ url: null, page: await browser(house).get(path) });
  }
});

test('F01 the port of an app’s own loopback address may vary, and nothing else of it', async () => {
  const { config } = await plan.register({
    type: 'NATIVE',
    redirectUris: ['http://127.0.0.1:1/back', 'com.example.app:/back'],
  });
  const ask = (redirect_uri: string) => plan.ask({ redirect_uri }, { config, who: null });
  for (const good of [
    'http://127.0.0.1:50123/back',
    'http://127.0.0.1/back',
    'com.example.app:/back',
  ])
    expect((await ask(good)).seen).toContain(`${root}/login`);
  for (const bad of [
    'http://localhost:50123/back',
    'http://127.0.0.2:50123/back',
    'http://127.0.0.1:50123/back/',
    'http://127.0.0.1:50123@evil.example/back',
    'https://127.0.0.1:50123/back',
    'com.example.app:/back/',
  ])
    expectErrorPage(await ask(bad));
});

test('F18 scripts of a registered origin may ask for tokens, without cookies; nobody may ask at the pages', async () => {
  const { client, config } = await plan.register({ type: 'SPA' });
  const own = 'https://app.example.com';
  const foreign = 'https://evil.example';
  const ask = async (path: string, origin: string, init: RequestInit = {}) => {
    const headers = { origin, ...(init.headers as Record<string, string>) };
    const answer = await plan.fetch(path, { redirect: 'manual', ...init, headers });
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    return { status: answer.status, allowed: answer.headers.get('access-control-allow-origin') };
  };
  const { tokens } = await plan.signIn({}, { config });
  const refresh = () => ({
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: client.id,
      refresh_token: tokens.refresh_token ?? '',
    }),
  });
  expect(await ask('/oauth2/token', foreign, refresh())).toEqual({ status: 400, allowed: null });
  expect(await ask('/oauth2/token', own, refresh())).toEqual({ status: 200, allowed: own });
  const bearer = { headers: { authorization: `Bearer ${tokens.access_token}` } };
  expect(await ask('/oauth2/userinfo', foreign, bearer)).toEqual({ status: 400, allowed: null });
  expect(await ask('/oauth2/userinfo', own, bearer)).toEqual({ status: 200, allowed: own });
  for (const path of ['/oauth2/authorize', '/oauth2/logout', '/login', '/account'])
    for (const method of ['GET', 'OPTIONS'])
      expect((await ask(path, own, { method })).allowed).toBeNull();
});

test('F19 what follows a form is a 303, and no page may be framed', async () => {
  const window = browser(house);
  const { page: login } = await plan.ask({ prompt: 'consent' }, { window, who: null });
  const form = formOf(login);
  const signedIn = await window.post(form?.action ?? '', {
    ...form?.hidden,
    email: ada.email,
    password: ada.password,
  });
  expect(signedIn.status).toBe(303);
  const consent = await follow(window, signedIn.location ?? '');
  const allowed = await window.post(formOf(consent.page)?.action ?? '', { consent: 'allow' });
  expect(allowed.status).toBe(303);
  const sent = await window.get((allowed.location ?? '').replace(PUBLIC_URL, ''));
  expect(sent.status).toBe(303);
  const logout = await window.get(`${root}/oauth2/logout`);
  const asked = formOf(logout);
  const confirm = (asked?.action ?? '').replace(PUBLIC_URL, '');
  const out = await window.post(confirm, { ...asked?.hidden, logout: 'yes' });
  expect(out.status).toBe(303);
  const wrong = await window.get(`${root}/oauth2/authorize`);
  const formPost = await plan.ask({ response_mode: 'form_post' });
  for (const { headers, status } of [login, consent.page, logout, wrong, formPost.page]) {
    expect(status === 200 || status === 400).toBe(true);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['cache-control']).toContain('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});

test('F20 state and nonce come back to the letter, in a query and in a form', async () => {
  const odd = `"'><script>alert(1)</script>&amp;&quot; +%20%00/\\ü€😀`;
  const state = odd + 's'.repeat(2048);
  const nonce = odd + 'n'.repeat(128);
  const answer = await plan.ask({ state, nonce });
  expect(answer.url?.searchParams.get('state')).toBe(state);
  const tokens = await plan.redeem({ ...answer, begun: { ...answer.begun, state, nonce } });
  expect(tokens.claims()?.nonce).toBe(nonce);
  const { page } = await plan.ask({ state, nonce, response_mode: 'form_post' });
  const form = formOf(page);
  expect(form?.action).toBe(CALLBACK);
  expect(form?.hidden).toMatchObject({ state, iss: plan.issuer, code: expect.any(String) });
  expect(page.text).not.toContain('<script>');
  const refused = await plan.ask(
    { state, response_mode: 'form_post', prompt: 'none' },
    { who: null },
  );
  expect(formOf(refused.page)?.hidden).toMatchObject({ state, error: 'login_required' });
});

test('T14 an issuer’s links are its own, whatever Host says', async () => {
  const { text } = await send(house.url, {
    path: `${root}/.well-known/openid-configuration`,
    headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
  });
  expect(text).not.toContain('evil.example');
  expect(JSON.parse(text).issuer).toBe(plan.issuer);
});
