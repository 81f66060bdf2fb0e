/** Groups: their life, and who is in them. What they grant is in roles.test.ts. */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { expectStatus, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

interface Group {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

const FIELDS = 'id name description version createdAt updatedAt';
const create = (input: object) =>
  mutate<{ group: Group }>(acme, 'createGroup', input, `group { ${FIELDS} }`);
const update = (input: object) =>
  mutate<{ group: Group }>(acme, 'updateGroup', input, `group { ${FIELDS} }`);

test('a group is created, read and changed the same over GraphQL and REST', async () => {
  const made = await acme.rest<Group>('POST', '/v1/groups', {
    body: { name: '  Engines ', description: 'Who builds\nengines' },
  });
  const group = expectStatus(made, 201);
  const now = house.clock.now().toISOString();
  expect(group).toEqual({
    id: expect.stringMatching(/^group_[0-9a-z]{26}$/),
    name: 'Engines',
    description: 'Who builds\nengines',
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
  expect(made.headers['location']).toBe(`/v1/groups/${group.id}`);
  const { data } = await acme.gql<{ group: Group }>(
    `query ($id: ID!) { group(id: $id) { ${FIELDS} } }`,
    { id: group.id },
  );
  expect(data?.group).toEqual(group);
  const { group: renamed } = await update({ id: group.id, name: 'Machines', version: 1 });
  expect(renamed).toMatchObject({ name: 'Machines', version: 2 });
  const cleared = await acme.rest<Group>('PATCH', `/v1/groups/${group.id}`, {
    body: { description: null },
    headers: { 'if-match': '"2"' },
  });
  expect(expectStatus(cleared, 200)).toMatchObject({ name: 'Machines', description: null });
  expect((await update({ id: group.id, name: 'Late', version: 2 })).code).toBe('VERSION_MISMATCH');
  const late = await acme.rest('DELETE', `/v1/groups/${group.id}`, {
    headers: { 'if-match': '"1"' },
  });
  expect(late.status).toBe(412);
});

test('a name is unique in its tenant whatever its case and form', async () => {
  expect((await create({ name: 'Équipe ﬁnale' })).code).toBeUndefined();
  for (const name of ['équipe finale', 'ÉQUIPE FINALE', 'E\u0301quipe finale', ' Équipe ﬁnale '])
    expect([name, (await create({ name })).code]).toEqual([name, 'GROUP_NAME_TAKEN']);
  const body = { name: 'équipe finale' };
  const rest = await acme.rest<{ code: string }>('POST', '/v1/groups', { body });
  expect([rest.status, rest.body.code]).toEqual([409, 'GROUP_NAME_TAKEN']);
  const { group } = await create({ name: 'Second' });
  expect((await update({ id: group.id, name: 'équipe finale' })).code).toBe('GROUP_NAME_TAKEN');
  expect((await update({ id: group.id, name: 'SECOND' })).group.name).toBe('SECOND');
  expect(
    (await mutate(await make.tenant(), 'createGroup', { name: 'second' })).code,
  ).toBeUndefined();
});

test('names and descriptions have limits', async () => {
  const refused: [object, string][] = [
    [{ name: ' ' }, 'name'],
    [{ name: 'a\nb' }, 'name'],
    [{ name: 'x'.repeat(121) }, 'name'],
    [{ name: 'ok', description: 'x'.repeat(501) }, 'description'],
    [{ name: 'ok', description: 'a\u001b[31m' }, 'description'],
  ];
  for (const [input, path] of refused) {
    const { code, fields } = await create(input);
    expect([input, code, fields?.[0]?.path]).toEqual([input, 'INVALID_INPUT', path]);
  }
  expect((await acme.rest('POST', '/v1/groups', { body: { name: 'x'.repeat(121) } })).status).toBe(
    422,
  );
});

test('D04 nobody writes the id, version, tenant or members of a group as fields', async () => {
  const { id } = await make.group(acme);
  for (const field of ['tenantId', 'createdAt', 'members', 'roles', 'nameKey', 'builtIn']) {
    expect((await create({ name: 'Mass', [field]: 'x' })).code).toBe('BAD_USER_INPUT');
    expect((await update({ id, [field]: 'x' })).code).toBe('BAD_USER_INPUT');
    const path = `/v1/groups/${id}`;
    expect((await acme.rest('PATCH', path, { body: { [field]: 'x' } })).status).toBe(400);
  }
});

test('membership is idempotent, and leaving says when there was none', async () => {
  const group = await make.group(acme);
  const user = await make.user(acme);
  const input = { groupId: group.id, userId: user.id };
  const path = `/v1/groups/${group.id}/members/${user.id}`;
  for (let n = 0; n < 2; n += 1) {
    const added = await mutate<{ group: Group }>(
      acme,
      'addGroupMember',
      input,
      'group { id version }',
    );
    expect(added).toEqual({ group: { id: group.id, version: 1 } });
    expect((await acme.rest('PUT', path)).status).toBe(200);
  }
  const members = await acme.rest<{ items: { id: string }[] }>(
    'GET',
    `/v1/groups/${group.id}/members`,
  );
  expect(members.body.items.map(({ id }) => id)).toEqual([user.id]);
  const details = await rows<{ details: object }>(
    house,
    acme.uuid,
    "SELECT details FROM audit_events WHERE type = 'group.add-member' ORDER BY id",
  );
  expect(details.map((row) => row.details)).toEqual([
    { changed: true },
    { changed: false },
    { changed: false },
    { changed: false },
  ]);
  expect((await acme.rest('DELETE', path)).status).toBe(204);
  expect((await mutate(acme, 'removeGroupMember', input)).code).toBe('NOT_A_MEMBER');
  expect((await acme.rest('DELETE', path)).status).toBe(404);
});

test('members of many groups and groups of many users are listed page by page', async () => {
  const tenant = await make.tenant();
  const users = [];
  for (let n = 0; n < 5; n += 1) users.push(await make.user(tenant));
  const all = await make.group(tenant, { members: users });
  const few = await make.group(tenant, { members: users.slice(3) });
  const none = await make.group(tenant);
  const { data } = await tenant.gql<{ groups: { nodes: object[] } }>(
    `{ groups { nodes { id members(first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes {
      id groups(last: 1) { totalCount nodes { id } pageInfo { hasPreviousPage } } } } } } }`,
  );
  const ids = users.map(({ id }) => id);
  const groupsOf = (id: string, totalCount: number) => ({
    totalCount,
    nodes: [{ id }],
    pageInfo: { hasPreviousPage: totalCount > 1 },
  });
  const cursor = expect.stringMatching(/^[\w-]+$/);
  expect(data?.groups.nodes).toEqual([
    {
      id: all.id,
      members: {
        totalCount: 5,
        pageInfo: { hasNextPage: true, endCursor: cursor },
        nodes: ids.slice(0, 3).map((id) => ({ id, groups: groupsOf(all.id, 1) })),
      },
    },
    {
      id: few.id,
      members: {
        totalCount: 2,
        pageInfo: { hasNextPage: false, endCursor: cursor },
        nodes: ids.slice(3).map((id) => ({ id, groups: groupsOf(few.id, 2) })),
      },
    },
    {
      id: none.id,
      members: { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] },
    },
  ]);
});

test('groups are found by the prefix of their name, in its order', async () => {
  const tenant = await make.tenant();
  for (const name of ['Zebra', 'alpha two', 'ALPHA one', 'beta', 'alphabet'])
    await make.group(tenant, { name });
  const names = async (namePrefix: string) => {
    const { data, code } = await tenant.gql<{ groups: { nodes: { name: string }[] } }>(
      'query ($namePrefix: String) { groups(filter: { namePrefix: $namePrefix }) { nodes { name } } }',
      { namePrefix },
    );
    return data?.groups.nodes.map(({ name }) => name) ?? code;
  };
  expect(await names('Alpha')).toEqual(['ALPHA one', 'alpha two', 'alphabet']);
  expect(await names('alpha ')).toEqual(['ALPHA one', 'alpha two']);
  expect(await names('%')).toEqual([]);
  expect(await names(' ')).toBe('INVALID_INPUT');
  expect(await names('a\u0000')).toBe('INVALID_INPUT');
});

test('after a group is deleted nothing dangles, and its members stay', async () => {
  const user = await make.user(acme);
  const group = await make.group(acme, { members: [user] });
  await make.assign(acme, await make.role(acme), group);
  const id = group.id;
  expect((await acme.rest('DELETE', `/v1/groups/${id}`)).status).toBe(204);
  const uuid = await rows<{ n: number }>(
    house,
    acme.uuid,
    `SELECT (SELECT count(*)::int FROM group_members m WHERE m.user_id = $1)
       + (SELECT count(*)::int FROM group_roles r WHERE NOT EXISTS (
           SELECT FROM groups g WHERE g.id = r.group_id)) AS n`,
    [user.uuid],
  );
  expect(uuid).toEqual([{ n: 0 }]);
  const { data } = await acme.gql(
    'query ($id: ID!, $user: ID!) { group(id: $id) { id } user(id: $user) { id groups { nodes { id } } } }',
    { id, user: user.id },
  );
  expect(data).toEqual({ group: null, user: { id: user.id, groups: { nodes: [] } } });
  const gone = [
    mutate(acme, 'updateGroup', { id, name: 'Back' }),
    mutate(acme, 'deleteGroup', { id }),
    mutate(acme, 'addGroupMember', { groupId: id, userId: user.id }),
    mutate(acme, 'removeGroupMember', { groupId: id, userId: user.id }),
  ];
  for (const { code } of await Promise.all(gone)) expect(code).toBe('GROUP_NOT_FOUND');
  expect((await create({ name: group.name })).code).toBeUndefined();
});

test('T03 users and groups of another tenant cannot be joined', async () => {
  const [group, user] = [await make.group(acme), await make.user(acme)];
  const other = await make.tenant();
  const [theirGroup, theirUser] = [await make.group(other), await make.user(other)];
  const join = (groupId: string, userId: string) =>
    mutate(acme, 'addGroupMember', { groupId, userId }).then(({ code }) => code);
  expect(await join(group.id, theirUser.id)).toBe('USER_NOT_FOUND');
  expect(await join(theirGroup.id, user.id)).toBe('GROUP_NOT_FOUND');
  expect(await join(theirGroup.id, theirUser.id)).toBe('GROUP_NOT_FOUND');
  for (const [groupId, userId] of [
    [group.id, group.id],
    [group.id.toUpperCase(), user.id],
    [group.id, 'user_zzzzzzzzzzzzzzzzzzzzzzzzzz'],
    [group.id, ''],
  ] as const)
    expect([groupId, userId, await join(groupId, userId)]).toEqual([
      groupId,
      userId,
      'INVALID_INPUT',
    ]);
  const rest = await acme.rest<{ code: string }>(
    'PUT',
    `/v1/groups/${group.id}/members/${group.id}`,
  );
  expect([rest.status, rest.body.code]).toEqual([400, 'INVALID_INPUT']);
});
