/** Idempotency-Key: a repeated request is answered as the first one was, and changes nothing. */
import { expect, test } from 'vitest';
import { type Caller, callerOf, operator } from '../kit/as.ts';
import { auditLog } from '../kit/audit-row.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

let used = 0;
function freshKey() {
  used += 1;
  return { 'idempotency-key': `request-${used}` };
}

interface NewKey {
  readonly apiKey: { id: string; createdAt: string; expiresAt: string | null };
  readonly secret: string;
}

const createKey = (caller: Caller, headers: Record<string, string>, input: object = {}) =>
  mutate<NewKey>(
    caller,
    'createApiKey',
    { name: 'ci', scopes: ['users:read'], ...input },
    'apiKey { id createdAt expiresAt } secret',
    headers,
  );

const count = async (tenant: MadeTenant, table: string) => {
  const [row] = await rows<{ n: number }>(
    house,
    tenant.uuid,
    `SELECT count(*)::int AS n FROM ${table}`,
  );
  return row?.n;
};

test('a repeated request gets the first answer, the secret that is shown once included', async () => {
  const tenant = await make.tenant();
  const headers = freshKey();
  const first = await createKey(tenant, headers);
  const before = [await count(tenant, 'api_keys'), (await auditLog(house, tenant.uuid)).length];
  house.clock.advance(5_000);
  expect(first.secret).toMatch(/^sgnt_/);
  expect(await createKey(tenant, headers)).toEqual(first);
  expect([await count(tenant, 'api_keys'), (await auditLog(house, tenant.uuid)).length]).toEqual(
    before,
  );
  expect((await createKey(tenant, freshKey())).secret).not.toBe(first.secret);
});

test('the same over REST: status, Location and body, and from one door to the other', async () => {
  const headers = freshKey();
  const post = () =>
    acme.rest<{ id: string }>('POST', '/v1/users', {
      body: { email: 'once@example.com' },
      headers,
    });
  const [first, again] = [await post(), await post()];
  expect([again.status, again.text]).toEqual([201, first.text]);
  expect(again.headers['location']).toBe(first.headers['location']);
  const other = await mutate<{ user: { id: string } }>(
    acme,
    'createUser',
    { email: 'once@example.com' },
    'user { id }',
    headers,
  );
  expect(other.user.id).toBe(first.body.id);
});

