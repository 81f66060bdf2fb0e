/** Clients that register themselves (RFC 7591): who may, and what they become. */
import { createHash } from 'node:crypto';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import {
  ask,
  openRegistration,
  refusal,
  registered,
  takesRegistrations,
  WEB_APP,
} from '../kit/registration.ts';
import { CALLBACK, fetchAt, relyingParty, signInTo } from '../kit/relying-party.ts';
import { basic, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);

async function metadataOf(tenant: { slug: string }) {
  const answer = await fetch(`${house.url}/t/${tenant.slug}/.well-known/openid-configuration`);
  return (await answer.json()) as Record<string, unknown>;
}

test('nobody registers where the tenant has not said so, and the metadata says where one may', async () => {
  const tenant = await make.tenant();
  const { token } = await make.initialAccessToken(tenant);
  expect(await refusal(ask(house, tenant, 'POST', token, { body: WEB_APP }))).toEqual([
    403,
    'access_denied',
    expect.stringContaining('administrator'),
  ]);
  expect(await metadataOf(tenant)).not.toHaveProperty('registration_endpoint');
  await openRegistration(tenant);
  house.clock.advance(1_000);
  await expect
    .poll(() => metadataOf(tenant))
    .toHaveProperty('registration_endpoint', `${PUBLIC_URL}/t/${tenant.slug}/oauth2/register`);
  await registered(house, tenant, token);
});

test('a library registers a client, which people sign in to and are asked first', async () => {
  const { tenant, initial } = await takesRegistrations(house, make);
  const issuer = new URL(`${PUBLIC_URL}/t/${tenant.slug}`);
  const wish = { ...WEB_APP, grant_types: ['authorization_code', 'refresh_token'] };
  const dynamic = await oidc.dynamicClientRegistration(issuer, wish, undefined, {
    initialAccessToken: initial.token,
    [oidc.customFetch]: fetchAt(house) as never,
  });
  const { client_id: id, client_secret: secret } = dynamic.clientMetadata();
  expect(id).toMatch(/^client_[0-9a-z]{26}$/);
  const config = await relyingParty(house, tenant, { id, secret: secret ?? null });
  const { tokens, seen } = await signInTo(house, config, await person(house, make, tenant), {
    scope: 'openid email offline_access',
  });
  expect(tokens.refresh_token).toBeDefined();
  expect(seen.join(' ')).toContain('/interaction/');
  const { data } = await tenant.gql<{ client: object }>(
    'query ($id: ID!) { client(id: $id) { type firstParty publisher redirectUris createdBy apiScopes } }',
    { id },
  );
  expect(data?.client).toEqual({
    type: 'WEB',
    firstParty: false,
    publisher: null,
    redirectUris: [CALLBACK],
    createdBy: initial.id,
    apiScopes: [],
  });
});

test('what a client is told of itself', async () => {
  const { tenant, register } = await takesRegistrations(house, make);
  const { status, body, headers } = await register({ ...WEB_APP, contacts: ['a@example.com'] });
  expect(status).toBe(201);
  expect(headers['cache-control']).toBe('no-store');
  const id = String(body['client_id']);
  expect(body).toEqual({
    client_id: id,
    client_id_issued_at: Math.floor(house.clock.ms() / 1000),
    client_secret: expect.stringMatching(/^sgcs_/),
    client_secret_expires_at: 0,
    client_name: 'App',
    application_type: 'web',
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: [],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'RS256',
    scope: 'email openid profile',
    registration_access_token: expect.stringMatching(/^sgra_/),
    registration_client_uri: `${PUBLIC_URL}/t/${tenant.slug}/oauth2/register/${id}`,
  });
});

