/** The doors of a tenant: closed while it is suspended, gone when it is deleted. */
import { expect, test } from 'vitest';
import { encodeId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { type Caller, callerOf, operator } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);
const platform = operator(house);

interface Tenant {
  readonly status: string;
  readonly version: number;
}

const attempt = (mutation: string, input: object) =>
  mutate<{ tenant: Tenant }>(platform, mutation, input, 'tenant { status version }');

/** Every kind of door that a tenant's caller has. */
async function answers(tenant: Caller): Promise<(string | number | undefined)[]> {
  const gql = await tenant.gql('{ viewer { scopes } }');
  const persisted = await tenant.persisted('GetViewer');
  const rest = await tenant.rest<{ code?: string }>('GET', '/v1/users');
  const write = await tenant.rest<{ code?: string }>('POST', '/v1/groups', { body: {} });
  return [
    gql.code ?? gql.status,
    persisted.code ?? persisted.status,
    rest.body.code ?? rest.status,
    write.status,
  ];
}

const closed = (tenant: MadeTenant) =>
  until(async () => (await tenant.gql('{ viewer { scopes } }')).status !== 200);

test('a suspended tenant answers TENANT_SUSPENDED at every door, and opens again', async () => {
  const tenant = await make.tenant();
  const { id } = tenant;
  const lateKey = await make.apiKey(tenant, ['users:read']);
  expect(await answers(tenant)).toEqual([200, 200, 200, 400]);
  const { tenant: suspended } = await attempt('suspendTenant', { id });
  expect(suspended).toMatchObject({ status: 'SUSPENDED', version: 2 });
  await closed(tenant);
  for (const caller of [tenant, lateKey])
    expect(await answers(caller)).toEqual([
      'TENANT_SUSPENDED',
      'TENANT_SUSPENDED',
      'TENANT_SUSPENDED',
      403,
    ]);
  expect((await tenant.gql('{ viewer { scopes } }')).status).toBe(403);
  const inside = await operator(house, id).gql<{ tenant: Tenant }>('{ tenant { status } }');
  expect(inside.data?.tenant.status).toBe('SUSPENDED');
  const again = await platform.rest<Tenant>('POST', `/internal/v1/tenants/${id}/suspend`);
  expect([again.status, again.body.version]).toEqual([200, 2]);
  const { tenant: active } = await attempt('activateTenant', { id });
  expect(active).toMatchObject({ status: 'ACTIVE', version: 3 });
  await until(async () => (await tenant.gql('{ viewer { scopes } }')).status === 200);
  expect(await answers(tenant)).toEqual([200, 200, 200, 400]);
});

test('a deleted tenant is gone: its credentials are unknown, its data stays until it is purged', async () => {
  const tenant = await make.tenant();
  const user = await make.user(tenant);
  const { id } = tenant;
  const late = await platform.rest('DELETE', `/internal/v1/tenants/${id}`, {
    headers: { 'if-match': '"7"' },
  });
  expect(late.status).toBe(412);
  expect((await platform.rest('DELETE', `/internal/v1/tenants/${id}`)).status).toBe(204);
  await closed(tenant);
  expect(await answers(tenant)).toEqual([
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
    401,
  ]);
  for (const mutation of ['updateTenant', 'suspendTenant', 'activateTenant', 'deleteTenant'])
    expect([mutation, (await attempt(mutation, { id })).code]).toEqual([
      mutation,
      'TENANT_NOT_FOUND',
    ]);
  const inside = callerOf(house, { secret: house.internalKey, door: 'platform', tenant: id });
  expect((await inside.gql('{ viewer { scopes } }')).status).toBe(404);
  const { body } = await platform.rest<Tenant>('GET', `/internal/v1/tenants/${id}`);
  expect(body).toMatchObject({ id, status: 'DELETED' });
  const kept = await rows(house, tenant.uuid, 'SELECT id FROM users');
  expect(kept).toEqual([{ id: user.uuid }]);
  expect((await attempt('createTenant', { slug: tenant.slug, name: 'Again' })).code).toBe(
    'SLUG_TAKEN',
  );
});

test("the platform's own tenant can be neither suspended nor deleted", async () => {
  const platformId = encodeId('tenant', PLATFORM_TENANT_ID);
  for (const mutation of ['suspendTenant', 'activateTenant', 'deleteTenant'])
    expect([mutation, (await attempt(mutation, { id: platformId })).code]).toEqual([
      mutation,
      'PLATFORM_TENANT',
    ]);
  const rest = await platform.rest<{ code: string }>(
    'DELETE',
    `/internal/v1/tenants/${platformId}`,
  );
  expect([rest.status, rest.body.code]).toEqual([409, 'PLATFORM_TENANT']);
  expect((await platform.gql('{ viewer { scopes } }')).status).toBe(200);
});