test('a key that comes with another input is refused', async () => {
  const tenant = await make.tenant();
  const headers = freshKey();
  const expiresAt = new Date(house.clock.ms() + 60_000).toISOString();
  await createKey(tenant, headers, { expiresAt });
  const others = [
    { name: 'other', expiresAt },
    { scopes: ['groups:read'], expiresAt },
    {},
    { expiresAt: new Date(house.clock.ms() + 61_000).toISOString() },
  ];
  for (const input of others)
    expect([input, (await createKey(tenant, headers, input)).code]).toEqual([
      input,
      'IDEMPOTENCY_KEY_REUSED',
    ]);
  const rest = await tenant.rest<{ code: string }>('POST', '/v1/api-keys', {
    body: { name: 'other', scopes: ['users:read'] },
    headers,
  });
  expect([rest.status, rest.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  expect(await count(tenant, 'api_keys')).toBe(2);
});

test('of many requests with one key at once, one is done and all get its answer', async () => {
  const tenant = await make.tenant();
  const headers = freshKey();
  const answers = await Promise.all(Array.from({ length: 10 }, () => createKey(tenant, headers)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]?.secret).toMatch(/^sgnt_/);
  expect(await count(tenant, 'api_keys')).toBe(2);
});

test('several mutations of one request are each remembered under its key', async () => {
  const headers = freshKey();
  const document = `mutation ($a: CreateGroupInput!, $b: CreateGroupInput!, $c: CreateRoleInput!) {
    a: createGroup(input: $a) { ... on CreateGroupSuccess { group { id name } } ... on Error { code } }
    b: createGroup(input: $b) { ... on CreateGroupSuccess { group { id name } } ... on Error { code } }
    c: createRole(input: $c) { ... on CreateRoleSuccess { role { id } } ... on Error { code } } }`;
  const variables = { a: { name: 'One' }, b: { name: 'Two' }, c: { name: 'Three', scopes: [] } };
  const first = await acme.gql(document, variables, headers);
  expect(first.data).toMatchObject({
    a: { group: { name: 'One' } },
    b: { group: { name: 'Two' } },
  });
  expect((await acme.gql(document, variables, headers)).data).toEqual(first.data);
  const swapped = { ...variables, a: variables.b, b: variables.a };
  expect((await acme.gql(document, swapped, headers)).code).toBe('IDEMPOTENCY_KEY_REUSED');
  expect((await acme.rest('GET', '/v1/groups?first=100')).text.match(/"name"/g)).toHaveLength(2);
});

test('a refused request is not remembered: it may be repeated when its reason is gone', async () => {
  const headers = freshKey();
  const taken = await make.group(acme, { name: 'Taken' });
  const create = () => mutate(acme, 'createGroup', { name: 'Taken' }, '__typename', headers);
  expect((await create()).code).toBe('GROUP_NAME_TAKEN');
  await mutate(acme, 'deleteGroup', { id: taken.id });
  expect((await create()).code).toBeUndefined();
  expect((await create()).code).toBeUndefined();
});

test('after 24 hours a key is free again', async () => {
  const tenant = await make.tenant();
  const headers = freshKey();
  const first = await createKey(tenant, headers);
  const [kept] = await rows<{ hours: number }>(
    house,
    tenant.uuid,
    'SELECT extract(epoch FROM expires_at - created_at)::int / 3600 AS hours FROM idempotency_keys',
  );
  expect(kept).toEqual({ hours: 24 });
  await rows(
    house,
    tenant.uuid,
    "UPDATE idempotency_keys SET expires_at = now() - interval '1 second'",
  );
  const second = await createKey(tenant, headers, { name: 'next day' });
  expect(second.secret).not.toBe(first.secret);
  expect(await createKey(tenant, headers, { name: 'next day' })).toEqual(second);
  expect(await count(tenant, 'idempotency_keys')).toBe(1);
});

test('a key belongs to one caller: others use the same without seeing the answer', async () => {
  const headers = freshKey();
  const [one, two] = [
    await make.apiKey(acme, ['api-keys:read', 'api-keys:write', 'users:read']),
    await make.apiKey(acme, ['api-keys:read', 'api-keys:write', 'users:read']),
  ];
  const secrets = [];
  for (const caller of [one, two, acme, await make.tenant(), acme.operator])
    secrets.push((await createKey(caller, headers)).secret);
  expect(new Set(secrets).size).toBe(5);
});

test('what is remembered is sealed: the database holds neither the secret nor the key', async () => {
  const tenant = await make.tenant();
  const headers = { 'idempotency-key': 'find-me-if-you-can' };
  const { secret } = await createKey(tenant, headers);
  const stored = await rows<{ answer: Buffer; id: Buffer; request_hash: Buffer }>(
    house,
    tenant.uuid,
    'SELECT answer, id, request_hash FROM idempotency_keys',
  );
  expect(stored).toHaveLength(1);
  const bytes = Buffer.concat(
    stored.flatMap(({ answer, id, request_hash }) => [answer, id, request_hash]),
  );
  for (const text of [
    secret.split('_')[2] as string,
    secret.slice(0, 20),
    'find-me-if-you-can',
    'users:read',
  ])
    for (const encoding of ['utf8', 'utf16le'] as const)
      expect(bytes.includes(Buffer.from(text, encoding))).toBe(false);
});

test('after the credential was rotated an earlier answer is not to be had, and that is said', async () => {
  const key = await make.apiKey(acme, ['api-keys:read', 'api-keys:write', 'users:read']);
  const headers = freshKey();
  await createKey(key, headers);
  const { body } = await acme.rest<{ secret: string }>('POST', `/v1/api-keys/${key.id}/rotate`);
  const rotated = callerOf(house, { secret: body.secret, door: 'public' });
  const { code } = await createKey(rotated, headers);
  expect(code).toBe('IDEMPOTENCY_KEY_REUSED');
});

test('the platform repeats the creation of a tenant', async () => {
  const headers = freshKey();
  const create = () =>
    mutate<{ tenant: { id: string } }>(
      operator(house),
      'createTenant',
      { slug: 'repeated', name: 'Repeated' },
      'tenant { id issuer createdAt }',
      headers,
    );
  const first = await create();
  expect(first.tenant.id).toMatch(/^tenant_/);
  expect(await create()).toEqual(first);
});

test('a key is 8 to 200 printable characters', async () => {
  for (const key of ['', 'short', 'x'.repeat(201), 'with space in it', 'ümläut-key']) {
    const answer = await acme.rest<{ code: string }>('POST', '/v1/groups', {
      body: { name: 'Never made' },
      headers: { 'idempotency-key': Buffer.from(key).toString('latin1') },
    });
    expect([key, answer.status, answer.body.code]).toEqual([key, 422, 'INVALID_INPUT']);
    const gql = await acme.gql(
      '{ tenant { id } }',
      {},
      { 'idempotency-key': Buffer.from(key).toString('latin1') },
    );
    expect([key, gql.status, gql.code]).toEqual([key, 422, 'INVALID_INPUT']);
  }
  expect((await acme.gql('{ tenant { id } }', {}, freshKey())).code).toBeUndefined();
});
