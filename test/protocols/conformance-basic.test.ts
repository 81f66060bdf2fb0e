/**
 * The OpenID conformance suite's plans oidcc-basic (its first half; the other is conformance-requests)
 * and oidcc-config, each module by its name. `npm run conformance` prints the scoreboard.
 */
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { ADDRESS, openPlan, SCOPES } from '../kit/conformance.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { run } from '../kit/make.ts';
import { CALLBACK, fetchAt } from '../kit/relying-party.ts';

const house = await openHouse();
const plan = await openPlan(house);
const { ada, issuer, client } = plan;

async function userinfo(token: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}`, ...init.headers };
  const answer = await plan.fetch('/oauth2/userinfo', { ...init, headers });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

async function metadata(): Promise<Record<string, unknown>> {
  const answer = await plan.fetch('/.well-known/openid-configuration');
  return (await answer.json()) as Record<string, unknown>;
}

test('oidcc-discovery-endpoint-verification', async () => {
  const answer = await plan.fetch('/.well-known/openid-configuration');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  const told = (await answer.json()) as Record<string, string | string[]>;
  expect(told).toMatchObject({
    issuer,
    response_types_supported: expect.arrayContaining(['code']),
    grant_types_supported: expect.arrayContaining(['authorization_code']),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
    scopes_supported: expect.arrayContaining(SCOPES),
    claims_supported: expect.arrayContaining(['sub', 'iss', 'name', 'email', 'auth_time', 'acr']),
    claims_parameter_supported: true,
    request_uri_parameter_supported: false,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: expect.arrayContaining(['client_secret_basic']),
  });
  for (const [name, value] of Object.entries(told)) {
    if (name.endsWith('_endpoint') || name === 'jwks_uri') expect(value).toMatch(`${issuer}/`);
    if (Array.isArray(value)) expect(new Set(value).size).toBe(value.length);
  }
  const { keys } = (await (await plan.fetch('/oauth2/jwks')).json()) as { keys: object[] };
  expect(new Set(keys.map((key) => (key as { kid: string }).kid)).size).toBe(keys.length);
  for (const key of keys) expect(key).not.toHaveProperty('d');
  expect(keys).toContainEqual(expect.objectContaining({ kty: 'RSA', alg: 'RS256', use: 'sig' }));
});

test('oidcc-server', async () => {
  const { tokens } = await plan.signIn();
  const claims = tokens.claims();
  expect(claims).toMatchObject({ iss: issuer, aud: client.id, sub: ada.id });
  expect((await userinfo(tokens.access_token))['sub']).toBe(ada.id);
});

test('oidcc-response-type-missing', async () => {
  const { url, page, begun } = await plan.ask({ response_type: undefined }, { who: null });
  const told = url?.searchParams;
  if (told) {
    expect(told.get('error')).toMatch(/^(invalid_request|unsupported_response_type)$/);
    expect(told.get('state')).toBe(begun.state);
  } else expect(page.status).toBe(400);
});

test('oidcc-idtoken-signature', async () => {
  const { tokens } = await plan.signIn();
  const token = tokens.id_token ?? '';
  const { kid, alg } = decodeProtectedHeader(token);
  expect(alg).toBe('RS256');
  expect(kid).toBeTruthy();
  const keys = createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), {
    [customFetch]: fetchAt(house) as never,
  });
  await jwtVerify(token, keys, { issuer, audience: client.id, algorithms: ['RS256'] });
});

test('oidcc-idtoken-unsigned', async () => {
  const told = await metadata();
  expect(told['id_token_signing_alg_values_supported']).not.toContain('none');
  const input = { name: 'Unsigned', type: 'WEB', redirectUris: [CALLBACK], idTokenAlg: 'none' };
  await expect(run(plan.tenant, 'createClient', 'secret', input)).rejects.toThrow();
});

test('oidcc-userinfo-get', async () => {
  const { tokens } = await plan.signIn();
  expect(await userinfo(tokens.access_token)).toMatchObject({ sub: ada.id, email: ada.email });
});

test('oidcc-userinfo-post-header', async () => {
  const { tokens } = await plan.signIn();
  expect(await userinfo(tokens.access_token, { method: 'POST' })).toMatchObject({ sub: ada.id });
});

test('oidcc-userinfo-post-body', async () => {
  const { tokens } = await plan.signIn();
  const body = new URLSearchParams({ access_token: tokens.access_token });
  const answer = await plan.fetch('/oauth2/userinfo', { method: 'POST', body });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ sub: ada.id });
});

test('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
  const { tokens } = await plan.signIn({ nonce: undefined });
  expect(tokens.claims()).not.toHaveProperty('nonce');
});

/** Whatever else was asked for. */
const ALWAYS = { sub: ada.id, oid: ada.id, tid: plan.tenant.id };

/** What each scope asks for (OpenID Connect Core, 5.4), as far as the house knows it of Ada. */
const CLAIMS = {
  profile: {
    name: 'Ada Lovelace',
    given_name: 'Ada',
    family_name: 'Lovelace',
    preferred_username: ada.email,
    locale: 'en',
    updated_at: expect.any(Number),
  },
  email: { email: ada.email, email_verified: false },
  address: { address: ADDRESS },
  phone: { phone_number: '+44 20 7946 0000', phone_number_verified: false },
};

test.for(Object.entries(CLAIMS))('oidcc-scope-%s', async ([scope, claims]) => {
  const { tokens } = await plan.signIn({ scope: `openid ${scope}` });
  const told = await userinfo(tokens.access_token);
  expect(told).toEqual({ ...ALWAYS, ...claims });
});

test('oidcc-scope-all', async () => {
  const { tokens } = await plan.signIn({ scope: 'openid profile email address phone' });
  const told = await userinfo(tokens.access_token);
  expect(told).toEqual(Object.assign({}, ALWAYS, ...Object.values(CLAIMS)));
});

test('oidcc-alternate-happy-flow', async () => {
  const answer = await plan.ask({ scope: 'email openid' });
  const turned = new URL(answer.begun.url);
  turned.search = String(new URLSearchParams([...answer.begun.url.searchParams].toReversed()));
  const { tokens } = await plan.signIn({ scope: 'email openid' });
  expect(await userinfo(tokens.access_token)).toMatchObject({ email: ada.email });
  const page = await answer.window.get(turned.href.replace(PUBLIC_URL, ''));
  expect(page.location).toContain(`${CALLBACK}?code=`);
});

test.for(['page', 'popup'])('oidcc-display-%s', async (display) => {
  const { answer } = await plan.signIn({ display });
  expect(answer.seen).toContain(`/t/${plan.tenant.slug}/login`);
});
