/**
 * The second half of the plan oidcc-basic of the OpenID conformance suite: what a request may ask, how
 * often a code is good, and what must not be taken. Each module by its name.
 */
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { type Answered, expectErrorPage, openPlan } from '../kit/conformance.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { CALLBACK, follow } from '../kit/relying-party.ts';

const house = await openHouse();
const plan = await openPlan(house);
const { ada, config } = plan;
const login = `/t/${plan.tenant.slug}/login`;

const authTime = (tokens: { claims(): oidc.IDToken | undefined }) => tokens.claims()?.auth_time;
const isAsked = ({ seen }: Answered) => seen.some((path) => /\/(login|mfa)$/.test(path));
const told = ({ url }: Pick<Answered, 'url'>) => Object.fromEntries(url?.searchParams ?? []);

/** Twice in one browser; the second time `later` and with other parameters. */
async function twice(parameters: Record<string, string>, { later = 0, first = {} } = {}) {
  const { answer, tokens } = await plan.signIn(first);
  house.clock.advance(later);
  const hint = { id_token_hint: tokens.id_token ?? '' };
  const asked = 'id_token_hint' in parameters ? { ...parameters, ...hint } : parameters;
  const again = await plan.signIn(asked, { window: answer.window });
  return { tokens, next: again.tokens, answer: again.answer };
}

test('oidcc-prompt-login', async () => {
  const { tokens, next, answer } = await twice({ prompt: 'login' }, { later: 2_000 });
  expect(isAsked(answer)).toBe(true);
  expect(authTime(next)).toBeGreaterThan(authTime(tokens) as number);
  expect(next.claims()?.sub).toBe(ada.id);
});

test('oidcc-prompt-none-not-logged-in', async () => {
  const answer = await plan.ask({ prompt: 'none' }, { who: null });
  expect(told(answer)).toMatchObject({ error: 'login_required', state: answer.begun.state });
  expect(isAsked(answer)).toBe(false);
});

test('oidcc-prompt-none-logged-in', async () => {
  const { tokens, next, answer } = await twice({ prompt: 'none' }, { later: 2_000 });
  expect(isAsked(answer)).toBe(false);
  expect(next.claims()?.sub).toBe(ada.id);
  expect(authTime(next)).toBe(authTime(tokens));
});

test('oidcc-max-age-1', async () => {
  const { tokens, next, answer } = await twice({ max_age: '1' }, { later: 2_000 });
  expect(isAsked(answer)).toBe(true);
  expect(authTime(next)).toBeGreaterThan(authTime(tokens) as number);
});

test('oidcc-max-age-10000', async () => {
  const first = { max_age: '15000' };
  const { tokens, next, answer } = await twice({ max_age: '10000' }, { later: 2_000, first });
  expect(isAsked(answer)).toBe(false);
  expect(authTime(tokens)).toEqual(expect.any(Number));
  expect(authTime(next)).toBe(authTime(tokens));
});

test('oidcc-ensure-request-with-unknown-parameter-succeeds', async () => {
  await plan.signIn({ extra: 'foobar' });
});

test('oidcc-id-token-hint', async () => {
  const { tokens, next, answer } = await twice({ prompt: 'none', id_token_hint: '' });
  expect(isAsked(answer)).toBe(false);
  expect(next.claims()?.sub).toBe(tokens.claims()?.sub);
  expect(authTime(next)).toBe(authTime(tokens));
});

test('oidcc-login-hint', async () => {
  await plan.signIn({ login_hint: ada.email });
  const window = browser(house);
  const { page } = await plan.ask({ login_hint: ada.email }, { window, who: null });
  expect(page.text).toContain(`value="${ada.email}"`);
});

test('oidcc-ui-locales', async () => {
  await plan.signIn({ ui_locales: 'se' });
  const { page } = await plan.ask({ ui_locales: 'se de' }, { who: null });
  expect(page.text).toContain('<html lang="de">');
});

test('oidcc-claims-locales', async () => {
  await plan.signIn({ claims_locales: 'se' });
});

test('oidcc-ensure-request-with-acr-values-succeeds', async () => {
  const { tokens } = await plan.signIn({ acr_values: '1 2' });
  expect(tokens.claims()?.sub).toBe(ada.id);
  const { acr_values_supported: known = [] } = config.serverMetadata();
  const one = await plan.signIn({ acr_values: String(known.at(-1)) });
  expect(one.tokens.claims()?.['acr']).toBe(known.at(-1));
});

