/** What may be asked for, and how: PKCE, grants, and everything that discovery promises (security.md F). */
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  SignJWT,
} from 'jose';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { openPlan } from '../kit/conformance.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { run } from '../kit/make.ts';
import { fetchAt, follow, formOf } from '../kit/relying-party.ts';

const house = await openHouse();
const plan = await openPlan(house);
const { ada, config, issuer } = plan;
const metadata = config.serverMetadata() as oidc.ServerMetadata & Record<string, string[]>;
/** What is not `code` is answered in a fragment. */
const refusal = ({ url }: { url: URL | null }) =>
  url?.searchParams.get('error') ?? new URLSearchParams(url?.hash.slice(1)).get('error');

test('F05 T27 PKCE is asked of everybody, by S256', async () => {
  const none = { code_challenge: undefined, code_challenge_method: undefined };
  const { config: spa } = await plan.register({ type: 'SPA' });
  for (const at of [config, spa]) {
    expect(refusal(await plan.ask(none, { config: at, who: null }))).toBe('invalid_request');
    for (const method of ['plain', 'S512', '', undefined])
      expect(
        refusal(await plan.ask({ code_challenge_method: method }, { config: at, who: null })),
      ).toBe('invalid_request');
    for (const challenge of ['x'.repeat(42), `${'x'.repeat(42)}=`, 'x'.repeat(129), ''])
      expect(
        refusal(await plan.ask({ code_challenge: challenge }, { config: at, who: null })),
      ).toBe('invalid_request');
  }
});

test('F05 F04 a code is good with its own verifier alone', async () => {
  const attempt = async (verifier: (own: string) => string | undefined) => {
    const { url, begun } = await plan.ask();
    const asked = verifier(begun.verifier);
    const basic = btoa(`${plan.client.id}:${plan.client.secret}`);
    const answer = await plan.fetch('/oauth2/token', {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: url?.searchParams.get('code') ?? '',
        redirect_uri: begun.url.searchParams.get('redirect_uri') ?? '',
        ...(asked === undefined ? {} : { code_verifier: asked }),
      }),
    });
    const { error } = (await answer.json()) as { error?: string };
    return { status: answer.status, error };
  };
  expect(await attempt((own) => own)).toEqual({ status: 200, error: undefined });
  for (const wrong of [
    () => undefined,
    () => '',
    () => 'v'.repeat(42),
    () => 'v'.repeat(43),
    () => 'v'.repeat(129),
    (own: string) => own.toUpperCase(),
    (own: string) => `${own.slice(0, 42)}ü`,
  ]) {
    const { status, error } = await attempt(wrong);
    expect(status).toBe(400);
    expect(error).toMatch(/^invalid_(?:grant|request)$/);
  }
});

test('F06 no implicit flow, no passwords for programs, no grant that is not the client’s', async () => {
  for (const type of ['token', 'id_token', 'id_token token', 'code token', 'code id_token', 'none'])
    expect(refusal(await plan.ask({ response_type: type }, { who: null }))).toBe(
      'unsupported_response_type',
    );
  const grant = (at: oidc.Configuration, type: string, parameters = {}) =>
    oidc.genericGrantRequest(at, type, parameters).then(
      () => 'taken',
      (error: { error?: string }) => error.error,
    );
  const { email: username, password } = ada;
  expect(await grant(config, 'password', { username, password })).toBe('unsupported_grant_type');
  expect(await grant(config, 'client_credentials')).toBe('unauthorized_client');
  const { config: once } = await plan.register({ grantTypes: ['authorization_code'] });
  const { tokens } = await plan.signIn({}, { config: once });
  expect(tokens.refresh_token).toBeUndefined();
  expect(await grant(once, 'refresh_token', { refresh_token: 'x' })).toBe('unauthorized_client');
});

test('F06 T28 an interaction goes on with what was asked at first', async () => {
  const { window, begun, page } = await plan.ask(
    { scope: 'openid', prompt: 'consent' },
    { who: null },
  );
  const form = formOf(page);
  const { email, password } = ada;
  const next = await window.post(form?.action ?? '', { ...form?.hidden, email, password });
  const consent = await follow(window, next.location ?? '');
  const allowed = await window.post(formOf(consent.page)?.action ?? '', { consent: 'allow' });
  const changed = new URLSearchParams({
    response_type: 'token',
    scope: 'openid email',
    redirect_uri: 'https://evil.example',
    state: 'other',
  });
  const answer = await follow(window, `${allowed.location}?${changed}`);
  expect(answer.url?.searchParams.get('state')).toBe(begun.state);
  const tokens = await plan.redeem({ ...answer, begun, window });
  expect(tokens.scope).toBe('openid');
});

