/** Users: their life from creation to deletion, over GraphQL and REST. */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { expectStatus, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

interface User {
  readonly id: string;
  readonly displayName: string | null;
  readonly status: string;
  readonly attributes: object;
  readonly version: number;
  readonly createdAt: string;
}

const FIELDS = `id email emailVerified displayName givenName familyName status locale attributes
  version createdAt updatedAt`;
const FULL = {
  displayName: 'Ada Lovelace',
  givenName: 'Ada',
  familyName: 'Lovelace',
  locale: 'en-GB',
  attributes: { team: 'engines', tags: ['a', 1, null, { deep: true }] },
};

async function read(id: string): Promise<User | null> {
  const { data } = await acme.gql<{ user: User | null }>(
    `query ($id: ID!) { user(id: $id) { ${FIELDS} } }`,
    { id },
  );
  return data?.user ?? null;
}

const update = (input: object) =>
  mutate<{ user: User }>(acme, 'updateUser', input, `user { ${FIELDS} }`);

test('a user is created, read and listed the same over GraphQL and REST', async () => {
  const made = await acme.rest<User>('POST', '/v1/users', {
    body: { email: 'ada@example.com', ...FULL },
  });
  const user = expectStatus(made, 201);
  const now = house.clock.now().toISOString();
  expect(user).toEqual({
    id: expect.stringMatching(/^user_[0-9a-z]{26}$/),
    email: 'ada@example.com',
    emailVerified: false,
    ...FULL,
    status: 'ACTIVE',
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
  expect(made.headers['location']).toBe(`/v1/users/${user.id}`);
  expect(made.headers['etag']).toBeUndefined();
  expect(await read(user.id)).toEqual(user);
  const got = await acme.rest<User>('GET', `/v1/users/${user.id}`);
  expect(got.body).toEqual(user);
  expect(got.headers['etag']).toBe('"1"');
  const list = await acme.rest<{ items: User[] }>('GET', '/v1/users?email=ADA@example.com');
  expect(list.body).toEqual({ items: [user], nextCursor: null });
});

test('a bare user has an address and nothing else', async () => {
  const { user } = await mutate<{ user: User }>(
    acme,
    'createUser',
    { email: '  Bare@Example.com ' },
    `user { ${FIELDS} }`,
  );
  expect(user).toMatchObject({
    email: 'Bare@Example.com',
    displayName: null,
    givenName: null,
    familyName: null,
    locale: null,
    attributes: {},
  });
});

test('an update leaves what is left out, and null clears', async () => {
  const { id } = await make.user(acme, FULL);
  house.clock.advance(1_000);
  const { user: changed } = await update({ id, displayName: 'Countess', givenName: null });
  expect(changed).toMatchObject({
    ...FULL,
    displayName: 'Countess',
    givenName: null,
    version: 2,
    updatedAt: house.clock.now().toISOString(),
  });
  expect(Date.parse(changed.createdAt)).toBe(house.clock.ms() - 1_000);
  const cleared = await acme.rest<User>('PATCH', `/v1/users/${id}`, {
    body: { displayName: null, familyName: null, locale: null, attributes: {} },
  });
  expect(expectStatus(cleared, 200)).toMatchObject({
    displayName: null,
    familyName: null,
    locale: null,
    attributes: {},
    version: 3,
  });
  expect(cleared.headers['etag']).toBe('"3"');
});

test('a change made on an old version is refused: version in GraphQL, If-Match in REST', async () => {
  const { id } = await make.user(acme, { displayName: 'One' });
  expect((await update({ id, version: 1, displayName: 'Two' })).user.version).toBe(2);
  expect((await update({ id, version: 1, displayName: 'Three' })).code).toBe('VERSION_MISMATCH');
  const path = `/v1/users/${id}`;
  const patch = (tag: string) =>
    acme.rest<{ code: string }>('PATCH', path, {
      body: { displayName: 'Four' },
      headers: { 'if-match': tag },
    });
  for (const tag of ['"1"', 'W/"2"', '"nonsense"', '"99999999999"']) {
    const refused = await patch(tag);
    expect([tag, refused.status, refused.body.code]).toEqual([tag, 412, 'VERSION_MISMATCH']);
  }
  expect((await patch('2')).status).toBe(400);
  expect((await patch('"2"')).headers['etag']).toBe('"3"');
  expect((await patch('*')).status).toBe(200);
  const gone = await acme.rest('DELETE', path, { headers: { 'if-match': '"3"' } });
  expect(gone.status).toBe(412);
  for (const action of ['suspend', 'activate'])
    expect(
      (await acme.rest('POST', `${path}/${action}`, { headers: { 'if-match': '"3"' } })).status,
    ).toBe(412);
  expect((await read(id))?.displayName).toBe('Four');
  const unchanged = await acme.rest('GET', path, { headers: { 'if-none-match': '"4"' } });
  expect([unchanged.status, unchanged.text]).toEqual([304, '']);
});

test('a user is suspended and activated, and twice is as good as once', async () => {
  const { id } = await make.user(acme);
  const change = (mutation: string) =>
    mutate<{ user: User }>(acme, mutation, { id }, 'user { status version }');
  expect(await change('suspendUser')).toEqual({ user: { status: 'SUSPENDED', version: 2 } });
  expect(await change('suspendUser')).toEqual({ user: { status: 'SUSPENDED', version: 2 } });
  expect(await change('activateUser')).toEqual({ user: { status: 'ACTIVE', version: 3 } });
  expect(await change('activateUser')).toEqual({ user: { status: 'ACTIVE', version: 3 } });
  const suspended = await acme.rest<User>('POST', `/v1/users/${id}/suspend`);
  expect([suspended.status, suspended.body.status]).toEqual([200, 'SUSPENDED']);
});

test('a deleted user is gone with every trace in the directory', async () => {
  const user = await make.user(acme, FULL);
  await make.group(acme, { members: [user] });
  await make.assign(acme, await make.role(acme), user);
  const traces = async () => {
    const count = (table: string, column: string) =>
      rows<{ n: number }>(
        house,
        acme.uuid,
        `SELECT count(*)::int AS n FROM ${table} WHERE ${column} = $1`,
        [user.uuid],
      ).then(([row]) => row?.n);
    return Promise.all([
      count('users', 'id'),
      count('user_search_tokens', 'user_id'),
      count('group_members', 'user_id'),
      count('user_roles', 'user_id'),
    ]);
  };
  expect(await traces()).toEqual([1, expect.toSatisfy((n) => n > 3), 1, 1]);
  const deleted = await acme.rest('DELETE', `/v1/users/${user.id}`);
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  expect(await traces()).toEqual([0, 0, 0, 0]);
  expect(await read(user.id)).toBeNull();
  expect((await acme.rest('GET', `/v1/users/${user.id}`)).status).toBe(404);
  for (const mutation of ['updateUser', 'suspendUser', 'activateUser', 'deleteUser'])
    expect((await mutate(acme, mutation, { id: user.id })).code).toBe('USER_NOT_FOUND');
  expect((await mutate(acme, 'createUser', { email: user.email })).code).toBeUndefined();
});

test('D04 nobody writes what belongs to the house: privileged fields are refused, nothing changes', async () => {
  const { id } = await make.user(acme, { displayName: 'As made' });
  const before = await read(id);
  const [stored] = await rows(house, acme.uuid, 'SELECT count(*) AS n FROM users');
  const privileged = {
    tenantId: acme.id,
    emailVerified: true,
    status: 'SUSPENDED',
    createdAt: '2020-01-01T00:00:00Z',
    roles: ['owner'],
    isAdmin: true,
    emailKey: 'x@example.com',
  };
  for (const [field, value] of Object.entries(privileged)) {
    expect((await update({ id, [field]: value })).code).toBe('BAD_USER_INPUT');
    const created = { email: 'mass@example.com', [field]: value };
    expect((await mutate(acme, 'createUser', created)).code).toBe('BAD_USER_INPUT');
    const patched = await acme.rest('PATCH', `/v1/users/${id}`, { body: { [field]: value } });
    const posted = await acme.rest('POST', '/v1/users', { body: created });
    expect([field, patched.status, posted.status]).toEqual([field, 400, 400]);
  }
  for (const body of [{ id }, { version: 7 }])
    for (const [method, path] of [
      ['POST', '/v1/users'],
      ['PATCH', `/v1/users/${id}`],
    ] as const)
      expect(
        (await acme.rest(method, path, { body: { email: 'mass@example.com', ...body } })).status,
      ).toBe(400);
  expect((await mutate(acme, 'createUser', { email: 'a@b.example', id })).code).toBe(
    'BAD_USER_INPUT',
  );
  expect(await read(id)).toEqual(before);
  expect(await rows(house, acme.uuid, 'SELECT count(*) AS n FROM users')).toEqual([stored]);
});

test('names, locales and attributes have limits, and each complaint names its field', async () => {
  const { id } = await make.user(acme);
  const refused: [object, string][] = [
    [{ displayName: '' }, 'displayName'],
    [{ displayName: 'a\u0000b' }, 'displayName'],
    [{ givenName: 'a\r\nb' }, 'givenName'],
    [{ familyName: 'x'.repeat(201) }, 'familyName'],
    [{ familyName: '\ufdfa'.repeat(100) }, 'familyName'],
    [{ locale: 'en_GB' }, 'locale'],
    [{ locale: `en-x-${'a'.repeat(40)}` }, 'locale'],
    [{ attributes: { big: 'x'.repeat(16_384) } }, 'attributes'],
    [{ attributes: { wide: '€'.repeat(6_000) } }, 'attributes'],
    [{ attributes: { 'nul\u0000': 1 } }, 'attributes'],
    [{ attributes: { nul: ['\u0000'] } }, 'attributes'],
  ];
  for (const [input, path] of refused) {
    const outcome = await update({ id, ...input });
    expect([input, outcome.code, outcome.fields?.[0]?.path]).toEqual([
      input,
      'INVALID_INPUT',
      path,
    ]);
    const rest = await acme.rest<{ errors: { pointer: string }[] }>('PATCH', `/v1/users/${id}`, {
      body: input,
    });
    expect([input, rest.status, rest.body.errors[0]?.pointer]).toEqual([input, 422, `#/${path}`]);
  }
  expect((await update({ id, displayName: 'x'.repeat(200), locale: 'zh-Hant-TW' })).code).toBe(
    undefined,
  );
  const attributes = { big: 'x'.repeat(16_374) };
  expect((await update({ id, attributes })).user.attributes).toEqual(attributes);
  for (const input of [{ attributes: [] }, { attributes: 'text' }, { displayName: 7 }])
    expect((await update({ id, ...input })).code).toBe('BAD_USER_INPUT');
});