test.for([
  ['', 0],
  ['-30seconds', 30_000],
] as const)('oidcc-codereuse%s', async ([, later]) => {
  const { answer, tokens } = await plan.signIn();
  house.clock.advance(later);
  await expect(plan.redeem(answer)).rejects.toMatchObject({ error: 'invalid_grant' });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  expect((await plan.fetch('/oauth2/userinfo', { headers })).status).toBe(401);
});

test('oidcc-ensure-registered-redirect-uri', async () => {
  const answer = await plan.ask({ redirect_uri: `${CALLBACK}/other` }, { who: null });
  expectErrorPage(answer);
});

test('oidcc-ensure-post-request-succeeds', async () => {
  const { begun, window } = await plan.ask({}, { who: null });
  const path = begun.url.href.replace(PUBLIC_URL, '').split('?')[0] ?? '';
  const page = await window.post(path, Object.fromEntries(begun.url.searchParams));
  const answer = await follow(window, page.location ?? '', ada);
  const tokens = await plan.redeem({ ...answer, begun, window });
  expect(tokens.claims()?.sub).toBe(ada.id);
});

test('oidcc-server-client-secret-post', async () => {
  const { client } = await plan.register({ tokenEndpointAuthMethod: 'client_secret_post' });
  const at = await oidcAt(client.id, oidc.ClientSecretPost(client.secret ?? ''));
  const { tokens } = await plan.signIn({}, { config: at });
  expect(tokens.claims()).toMatchObject({ sub: ada.id, aud: client.id });
});

async function oidcAt(id: string, auth: oidc.ClientAuth): Promise<oidc.Configuration> {
  const made = new oidc.Configuration(config.serverMetadata(), id, undefined, auth);
  made[oidc.customFetch] = config[oidc.customFetch] as never;
  return made;
}

/** An unsigned request object (OpenID Connect Core, 6.1). */
function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}

test('oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported', async () => {
  const answer = await plan.ask({ request_uri: 'https://app.example.com/request' }, { who: null });
  expect(config.serverMetadata().request_uri_parameter_supported).toBe(false);
  expect(told(answer)).toMatchObject({
    error: 'request_uri_not_supported',
    state: answer.begun.state,
  });
});

test('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported', async () => {
  const request = unsigned({ client_id: plan.client.id, response_type: 'code' });
  const answer = await plan.ask({ request }, { who: null });
  expect(told(answer)).toMatchObject({
    error: 'request_not_supported',
    state: answer.begun.state,
  });
});

test('oidcc-claims-essential', async () => {
  const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
  const { tokens } = await plan.signIn({ scope: 'openid', claims });
  const user = await oidc.fetchUserInfo(config, tokens.access_token, ada.id);
  expect(user['name']).toBe('Ada Lovelace');
});

test('oidcc-ensure-request-object-with-redirect-uri', async () => {
  const inside = { client_id: plan.client.id, redirect_uri: CALLBACK };
  const answer = await plan.ask(
    { request: unsigned(inside), redirect_uri: `${CALLBACK}/other` },
    { who: null },
  );
  expectErrorPage(answer);
});

test('oidcc-refresh-token', async () => {
  const scope = 'openid email offline_access';
  const { tokens } = await plan.signIn({ scope, prompt: 'consent' });
  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  const [first, second] = [tokens.claims(), next.claims()];
  expect(second).toMatchObject({ iss: first?.iss, sub: first?.sub, aud: first?.aud });
  expect(authTime(next)).toBe(authTime(tokens));
  const user = await oidc.fetchUserInfo(config, next.access_token, ada.id);
  expect(user.email).toBe(ada.email);
  const other = await plan.register();
  const stolen = oidc.refreshTokenGrant(other.config, next.refresh_token ?? '');
  await expect(stolen).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
  const { answer, tokens } = await plan.signIn();
  expect(answer.begun.url.searchParams.get('code_challenge_method')).toBe('S256');
  expect(tokens.claims()?.sub).toBe(ada.id);
  expect(answer.seen).toContain(login);
});
