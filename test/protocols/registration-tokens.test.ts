/** The tokens that let clients register: one that is not good opens nothing (RFC 6750, 3; RFC 7591, 3). */
import { expect, test } from 'vitest';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import {
  ask,
  openRegistration,
  refusal,
  registered,
  takesRegistrations,
  WEB_APP,
} from '../kit/registration.ts';
import { tell } from '../kit/token-endpoint.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const OVER = [401, 'invalid_token', expect.stringContaining('ask for another one')];

test('F17 nobody registers without a token, nor with one of another kind, tenant or form', async () => {
  const { tenant, initial } = await takesRegistrations(house, make);
  const other = await takesRegistrations(house, make);
  const own = await registered(house, tenant, initial.token);
  const realm = `Bearer realm="${PUBLIC_URL}/t/${tenant.slug}"`;
  const nothing = await ask(house, tenant, 'POST', null, { body: WEB_APP });
  expect([nothing.status, nothing.headers['www-authenticate']]).toEqual([401, realm]);
  for (const authorization of [
    `Basic ${Buffer.from(`x:${initial.token}`).toString('base64')}`,
    initial.token,
    'Bearer',
    `Bearer ${initial.token} ${initial.token}`,
  ])
    expect(
      (await ask(house, tenant, 'POST', null, { body: WEB_APP, headers: { authorization } }))
        .status,
    ).toBe(401);
  for (const token of [
    'sgia_guessed',
    other.initial.token,
    own.registration_access_token,
    own.client_secret ?? '',
    tenant.secret,
    `${initial.token}0`,
    initial.token.toUpperCase(),
  ]) {
    const { status, body, headers } = await ask(house, tenant, 'POST', token, { body: WEB_APP });
    expect([status, body['error']], token).toEqual([401, 'invalid_token']);
    expect(headers['www-authenticate']).toContain(`${realm}, error="invalid_token"`);
  }
  // It is no credential of any other door.
  const anywhere = await send(house.url, {
    path: '/v1/clients',
    headers: { authorization: `Bearer ${initial.token}` },
  });
  expect(anywhere.status).toBe(401);
  const inQuery = await tell(house, tenant, `/oauth2/register?access_token=${initial.token}`, {});
  expect(inQuery.status).toBe(401);
});

test('a token is good for as many clients as it says, and for no time longer', async () => {
  const { tenant, initial, register } = await takesRegistrations(house, make, {
    token: { maxClients: 2, expiresAt: new Date(house.clock.ms() + 60_000).toISOString() },
  });
  expect((await register(WEB_APP)).status).toBe(201);
  expect((await register({ ...WEB_APP, scope: 'nothing' })).status).toBe(400);
  expect((await register(WEB_APP)).status).toBe(201);
  expect(await refusal(register(WEB_APP))).toEqual(OVER);
  const { data } = await tenant.gql<{ initialAccessToken: object }>(
    'query ($id: ID!) { initialAccessToken(id: $id) { clientsMade maxClients } }',
    { id: initial.id },
  );
  expect(data?.initialAccessToken).toEqual({ clientsMade: 2, maxClients: 2 });
  const short = await make.initialAccessToken(tenant, {
    expiresAt: new Date(house.clock.ms() + 60_000).toISOString(),
  });
  house.clock.advance(60_000);
  expect(await refusal(ask(house, tenant, 'POST', short.token, { body: WEB_APP }))).toEqual(OVER);
});

test('a token that is revoked, and a policy that is off, end registration at once', async () => {
  const { tenant, initial, register } = await takesRegistrations(house, make);
  await registered(house, tenant, initial.token);
  const { initialAccessToken: revoked } = await run<{ initialAccessToken: object }>(
    tenant,
    'revokeInitialAccessToken',
    'initialAccessToken { revokedAt clientsMade }',
    { id: initial.id },
  );
  expect(revoked).toEqual({ revokedAt: house.clock.now().toISOString(), clientsMade: 1 });
  expect(await refusal(register(WEB_APP))).toEqual(OVER);
  const another = await make.initialAccessToken(tenant, { maxClients: 2 });
  const again = () => ask(house, tenant, 'POST', another.token, { body: WEB_APP });
  expect((await again()).status).toBe(201);
  await openRegistration(tenant, { enabled: false });
  expect((await refusal(again()))[1]).toBe('access_denied');
});

