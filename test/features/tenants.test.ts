/** Tenants: made, changed, closed and opened by the platform's operators. */
import { expect, test } from 'vitest';
import { encodeId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { type Caller, operator } from '../kit/as.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { expectStatus, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const platform = operator(house);
const platformId = encodeId('tenant', PLATFORM_TENANT_ID);

interface Tenant {
  readonly id: string;
  readonly slug: string;
  readonly host: string | null;
  readonly issuer: string | null;
  readonly name: string;
  readonly status: string;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const FIELDS = 'id slug host issuer name status version createdAt updatedAt';
const attempt = (mutation: string, input: object) =>
  mutate<{ tenant: Tenant }>(platform, mutation, input, `tenant { ${FIELDS} }`);
const create = (input: object) => attempt('createTenant', input);

test('a tenant is created with its roles and its issuer, over GraphQL and REST', async () => {
  const made = await platform.rest<Tenant>('POST', '/internal/v1/tenants', {
    body: { slug: 'acme', name: ' Acme Ltd. ' },
  });
  const tenant = expectStatus(made, 201);
  const now = house.clock.now().toISOString();
  expect(tenant).toEqual({
    id: expect.stringMatching(/^tenant_[0-9a-z]{26}$/),
    slug: 'acme',
    host: null,
    issuer: `${PUBLIC_URL}/t/acme`,
    name: 'Acme Ltd.',
    status: 'ACTIVE',
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
  expect(made.headers['location']).toBe(`/internal/v1/tenants/${tenant.id}`);
  const { data } = await operator(house, tenant.id).gql<{ roles: { nodes: object[] } }>(
    '{ roles { nodes { name builtIn } } }',
  );
  expect(data?.roles.nodes).toHaveLength(4);
  const own = await operator(house, tenant.id).gql<{ tenant: Tenant }>(`{ tenant { ${FIELDS} } }`);
  expect(own.data?.tenant).toEqual(tenant);
  const { tenant: hosted } = await create({
    slug: 'hosted',
    name: 'Hosted',
    host: 'Login.Hosted.example ',
  });
  expect(hosted).toMatchObject({
    host: 'login.hosted.example',
    issuer: 'https://login.hosted.example',
  });
});

test('a slug and a host belong to one tenant, whatever the spelling of the host', async () => {
  await make.tenant({ slug: 'first', host: 'login.bücher.example' });
  expect((await create({ slug: 'first', name: 'Again' })).code).toBe('SLUG_TAKEN');
  expect((await create({ slug: 'platform', name: 'Again' })).code).toBe('SLUG_TAKEN');
  for (const host of [
    'login.bücher.example',
    'LOGIN.BÜCHER.EXAMPLE',
    'login.xn--bcher-kva.example',
  ])
    expect((await create({ slug: 'second', name: 'Second', host })).code).toBe('HOST_TAKEN');
  const body = { slug: 'first', name: 'Again' };
  const rest = await platform.rest<{ code: string }>('POST', '/internal/v1/tenants', { body });
  expect([rest.status, rest.body.code]).toEqual([409, 'SLUG_TAKEN']);
  const second = await make.tenant();
  const stolen = { id: second.id, host: 'login.bücher.example' };
  expect((await attempt('updateTenant', stolen)).code).toBe('HOST_TAKEN');
  expect(
    await rows(house, PLATFORM_TENANT_ID, "SELECT 1 FROM tenants WHERE slug = 'second'"),
  ).toEqual([]);
});

test('names of paths and hosts are plain, so that an issuer has one spelling', async () => {
  const slugs = [
    '',
    'Acme',
    'a_b',
    '-a',
    'a-',
    'a.b',
    'a/b',
    'a b',
    'ä',
    '..',
    'x'.repeat(64),
    'a\n',
  ];
  for (const slug of slugs) {
    const { code, fields } = await create({ slug, name: 'x' });
    expect([slug, code, fields?.[0]?.path]).toEqual([slug, 'INVALID_INPUT', 'slug']);
  }
  const hosts = [
    '',
    'localhost',
    'a',
    'https://a.example',
    'a.example:443',
    'a.example/path',
    'a.exa\nmple',
    'a.ex%61mple',
    'a.example.',
    '.a.example',
    'a..example',
    'user@a.example',
    'a.example?x',
    '127.0.0.1',
    '[::1]',
    '*.a.example',
    `${'a.'.repeat(130)}example`,
  ];
  for (const host of hosts) {
    const { code, fields } = await create({ slug: 'plain', name: 'x', host });
    expect([host, code, fields?.[0]?.path]).toEqual([host, 'INVALID_INPUT', 'host']);
  }
  const { tenant } = await create({ slug: 'idn', name: 'x', host: 'вход.пример.рф' });
  expect(tenant.host).toBe('xn--b1ae3a1a.xn--e1afmkfd.xn--p1ai');
});

test('a name and a host change; the slug never does: there is no such field', async () => {
  const { id, slug } = await make.tenant();
  const { tenant: changed } = await attempt('updateTenant', {
    id,
    name: 'New',
    host: 'id.new.example',
  });
  expect(changed).toMatchObject({
    name: 'New',
    slug,
    issuer: 'https://id.new.example',
    version: 2,
  });
  const { tenant: back } = await attempt('updateTenant', { id, host: null });
  expect(back).toMatchObject({
    name: 'New',
    host: null,
    issuer: `${PUBLIC_URL}/t/${slug}`,
    version: 3,
  });
  expect((await attempt('updateTenant', { id, version: 1, name: 'Late' })).code).toBe(
    'VERSION_MISMATCH',
  );
  const path = `/internal/v1/tenants/${id}`;
  const late = await platform.rest('PATCH', path, {
    body: { name: 'Late' },
    headers: { 'if-match': '"2"' },
  });
  expect(late.status).toBe(412);
  for (const stray of [
    { slug: 'other' },
    { issuer: 'https://evil.example' },
    { status: 'DELETED' },
    { createdAt: 'x' },
  ]) {
    expect((await attempt('updateTenant', { id, ...stray })).code).toBe('BAD_USER_INPUT');
    expect((await platform.rest('PATCH', path, { body: stray })).status).toBe(400);
  }
  const update = rows(house, PLATFORM_TENANT_ID, "UPDATE tenants SET slug = 'x' WHERE slug = $1", [
    slug,
  ]);
  await expect(update).rejects.toThrow(/permission denied/);
});

test('tenants are made and changed at the platform door by platform callers only', async () => {
  const acme = await make.tenant();
  for (const mutation of [
    'createTenant',
    'updateTenant',
    'suspendTenant',
    'activateTenant',
    'deleteTenant',
  ]) {
    const input = mutation === 'createTenant' ? { slug: 'mine', name: 'x' } : { id: acme.id };
    expect([mutation, (await mutate(acme, mutation, input)).code]).toEqual([mutation, 'FORBIDDEN']);
  }
  expect((await acme.gql('{ tenants { nodes { id } } }')).code).toBe('FORBIDDEN');
  expect((await acme.gql(`{ tenantById(id: "${acme.id}") { id } }`)).code).toBe('FORBIDDEN');
});

test('tenants are listed, filtered and paged at the platform door, whichever tenant was chosen', async () => {
  const made: string[] = [];
  for (let n = 0; n < 3; n += 1) made.push((await make.tenant()).id);
  await attempt('suspendTenant', { id: made[1] as string });
  const list = async (caller: Caller, query: string) =>
    (
      await caller.rest<{ items: Tenant[]; nextCursor: string | null }>(
        'GET',
        `/internal/v1/tenants?${query}`,
      )
    ).body;
  const chosen = operator(house, made[0]);
  for (const caller of [platform, chosen]) {
    const last = await list(caller, 'last=3');
    expect(last.items.map(({ id }) => id)).toEqual(made);
    const [found] = (await list(caller, `slug=${last.items[2]?.slug}`)).items;
    expect(found?.id).toBe(made[2]);
  }
  expect((await list(platform, 'status=SUSPENDED')).items.map(({ id }) => id)).toEqual([made[1]]);
  expect((await list(platform, 'slug=a%00b')).items).toEqual([]);
  const walked: string[] = [];
  for (let after = ''; ; ) {
    const { items, nextCursor } = await list(platform, `first=2${after}`);
    walked.push(...items.map(({ id }) => id));
    if (nextCursor === null) break;
    after = `&after=${nextCursor}`;
  }
  const all = await rows<{ n: number }>(
    house,
    PLATFORM_TENANT_ID,
    'SELECT count(*)::int AS n FROM tenants',
  );
  expect([new Set(walked).size, walked.length]).toEqual([all[0]?.n, all[0]?.n]);
  for (const caller of [platform, chosen]) {
    const { data } = await caller.gql('{ tenants(first: 1) { totalCount } }');
    expect(data).toEqual({ tenants: { totalCount: all[0]?.n } });
  }
  expect(walked[0]).toBe(platformId);
});

test('an unknown tenant is answered as missing, an id of another type as malformed', async () => {
  const id = encodeId('tenant', crypto.randomUUID());
  for (const mutation of ['updateTenant', 'suspendTenant', 'activateTenant', 'deleteTenant']) {
    expect((await attempt(mutation, { id })).code).toBe('TENANT_NOT_FOUND');
    expect((await attempt(mutation, { id: id.replace('tenant', 'user') })).code).toBe(
      'INVALID_INPUT',
    );
  }
  expect((await platform.rest('GET', `/internal/v1/tenants/${id}`)).status).toBe(404);
  expect((await platform.rest('GET', '/internal/v1/tenants/acme')).status).toBe(400);
});