test('F11 iss stands in every answer, good or bad', async () => {
  const good = await plan.ask();
  const bad = await plan.ask({ prompt: 'none' }, { who: null });
  for (const { url } of [good, bad]) expect(url?.searchParams.get('iss')).toBe(issuer);
  for (const path of ['oauth-authorization-server', 'openid-configuration']) {
    const root = `/t/${plan.tenant.slug}`;
    for (const place of [`/.well-known/${path}${root}`, `${root}/.well-known/${path}`]) {
      const told = await (await fetchAt(house)(`${PUBLIC_URL}${place}`)).json();
      expect(told).toEqual(await (await plan.fetch('/.well-known/openid-configuration')).json());
    }
  }
});

test('F11 every endpoint, scope, claim, mode and class that is promised is there', async () => {
  for (const [name, url] of Object.entries(metadata)) {
    if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue;
    const method = /token|introspection|revocation|pushed|device/.test(name) ? 'POST' : 'GET';
    const { status } = await fetchAt(house)(String(url), { method, redirect: 'manual' });
    expect(`${name} ${status}`).not.toMatch(/ (?:404|405|5\d\d)$/);
  }
  const scopes = metadata['scopes_supported'] ?? [];
  const { config: all } = await plan.register({ identityScopes: scopes });
  const { tokens } = await plan.signIn(
    { scope: scopes.join(' '), prompt: 'consent' },
    { config: all },
  );
  expect(tokens.scope?.split(' ').toSorted()).toEqual(scopes.toSorted());
  for (const mode of metadata['response_modes_supported'] ?? []) {
    const { url, page } = await plan.ask({ response_mode: mode });
    const fragment = new URLSearchParams(url?.hash.slice(1));
    const [query, form] = [url?.searchParams, formOf(page)?.hidden];
    const by = {
      query: query?.get('code'),
      fragment: fragment.get('code'),
      form_post: form?.['code'],
    };
    expect(by[mode as 'query']).toBeTruthy();
  }
  const missing = { iss: 1, sub: 1, sid: 1, acr: 1, amr: 1, auth_time: 1 };
  const about = (metadata['claims_supported'] ?? []).filter((claim) => !(claim in missing));
  const claims = { userinfo: Object.fromEntries(about.map((claim) => [claim, null])) };
  const asked = await plan.signIn(
    { scope: 'openid', claims: JSON.stringify(claims) },
    { config: all },
  );
  const user = await oidc.fetchUserInfo(all, asked.tokens.access_token, ada.id);
  expect(Object.keys(user).toSorted()).toEqual(['sub', ...about].toSorted());
  for (const language of metadata['ui_locales_supported'] ?? []) {
    const { page } = await plan.ask({ ui_locales: language }, { who: null });
    expect(page.text).toContain(`<html lang="${language}">`);
  }
});

test('F11 every algorithm and way to authenticate that is promised works', async () => {
  for (const idTokenAlg of metadata['id_token_signing_alg_values_supported'] ?? []) {
    const { config: at } = await plan.register({ idTokenAlg });
    const { tokens } = await plan.signIn({}, { config: at });
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe(idTokenAlg);
  }
  for (const grant of metadata['grant_types_supported'] ?? []) {
    const asked = oidc.genericGrantRequest(config, grant, {});
    await expect(asked).rejects.not.toMatchObject({ error: 'unsupported_grant_type' });
  }
  for (const method of metadata['token_endpoint_auth_methods_supported'] ?? []) {
    if (method === 'private_key_jwt') continue;
    const type = method === 'none' ? 'SPA' : 'WEB';
    const { client } = await plan.register({ type, tokenEndpointAuthMethod: method });
    const auth = {
      none: oidc.None(),
      client_secret_basic: oidc.ClientSecretBasic(client.secret ?? 'none'),
      client_secret_post: oidc.ClientSecretPost(client.secret ?? 'none'),
    }[method as 'none'];
    const at = new oidc.Configuration(metadata, client.id, undefined, auth);
    at[oidc.customFetch] = fetchAt(house) as never;
    expect((await plan.signIn({}, { config: at })).tokens.claims()?.aud).toBe(client.id);
  }
  for (const alg of metadata['token_endpoint_auth_signing_alg_values_supported'] ?? [])
    expect(await byKey(alg)).toBe(200);
});

async function byKey(alg: string) {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const { client } = await run<{ client: { id: string } }>(
    plan.tenant,
    'createClient',
    'client { id }',
    {
      name: alg,
      type: 'SERVICE',
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [{ ...jwk, kid, alg, use: 'sig' }] },
      apiScopes: ['users:read'],
    },
  );
  const assertion = await new SignJWT({ jti: kid })
    .setProtectedHeader({ alg, kid })
    .setIssuer(client.id)
    .setSubject(client.id)
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(pair.privateKey);
  const { status } = await plan.fetch('/oauth2/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  return status;
}