test('a suspended tenant takes no registrations', async () => {
  const { tenant, register } = await takesRegistrations(house, make);
  await run(tenant.operator, 'suspendTenant', 'tenant { id }', { id: tenant.id });
  expect((await register(WEB_APP)).status).toBe(403);
});

test('T22 who registers too often is told to wait, whatever they send', async () => {
  const { tenant, initial } = await takesRegistrations(house, make);
  const statuses = new Map<number, number>();
  for (let n = 0; n < 62; n += 1) {
    const { status, headers } = await ask(house, tenant, 'POST', n % 2 ? initial.token : 'guess', {
      body: {},
    });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 429) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  }
  expect([...statuses]).toEqual([
    [401, 30],
    [400, 30],
    [429, 2],
  ]);
});

test('tokens are listed without themselves, end within 90 days, and are managed by REST as well', async () => {
  const { tenant, initial } = await takesRegistrations(house, make);
  const late = {
    name: 'Late',
    expiresAt: new Date(house.clock.ms() + 91 * 86_400_000).toISOString(),
  };
  expect((await tenant.rest('POST', '/v1/initial-access-tokens', { body: late })).status).toBe(422);
  const made = await tenant.rest<{ id: string; token: string; expiresAt: string }>(
    'POST',
    '/v1/initial-access-tokens',
    { body: { name: 'By REST' } },
  );
  expect(made.status).toBe(201);
  expect(made.body.token).toMatch(/^sgia_[0-9a-f]{64}$/);
  expect(Date.parse(made.body.expiresAt)).toBe(house.clock.ms() + 7 * 86_400_000);
  const listed = await tenant.rest<{ items: object[] }>('GET', '/v1/initial-access-tokens');
  expect(listed.body.items).toHaveLength(2);
  for (const token of [initial.token, made.body.token]) expect(listed.text).not.toContain(token);
  const path = `/v1/initial-access-tokens/${made.body.id}`;
  expect((await tenant.rest('DELETE', path)).status).toBe(204);
  expect((await tenant.rest<{ revokedAt: string }>('GET', path)).body.revokedAt).not.toBeNull();
});

test('the policy changes by parts, and only where nobody else has changed it', async () => {
  const tenant = await make.tenant();
  const api = await make.resource(tenant);
  const path = '/v1/client-registration-policy';
  const before = await tenant.rest<object>('GET', path);
  expect(before.body).toEqual({
    enabled: false,
    grantTypes: ['authorization_code', 'refresh_token'],
    identityScopes: ['email', 'offline_access', 'openid', 'profile'],
    apiScopes: [],
    audiences: [],
    version: 1,
  });
  const changed = await tenant.rest<object>('PATCH', path, {
    body: { enabled: true, audiences: [api.identifier] },
    headers: { 'if-match': '"1"' },
  });
  expect(changed.body).toEqual({
    ...before.body,
    enabled: true,
    audiences: [api.identifier],
    version: 2,
  });
  const stale = { body: { enabled: false }, headers: { 'if-match': '"1"' } };
  expect((await tenant.rest('PATCH', path, stale)).status).toBe(412);
  const unknown = { body: { audiences: ['https://nobody.example.com'] } };
  expect((await tenant.rest('PATCH', path, unknown)).status).toBe(422);
  // An API that is gone is gone here too.
  await run(tenant, 'deleteResource', 'deletedId', { id: api.id });
  expect((await tenant.rest<{ audiences: string[] }>('GET', path)).body.audiences).toEqual([]);
});
