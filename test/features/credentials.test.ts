/** Who is calling: what counts as a credential, at which door, for which tenant (T36, D05). */
import { expect, test } from 'vitest';
import { encodeId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { anonymous, type Caller, callerOf, operator } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const [acme, other] = [await make.tenant(), await make.tenant()];

const VIEWER = `{ viewer { actor { kind id } tenant { id slug } scopes account { id } } }`;

/** What an anonymous caller may ask, so that a fall back to anonymous would be answered with 200. */
const ANYONE = JSON.stringify({ query: '{ __typename }' });
const ask = (headers: Record<string, string | string[]>, path = '/graphql') =>
  send(house.url, {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: ANYONE,
  });

test('T36 a credential that is present but not good never becomes an anonymous call', async () => {
  expect((await ask({})).status).toBe(200);
  const bad = [
    '',
    ' ',
    'Bearer',
    'Bearer ',
    'Bearer  ',
    `Bearer ${acme.secret} x`,
    `Bearer ${acme.secret},`,
    `Bearer ${acme.secret.slice(0, -1)}`,
    `Bearer ${acme.secret.toUpperCase()}`,
    `Bearer ${acme.secret.slice(0, -1)}${acme.secret.endsWith('0') ? '1' : '0'}`,
    `Bearer "${acme.secret}"`,
    'Bearer null',
    'Bearer undefined',
    `Bearer ${'x'.repeat(8_000)}`,
    `Basic ${Buffer.from(`admin:${acme.secret}`).toString('base64')}`,
    `Token ${acme.secret}`,
    acme.secret,
    `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`,
  ];
  for (const authorization of bad)
    for (const path of ['/graphql', '/internal/graphql']) {
      const answer = await ask({ authorization }, path);
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(JSON.parse(answer.text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
      const more = authorization.startsWith('Bearer eyJ') ? ', error="invalid_token"' : '';
      expect(answer.headers['www-authenticate']).toBe(`Bearer realm="signet"${more}`);
    }
  const rest = await send(house.url, { path: '/v1/viewer', headers: { authorization: 'Basic x' } });
  expect([rest.status, JSON.parse(rest.text).code]).toEqual([401, 'UNAUTHENTICATED']);
  expect((await ask({ authorization: `bearer ${acme.secret}` })).status).toBe(200);
});

test('T36 a credential counts in the Authorization header only', async () => {
  for (const headers of [
    { 'x-api-key': acme.secret },
    { cookie: `token=${acme.secret}; __Host-s-acme=${acme.secret}` },
    {
      'x-user-id': 'user_1',
      'x-forwarded-user': 'root',
      'proxy-authorization': `Bearer ${acme.secret}`,
    },
  ]) {
    const answer = await anonymous(house).gql(VIEWER, {}, headers);
    expect(answer.code).toBe('UNAUTHENTICATED');
  }
  const byQuery = await send(house.url, { path: `/v1/viewer?access_token=${acme.secret}` });
  expect(byQuery.status).toBe(401);
});

test('D05 X-Tenant-ID that is not the tenant of the credential is refused', async () => {
  const tenant = (id: string) => ({ 'x-tenant-id': id });
  expect((await acme.gql(VIEWER, {}, tenant(acme.id))).status).toBe(200);
  for (const id of [
    other.id,
    encodeId('tenant', PLATFORM_TENANT_ID),
    acme.uuid,
    acme.slug,
    'x',
    '',
  ]) {
    const answer = await acme.gql(VIEWER, {}, tenant(id));
    expect([id, answer.status, answer.code]).toEqual([id, 403, 'FORBIDDEN']);
    const rest = await acme.rest<{ code: string }>('GET', '/v1/users', { headers: tenant(id) });
    expect([id, rest.status, rest.body.code]).toEqual([id, 403, 'FORBIDDEN']);
  }
  const twice = await ask({
    authorization: `Bearer ${acme.secret}`,
    'x-tenant-id': [acme.id, other.id],
  });
  expect(twice.status).toBe(403);
});

test('D05 no other header, host or parameter moves a caller to another tenant', async () => {
  for (const headers of [
    { host: `${other.slug}.id.signet.test` },
    { 'x-forwarded-host': `${other.slug}.id.signet.test` },
    { forwarded: `host=${other.slug}.id.signet.test` },
    { 'x-tenant': other.id, tenant: other.id, 'x-org-id': other.id },
  ]) {
    const { data } = await acme.gql<{ viewer: { tenant: object } }>(VIEWER, {}, headers);
    expect(data?.viewer.tenant).toEqual({ id: acme.id, slug: acme.slug });
  }
  expect((await acme.rest('GET', `/v1/users?tenantId=${other.id}`)).status).toBe(400);
});

test('the internal key works at /internal only, a key of a tenant everywhere else', async () => {
  const misplaced = callerOf(house, { secret: house.internalKey, door: 'public' });
  for (const answer of [await misplaced.gql(VIEWER), await misplaced.rest('GET', '/v1/users')])
    expect(answer.status).toBe(401);
  const inside = callerOf(house, { secret: acme.secret, door: 'platform' });
  for (const caller of [inside, callerOf(house, { ...inside, tenant: acme.id })]) {
    const answer = await caller.gql(VIEWER);
    expect([answer.status, answer.code]).toEqual([403, 'FORBIDDEN']);
    expect((await caller.rest('GET', '/v1/users')).status).toBe(403);
    expect((await caller.rest('GET', '/internal/v1/tenants')).status).toBe(403);
  }
  for (const path of ['/v1/tenants', `/v1/tenants/${acme.id}`])
    expect((await acme.rest('GET', path)).status).toBe(404);
});

test('the platform chooses a tenant by its id, and only one that is there', async () => {
  const { data } = await operator(house, acme.id).gql<{ viewer: { tenant: object } }>(VIEWER);
  expect(data?.viewer.tenant).toEqual({ id: acme.id, slug: acme.slug });
  const status = async (tenant: string) =>
    (await callerOf(house, { secret: house.internalKey, door: 'platform', tenant }).gql(VIEWER))
      .status;
  expect(await status(acme.slug)).toBe(400);
  expect(await status(acme.uuid)).toBe(400);
  expect(await status(acme.id.toUpperCase())).toBe(400);
  expect(await status(encodeId('tenant', crypto.randomUUID()))).toBe(404);
  const platformKey = await make.apiKey(operator(house), ['users:read']);
  const without = callerOf(house, {
    secret: platformKey.secret,
    door: 'platform',
    tenant: acme.id,
  });
  const answer = await without.gql(VIEWER);
  expect([answer.status, answer.code]).toEqual([403, 'FORBIDDEN']);
});

async function scopesOf(caller: Caller): Promise<string[] | undefined> {
  const { data } = await caller.gql<{ viewer: { scopes: string[] } }>('{ viewer { scopes } }');
  return data?.viewer.scopes;
}

test('platform scopes exist in the platform tenant only and work at /internal only', async () => {
  const platform = await make.apiKey(operator(house), ['platform:tenants', 'users:read']);
  expect(await scopesOf(platform)).toEqual(['platform:tenants', 'users:read']);
  const outside = callerOf(house, { secret: platform.secret, door: 'public' });
  expect(await scopesOf(outside)).toEqual(['users:read']);
  expect((await outside.gql('{ tenants { nodes { id } } }')).code).toBe('FORBIDDEN');
  expect((await platform.gql('{ tenants { nodes { id } } }')).code).toBeUndefined();
});

test('D10 what a platform key made in a tenant dies when the platform key does', async () => {
  const scopes = ['platform:tenants', 'api-keys:read', 'api-keys:write'];
  const platform = await make.apiKey(operator(house), scopes);
  const inTenant = callerOf(house, { secret: platform.secret, door: 'platform', tenant: acme.id });
  const key = await make.apiKey(inTenant, ['audit:read', 'users:write']);
  expect(await scopesOf(key)).toEqual(['audit:read', 'users:write']);
  const { body } = await acme.rest<{ createdBy: string | null }>('GET', `/v1/api-keys/${key.id}`);
  expect(body.createdBy).toBeNull();
  await mutate(operator(house), 'revokeApiKey', { id: platform.id });
  await until(async () => (await key.gql(VIEWER)).status === 401);
});

test('K02 a credential that is known and refused stands in its own tenant’s log, with its key', async () => {
  const tenant = await make.tenant();
  expect(
    (await ask({ authorization: `Bearer ${tenant.secret}`, 'x-tenant-id': acme.id })).status,
  ).toBe(403);
  await mutate(operator(house), 'suspendTenant', { id: tenant.id });
  await until(async () => (await ask({ authorization: `Bearer ${tenant.secret}` })).status === 403);
  const events = await rows(
    house,
    tenant.uuid,
    "SELECT DISTINCT reason, actor_id FROM audit_events WHERE type = 'credential.verify' ORDER BY 1",
  );
  expect(events).toEqual([
    { reason: 'FORBIDDEN', actor_id: tenant.keyId },
    { reason: 'TENANT_SUSPENDED', actor_id: tenant.keyId },
  ]);
});

test('A11 there are no credentials by default', async () => {
  const guesses = [
    'admin',
    'password',
    'signet',
    'changeme',
    'internal',
    'test',
    'root',
    '0'.repeat(32),
  ];
  for (const guess of [
    ...guesses,
    ...guesses.map((g) => Buffer.from(`${g}:${g}`).toString('base64')),
  ])
    for (const scheme of ['Bearer', 'Basic'])
      expect((await ask({ authorization: `${scheme} ${guess}` }, '/internal/graphql')).status).toBe(
        401,
      );
});
