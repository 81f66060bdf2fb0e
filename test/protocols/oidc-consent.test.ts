/** What people are asked and what they take back; how sessions end at applications (security.md F12, F13). */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { makeCertificate } from '../kit/certificate.ts';
import { openPlan, SIGNED_OUT } from '../kit/conformance.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { hurry } from '../kit/hurry.ts';
import { makers, run } from '../kit/make.ts';
import { person, signIn } from '../kit/people.ts';
import { formOf } from '../kit/relying-party.ts';
import { until } from '../kit/until.ts';

/** An application's server: refuses as often as it is told, then takes logout tokens. */
const server = { refusals: 0, heard: [] as string[] };
const certificate = makeCertificate('127.0.0.1');
const before = getCACertificates('default');
setDefaultCACertificates([...before, certificate.cert]);
const listener = createServer(certificate, async (request, response) => {
  const token = new URLSearchParams(await text(request)).get('logout_token') ?? '';
  server.heard.push(token);
  server.refusals -= 1;
  response.writeHead(server.refusals >= 0 ? 503 : 204).end();
});
listener.listen(0, '127.0.0.1');
await once(listener, 'listening');
afterAll(() => {
  listener.close();
  setDefaultCACertificates(before);
});
const place = `127.0.0.1:${(listener.address() as AddressInfo).port}`;

const house = await openHouse({ env: { OUTBOUND_ALLOW: place } });
const plan = await openPlan(house);
const make = makers(house);
const { tenant, config } = plan;
const root = `/t/${tenant.slug}`;

test('F12 every scope is shown, once; what was not shown is not given', async () => {
  const ada = await person(house, make, tenant);
  const window = browser(house);
  const consents = async (parameters: Record<string, string>, who = ada) => {
    const answer = await plan.ask(parameters, { window, who });
    return {
      ...answer,
      asked: answer.seen.filter((path) => path.includes('/interaction/')).length,
    };
  };
  // Before the sign-in, after it, and for the consent.
  expect((await consents({ scope: 'openid' })).asked).toBe(3);
  expect((await consents({ scope: 'openid' })).asked).toBe(0);
  const silent = await consents({ scope: 'openid email', prompt: 'none' });
  expect(silent.url?.searchParams.get('error')).toBe('consent_required');
  const grown = await plan.ask({ scope: 'openid email' }, { window, who: null });
  expect(grown.page.text).toContain('See your e-mail address');
  const again = await plan.ask({ scope: 'openid', prompt: 'consent' }, { window, who: null });
  expect(again.page.text).toContain('Know that it is you');
  expect((await consents({ scope: 'openid', prompt: 'consent' })).asked).toBe(1);
});

test('F12 who does not allow it is taken back with access_denied', async () => {
  const ada = await person(house, make, tenant);
  const window = browser(house);
  await signIn(window, tenant, ada);
  const { page, begun } = await plan.ask({}, { window, who: null });
  const denied = await window.post(formOf(page)?.action ?? '', { consent: 'deny' });
  const sent = await window.get((denied.location ?? '').replace(PUBLIC_URL, ''));
  const { searchParams } = new URL(sent.location ?? '');
  expect(Object.fromEntries(searchParams)).toMatchObject({
    error: 'access_denied',
    state: begun.state,
    iss: plan.issuer,
  });
});

test('F12 F08 what was allowed is taken back on the account page, and its tokens with it', async () => {
  const ada = await person(house, make, tenant);
  const scope = 'openid email offline_access';
  const { answer, tokens } = await plan.signIn({ scope, prompt: 'consent' }, { who: ada });
  const { window } = answer;
  const account = await window.get(`${root}/account`);
  expect(account.text).toContain('<h2>Applications</h2>');
  const id = /name="id" value="(consent_[^"]+)"/.exec(account.text)?.[1] ?? '';
  const gone = await window.post(`${root}/account/consents`, { id });
  expect(gone.notice).toContain('Taken back');
  expect(gone.text).not.toContain('<h2>Applications</h2>');
  expect((await window.post(`${root}/account/consents`, { id })).status).toBe(200);
  await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  const asked = await plan.ask({ scope: 'openid' }, { window, who: null });
  expect(asked.page.text).toContain('name="consent"');
});

test('A09 nobody takes back what somebody else allowed', async () => {
  const [ada, bob] = [await person(house, make, tenant), await person(house, make, tenant)];
  const { answer } = await plan.signIn({}, { who: ada });
  const id = /name="id" value="(consent_[^"]+)"/.exec(
    (await answer.window.get(`${root}/account`)).text,
  )?.[1];
  const other = browser(house);
  await signIn(other, tenant, bob);
  await other.get(`${root}/account`);
  await other.post(`${root}/account/consents`, { id: id ?? '' });
  expect((await answer.window.get(`${root}/account`)).text).toContain(String(id));
});