test('APIs of the tenant are open to all that register, where the policy says so', async () => {
  const tenant = await make.tenant();
  const api = await make.resource(tenant, {
    scopes: [{ name: 'orders:read', description: 'See orders' }],
  });
  await openRegistration(tenant, {
    audiences: [api.identifier],
    grantTypes: ['client_credentials'],
    apiScopes: ['users:read', 'groups:read'],
  });
  const { token } = await make.initialAccessToken(tenant, { apiScopes: ['users:read'] });
  const wish = { grant_types: ['client_credentials'], scope: 'users:read orders:read' };
  const { client_id: id, client_secret: secret } = await registered(house, tenant, token, wish);
  const shown = basic({ id, secret: secret ?? null });
  const grant = { grant_type: 'client_credentials' };
  const ours = await tell(house, tenant, '/oauth2/token', { ...grant, scope: 'users:read' }, shown);
  expect([ours.status, ours.body['scope']]).toEqual([200, 'users:read']);
  const theirs = { ...grant, resource: api.identifier, scope: 'orders:read' };
  expect((await tell(house, tenant, '/oauth2/token', theirs, shown)).body['scope']).toBe(
    'orders:read',
  );
});

test('D10 no client may do more in the API than the token allows, and no token more than its maker', async () => {
  const { tenant, register } = await takesRegistrations(house, make, {
    policy: { grantTypes: ['client_credentials'], apiScopes: ['users:read', 'groups:read'] },
    token: { apiScopes: ['users:read'] },
  });
  const wish = (scope: string) => register({ grant_types: ['client_credentials'], scope });
  expect((await wish('users:read')).status).toBe(201);
  for (const scope of ['groups:read', 'roles:read', 'users:read groups:read'])
    expect(await refusal(wish(scope)), scope).toEqual([
      400,
      'invalid_client_metadata',
      'scope must be one of users:read for clients that register themselves',
    ]);
  const weak = await make.apiKey(tenant, ['clients:write', 'clients:read']);
  const input = { name: 'Strong', apiScopes: ['users:read'] };
  const made = await weak.persisted<{ createInitialAccessToken: { code: string } }>(
    'CreateInitialAccessToken',
    { input },
  );
  expect(made.data?.createInitialAccessToken.code).toBe('OUTRANKS_CALLER');
  const beyond = await tenant.rest<{ code: string }>('POST', '/v1/initial-access-tokens', {
    body: { name: 'Beyond', apiScopes: ['roles:write'] },
  });
  expect([beyond.status, beyond.body.code]).toEqual([422, 'INVALID_INPUT']);
});

test('only digests of tokens are stored', async () => {
  const { tenant, initial } = await takesRegistrations(house, make);
  const { registration_access_token: own, client_secret: secret } = await registered(
    house,
    tenant,
    initial.token,
  );
  const { db } = house.services;
  const rows = await db.inTenant(tenant.uuid, async () => [
    ...(await db.query<{ hash: Buffer }>('SELECT hash FROM initial_access_tokens')),
    ...(await db.query<{ hash: Buffer }>('SELECT hash FROM oauth_client_registrations')),
    ...(await db.query<{ hash: Buffer }>('SELECT hash FROM oauth_client_secrets')),
  ]);
  const digests = [initial.token, own, secret ?? ''].map((text) =>
    createHash('sha256').update(text).digest('hex'),
  );
  expect(rows.map(({ hash }) => hash.toString('hex'))).toEqual(digests);
  const written = house.log.join('\n');
  for (const text of [initial.token, own, secret ?? 'none']) expect(written).not.toContain(text);
});

test('the audit log names the token with which a client registered', async () => {
  const { tenant, initial, register } = await takesRegistrations(house, make);
  const { body } = await register(WEB_APP);
  const { data } = await tenant.gql<{ auditEvents: { nodes: object[] } }>(
    '{ auditEvents(first: 1, filter: { type: "client.register" }) { nodes { result actor { kind id } targets { id } details } } }',
  );
  expect(data?.auditEvents.nodes).toMatchObject([
    {
      result: 'SUCCESS',
      actor: { kind: 'initial-access-token', id: initial.id },
      targets: [{ id: body['client_id'] }],
      details: { type: 'WEB', firstParty: false },
    },
  ]);
  const { data: made } = await tenant.gql<{ client: { createdBy: string } }>(
    'query ($id: ID!) { client(id: $id) { createdBy } }',
    { id: body['client_id'] },
  );
  expect(made?.client.createdBy).toBe(initial.id);
});
