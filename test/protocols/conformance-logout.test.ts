/**
 * The OpenID conformance suite's plans oidcc-rp-initiated-logout and oidcc-backchannel-rp-initiated-
 * logout, each module by its name.
 */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createRemoteJWKSet, customFetch, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { afterAll, expect, test } from 'vitest';
import type { Browser } from '../kit/browser.ts';
import { makeCertificate } from '../kit/certificate.ts';
import { type Answered, openPlan, SIGNED_OUT } from '../kit/conformance.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { hurry } from '../kit/hurry.ts';
import { fetchAt, follow, formOf } from '../kit/relying-party.ts';
import { until } from '../kit/until.ts';

/** A client's own server: takes logout tokens. */
const heard: string[] = [];
const listener = createServer(trusted(), async (request, response) => {
  heard.push(new URLSearchParams(await text(request)).get('logout_token') ?? '');
  response.writeHead(200, { 'cache-control': 'no-store' }).end();
});
listener.listen(0, '127.0.0.1');
await once(listener, 'listening');
afterAll(() => listener.close());
const place = `127.0.0.1:${(listener.address() as AddressInfo).port}`;

function trusted() {
  const made = makeCertificate('127.0.0.1');
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, made.cert]);
  afterAll(() => setDefaultCACertificates(before));
  return made;
}

const house = await openHouse({ env: { OUTBOUND_ALLOW: place } });
const plan = await openPlan(house);
const { issuer, ada } = plan;
const at = `/t/${plan.tenant.slug}/oauth2/logout`;

type Parameters = Readonly<Record<string, string>>;

/** Signs in, goes to the end of the session, and agrees where asked. */
async function logOut(
  parameters: (idToken: string) => Parameters | Promise<Parameters>,
  config = plan.config,
) {
  const { answer, tokens } = await plan.signIn({}, { config });
  const { window } = answer;
  const asked = await parameters(tokens.id_token ?? '');
  const page = await window.get(`${at}?${new URLSearchParams(asked)}`);
  return { window, tokens, page };
}

async function agree(window: Browser, page: Answered['page']): Promise<Answered['page']> {
  const form = formOf(page);
  if (!form) throw new Error(`no question: ${page.status} ${page.text}`);
  const sent = { ...form.hidden, logout: 'yes' };
  const next = await window.post(form.action.replace(PUBLIC_URL, ''), sent);
  if (!next.location?.startsWith(PUBLIC_URL)) return next;
  return (await follow(window, next.location)).page;
}

async function expectSignedOut(window: Browser): Promise<void> {
  const { url } = await plan.ask({ prompt: 'none' }, { window, who: null });
  expect(url?.searchParams.get('error')).toBe('login_required');
}

/** Stays here, says what is wrong or asks, and ends nothing by itself. */
async function expectNotSent(window: Browser, page: Answered['page']): Promise<void> {
  expect(page.location).toBeNull();
  expect([200, 400]).toContain(page.status);
  if (page.status === 200) expect(page.text).toContain('name="logout"');
  expect(page.text).not.toContain(SIGNED_OUT);
  const { url } = await plan.ask({ prompt: 'none' }, { window, who: null });
  expect(url?.searchParams.has('code')).toBe(true);
}

const back = { post_logout_redirect_uri: SIGNED_OUT };

test('oidcc-rp-initiated-logout-discovery-endpoint-verification', async () => {
  expect(plan.config.serverMetadata().end_session_endpoint).toBe(`${issuer}/oauth2/logout`);
});

test('oidcc-rp-initiated-logout', async () => {
  const { window, page } = await logOut((id_token_hint) => ({
    id_token_hint,
    ...back,
    state: 'a state & more',
  }));
  const { location } = await agree(window, page);
  expect(location?.startsWith(`${SIGNED_OUT}?`)).toBe(true);
  expect(new URL(location ?? '').searchParams.get('state')).toBe('a state & more');
  await expectSignedOut(window);
});