test('F13 signing out asks, unless an ID token of whoever is there says who wants it', async () => {
  const [ada, bob] = [await person(house, make, tenant), await person(house, make, tenant)];
  const { answer, tokens } = await plan.signIn({}, { who: ada });
  const other = await plan.signIn({}, { who: bob });
  const { window } = answer;
  const at = `${root}/oauth2/logout`;
  const hinted = (token = '') => window.get(`${at}?id_token_hint=${token}`);
  for (const page of [await window.get(at), await hinted(other.tokens.id_token)]) {
    expect(page.text).toContain('Do you want to sign out?');
    expect(page.text).not.toContain('data-submit');
  }
  const foreign = await window.post(
    at,
    { post_logout_redirect_uri: SIGNED_OUT },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  );
  expect(foreign.status).toBe(303);
  expect(foreign.location).toContain(`${at}?`);
  const confirm = await window.post(`${at}/confirm`, { logout: 'yes', xsrf: 'guessed' });
  expect(confirm.status).toBe(400);
  expect((await window.get(`${root}/account`)).status).toBe(200);
  const stay = formOf(await window.get(at));
  const stayed = await window.post((stay?.action ?? '').replace(PUBLIC_URL, ''), {
    ...stay?.hidden,
  });
  const told = await window.get((stayed.location ?? '').replace(PUBLIC_URL, ''));
  expect(told.text).toContain('You are still signed in');
  const own = await hinted(tokens.id_token);
  expect(own.text).toContain('data-submit');
  const form = formOf(own);
  await window.post((form?.action ?? '').replace(PUBLIC_URL, ''), { ...form?.hidden });
  expect((await window.get(`${root}/account`)).location).toBe(`${root}/login`);
});

const told = await plan.register({ backchannelLogoutUri: `https://${place}/backchannel` });

/** However a session ends, but by its time. */
const ENDS = {
  'by an administrator': (id: string) =>
    run(tenant, 'endUserSessions', '__typename', { userId: id }),
  'by suspension': (id: string) => run(tenant, 'suspendUser', 'user { id }', { id }),
  'by a password that must be new': (id: string) =>
    run(tenant, 'requirePasswordReset', 'linkSent', { id }),
  'by its own page': async (_: string, window: ReturnType<typeof browser>) => {
    await window.get(`${root}/logout`);
    await window.post(`${root}/logout`, {});
  },
};

test.for(Object.entries(ENDS))(
  'a session that ends %s ends at the applications',
  async ([, end]) => {
    const ada = await person(house, make, tenant);
    const { answer, tokens } = await plan.signIn({}, { who: ada, config: told.config });
    await plan.ask({}, { window: answer.window, config: told.config });
    server.heard.length = 0;
    await end(ada.id, answer.window);
    hurry('logout-token.send');
    const token = await until(() => server.heard.at(0), { what: 'a logout token' });
    expect(decodeJwt(token)).toMatchObject({ sub: ada.id, sid: tokens.claims()?.['sid'] });
    expect(server.heard).toHaveLength(1);
  },
);

test('an application that does not answer is told again; one that went is not', async () => {
  const ada = await person(house, make, tenant);
  await plan.signIn({}, { who: ada, config: told.config });
  server.heard.length = 0;
  server.refusals = 1;
  await ENDS['by an administrator'](ada.id);
  hurry('logout-token.send');
  await until(() => server.heard.length === 1, { what: 'the first attempt' });
  await house.services.db.until(null, () =>
    until(async () => {
      await house.services.db.query(
        "UPDATE pgboss.job SET start_after = now() WHERE name = 'logout-token.send' AND state = 'retry'",
      );
      hurry('logout-token.send');
      return server.heard.length === 2;
    }),
  );
  const [first, second] = server.heard.map((token) => decodeJwt(token));
  expect(second?.['sid']).toBe(first?.['sid']);
  expect(second?.jti).not.toBe(first?.jti);
});

test('two applications know one session by two names', async () => {
  const ada = await person(house, make, tenant);
  const other = await plan.register({ backchannelLogoutUri: `https://${place}/other` });
  const one = await plan.signIn({}, { who: ada, config: told.config });
  const { window } = one.answer;
  const two = await plan.signIn({}, { window, who: ada, config: other.config });
  const again = await plan.signIn({}, { window, who: ada, config: told.config });
  expect(one.tokens.claims()?.['sid']).not.toBe(two.tokens.claims()?.['sid']);
  expect(again.tokens.claims()?.['sid']).toBe(one.tokens.claims()?.['sid']);
});