test('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', async () => {
  const { window, page } = await logOut((id_token_hint) => ({
    id_token_hint,
    post_logout_redirect_uri: 'https://app.example.com/elsewhere',
    state: 'x',
  }));
  await expectNotSent(window, page);
  expect(page.text).not.toContain('elsewhere');
});

test('oidcc-rp-initiated-logout-modified-id-token-hint', async () => {
  const { window, page } = await logOut((token) => {
    const [, claims] = token.split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    return { id_token_hint: `${header}.${claims}.`, ...back };
  });
  await expectNotSent(window, page);
});

test('oidcc-rp-initiated-logout-no-id-token-hint', async () => {
  const { window, page } = await logOut(() => ({ ...back, state: 'x' }));
  await expectNotSent(window, page);
});

test.for([
  ['no-params', {}],
  ['only-state', { state: 'only' }],
] as const)('oidcc-rp-initiated-logout-%s', async ([, parameters]) => {
  const { window, page } = await logOut(() => parameters);
  const last = await agree(window, page);
  expect(last.text).toContain('You have signed out.');
  await expectSignedOut(window);
});

test('oidcc-rp-initiated-logout-no-post-logout-redirect-uri', async () => {
  const { window, page } = await logOut((id_token_hint) => ({ id_token_hint, state: 'x' }));
  const last = await agree(window, page);
  expect(last.text).toContain('You have signed out.');
  await expectSignedOut(window);
});

test('oidcc-rp-initiated-logout-no-state', async () => {
  const { window, page } = await logOut((id_token_hint) => ({ id_token_hint, ...back }));
  expect((await agree(window, page)).location).toBe(SIGNED_OUT);
  await expectSignedOut(window);
});

test('oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', async () => {
  const { window, page } = await logOut((id_token_hint) => ({
    id_token_hint,
    post_logout_redirect_uri: `${SIGNED_OUT}?foo=bar`,
  }));
  await expectNotSent(window, page);
});

test('oidcc-rp-initiated-logout-bad-id-token-hint', async () => {
  const { privateKey } = await generateKeyPair('RS256');
  const { window, page } = await logOut(async () => ({
    ...back,
    id_token_hint: await new SignJWT({ sub: ada.id })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(issuer)
      .setAudience(plan.client.id)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey),
  }));
  await expectNotSent(window, page);
});

test('oidcc-backchannel-logout-discovery-endpoint-verification', async () => {
  expect(plan.config.serverMetadata()).toMatchObject({
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    end_session_endpoint: `${issuer}/oauth2/logout`,
  });
});

test('oidcc-backchannel-rp-initiated-logout', async () => {
  const backchannelLogoutUri = `https://${place}/backchannel`;
  const { client, config } = await plan.register({ backchannelLogoutUri });
  const { window, tokens, page } = await logOut(
    (id_token_hint) => ({ id_token_hint, ...back, state: 'x' }),
    config,
  );
  const { location } = await agree(window, page);
  expect(location).toBe(`${SIGNED_OUT}?state=x`);
  await expectSignedOut(window);
  hurry('logout-token.send');
  const token = await until(() => heard.at(0), { what: 'a logout token' });
  const { iat, jti, exp, ...claims } = await verified(token, client.id);
  expect(claims).toEqual({
    iss: issuer,
    aud: client.id,
    sub: ada.id,
    sid: tokens.claims()?.['sid'],
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });
  expect(claims['sid']).toBeTruthy();
  expect(jti).toBeTruthy();
  expect((exp ?? 0) - (iat ?? 0)).toBeLessThanOrEqual(120);
  expect(heard).toHaveLength(1);
});

async function verified(token: string, audience: string) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), {
    [customFetch]: fetchAt(house) as never,
  });
  const currentDate = house.clock.now();
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience,
    currentDate,
    typ: 'logout+jwt',
    algorithms: ['RS256'],
  });
  return payload;
}
