/** Roles: what they grant, directly and through groups. Who may grant what is in ranks.test.ts. */
import { expect, test } from 'vitest';
import { tenantScopes } from '#kernel/scopes.ts';
import { openHouse } from '../kit/house.ts';
import { expectStatus, type Made, type MadeTenant, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

interface Role {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly scopes: readonly string[];
  readonly builtIn: boolean;
  readonly version: number;
}

const FIELDS = 'id name description scopes builtIn version';
const create = (input: object) =>
  mutate<{ role: Role }>(acme, 'createRole', input, `role { ${FIELDS} }`);
const update = (input: object) =>
  mutate<{ role: Role }>(acme, 'updateRole', input, `role { ${FIELDS} }`);

async function scopesOf(tenant: MadeTenant, user: Made): Promise<string[] | undefined> {
  const { data } = await tenant.gql<{ user: { effectiveScopes: string[] } }>(
    'query ($id: ID!) { user(id: $id) { effectiveScopes } }',
    { id: user.id },
  );
  return data?.user.effectiveScopes;
}

test('a role is created, read and changed the same over GraphQL and REST', async () => {
  const made = await acme.rest<Role>('POST', '/v1/roles', {
    body: {
      name: 'Reader',
      description: 'Reads',
      scopes: ['users:read', 'groups:read', 'users:read'],
    },
  });
  const role = expectStatus(made, 201);
  expect(role).toMatchObject({
    id: expect.stringMatching(/^role_[0-9a-z]{26}$/),
    name: 'Reader',
    description: 'Reads',
    scopes: ['groups:read', 'users:read'],
    builtIn: false,
    version: 1,
  });
  expect(made.headers['location']).toBe(`/v1/roles/${role.id}`);
  const { role: changed } = await update({
    id: role.id,
    scopes: ['users:read'],
    description: null,
  });
  expect(changed).toMatchObject({ name: 'Reader', description: null, scopes: ['users:read'] });
  expect((await update({ id: role.id, version: 1, name: 'Late' })).code).toBe('VERSION_MISMATCH');
  const cleared = await acme.rest<Role>('PATCH', `/v1/roles/${role.id}`, {
    body: { scopes: [] },
    headers: { 'if-match': '"2"' },
  });
  expect(expectStatus(cleared, 200).scopes).toEqual([]);
  const got = await acme.rest<Role>('GET', `/v1/roles/${role.id}`);
  expect([got.body.scopes, got.headers['etag']]).toEqual([[], '"3"']);
});

test('a name is unique in its tenant whatever its case, built-in names included', async () => {
  expect((await create({ name: 'Support', scopes: [] })).code).toBeUndefined();
  for (const name of ['support', 'SUPPORT', 'ｓupport', 'Owner', 'ADMIN', 'auditor', 'member'])
    expect([name, (await create({ name, scopes: [] })).code]).toEqual([name, 'ROLE_NAME_TAKEN']);
  const { role } = await create({ name: 'Other', scopes: [] });
  expect((await update({ id: role.id, name: 'owner' })).code).toBe('ROLE_NAME_TAKEN');
  expect((await update({ id: role.id, name: 'OTHER' })).role.name).toBe('OTHER');
});

test('only scopes of a tenant can be granted', async () => {
  for (const scope of ['users:fly', 'platform:tenants', '*', '', 'users:read ', 'USERS:READ']) {
    const { code, fields } = await create({ name: 'Odd', scopes: ['users:read', scope] });
    expect([scope, code, fields?.[0]?.path]).toEqual([scope, 'INVALID_INPUT', 'scopes.1']);
  }
  const body = { name: 'Odd', scopes: ['platform:tenants'] };
  const rest = await acme.rest<{ errors: { pointer: string }[] }>('POST', '/v1/roles', { body });
  expect([rest.status, rest.body.errors[0]?.pointer]).toEqual([422, '#/scopes/0']);
  const refused = await mutate(acme.operator, 'createRole', body);
  expect(refused.code).toBe('INVALID_INPUT');
});

test('D04 nobody writes whether a role is built in', async () => {
  const { role } = await create({ name: 'Plain', scopes: [] });
  for (const stray of [
    { builtIn: true },
    { tenantId: acme.id },
    { createdAt: '2020-01-01T00:00:00Z' },
  ]) {
    expect((await update({ id: role.id, ...stray })).code).toBe('BAD_USER_INPUT');
    expect((await create({ name: 'Mass', scopes: [], ...stray })).code).toBe('BAD_USER_INPUT');
    const answer = await acme.rest('PATCH', `/v1/roles/${role.id}`, { body: stray });
    expect(answer.status).toBe(400);
  }
});

test('a new tenant has the four built-in roles, which follow the catalogue of scopes', async () => {
  const { data } = await (await make.tenant()).gql<{ roles: { nodes: Role[] } }>(
    `{ roles { nodes { ${FIELDS} } } }`,
  );
  const all = [...tenantScopes()];
  expect(data?.roles.nodes.map(({ name, scopes, builtIn }) => ({ name, scopes, builtIn }))).toEqual(
    [
      { name: 'owner', builtIn: true, scopes: all },
      { name: 'admin', builtIn: true, scopes: all.filter((scope) => scope !== 'owners:write') },
      { name: 'auditor', builtIn: true, scopes: all.filter((scope) => scope.endsWith(':read')) },
      { name: 'member', builtIn: true, scopes: [] },
    ],
  );
});

test('a built-in role can be neither changed nor deleted, not even by the platform', async () => {
  const owner = await make.builtIn(acme, 'owner');
  for (const caller of [acme, acme.operator]) {
    expect((await mutate(caller, 'updateRole', { id: owner.id, name: 'x' })).code).toBe(
      'BUILT_IN_ROLE',
    );
    expect((await mutate(caller, 'updateRole', { id: owner.id, scopes: [] })).code).toBe(
      'BUILT_IN_ROLE',
    );
    expect((await mutate(caller, 'deleteRole', { id: owner.id })).code).toBe('BUILT_IN_ROLE');
  }
  expect((await acme.rest('DELETE', `/v1/roles/${owner.id}`)).status).toBe(409);
  expect(await make.builtIn(acme, 'owner')).toEqual(owner);
});

test('what a user may do is the union of own roles and those of their groups', async () => {
  const user = await make.user(acme);
  const [read, write, groups] = [
    await make.role(acme, { scopes: ['users:read'] }),
    await make.role(acme, { scopes: ['users:read', 'users:write'] }),
    await make.role(acme, { scopes: ['groups:read'] }),
  ];
  expect(await scopesOf(acme, user)).toEqual([]);
  await make.assign(acme, read, user);
  expect(await scopesOf(acme, user)).toEqual(['users:read']);
  const team = await make.group(acme, { members: [user] });
  await make.assign(acme, write, team);
  await make.assign(acme, groups, team);
  expect(await scopesOf(acme, user)).toEqual(['groups:read', 'users:read', 'users:write']);
  await update({ id: groups.id, scopes: ['audit:read'] });
  expect(await scopesOf(acme, user)).toEqual(['audit:read', 'users:read', 'users:write']);
  await mutate(acme, 'unassignRole', { roleId: write.id, groupId: team.id });
  expect(await scopesOf(acme, user)).toEqual(['audit:read', 'users:read']);
  await mutate(acme, 'removeGroupMember', { groupId: team.id, userId: user.id });
  expect(await scopesOf(acme, user)).toEqual(['users:read']);
  const { data } = await acme.gql(
    `query ($user: ID!, $group: ID!) { user(id: $user) { roles { totalCount nodes { id } } }
      group(id: $group) { roles { totalCount nodes { id } } } }`,
    { user: user.id, group: team.id },
  );
  expect(data).toEqual({
    user: { roles: { totalCount: 1, nodes: [{ id: read.id }] } },
    group: { roles: { totalCount: 1, nodes: [{ id: groups.id }] } },
  });
});

test('assigning twice is as good as once, over REST too; taking away what is not there is said', async () => {
  const [role, user, group] = [
    await make.role(acme),
    await make.user(acme),
    await make.group(acme),
  ];
  for (const [kind, id] of [
    ['users', user.id],
    ['groups', group.id],
  ] as const) {
    const path = `/v1/${kind}/${id}/roles/${role.id}`;
    for (let n = 0; n < 2; n += 1) expect((await acme.rest('PUT', path)).status).toBe(200);
    const { body } = await acme.rest<{ items: Role[] }>('GET', `/v1/${kind}/${id}/roles`);
    expect(body.items.map((one) => one.id)).toEqual([role.id]);
    expect((await acme.rest('DELETE', path)).status).toBe(204);
    const again = await acme.rest<{ code: string }>('DELETE', path);
    expect([again.status, again.body.code]).toEqual([404, 'NOT_ASSIGNED']);
  }
  const assign = (input: object) =>
    mutate(acme, 'assignRole', { roleId: role.id, ...input }).then(({ code }) => code);
  expect(await assign({})).toBe('INVALID_INPUT');
  expect(await assign({ userId: user.id, groupId: group.id })).toBe('INVALID_INPUT');
  expect(await assign({ userId: user.id, groupId: null })).toBeUndefined();
});

test('T03 roles, users and groups of another tenant are answered as missing', async () => {
  const other = await make.tenant();
  const [role, user, group] = [
    await make.role(acme),
    await make.user(acme),
    await make.group(acme),
  ];
  const theirs = {
    role: await make.role(other),
    user: await make.user(other),
    group: await make.group(other),
  };
  for (const mutation of ['assignRole', 'unassignRole']) {
    const change = (input: object) => mutate(acme, mutation, input).then(({ code }) => code);
    expect(await change({ roleId: theirs.role.id, userId: user.id })).toBe('ROLE_NOT_FOUND');
    expect(await change({ roleId: role.id, userId: theirs.user.id })).toBe('USER_NOT_FOUND');
    expect(await change({ roleId: role.id, groupId: theirs.group.id })).toBe('GROUP_NOT_FOUND');
    expect(await change({ roleId: role.id, groupId: group.id })).not.toBe('GROUP_NOT_FOUND');
  }
});

test('after a role is deleted nobody has it', async () => {
  const [user, group] = [await make.user(acme), await make.group(acme)];
  const role = await make.role(acme);
  await make.assign(acme, role, user);
  await make.assign(acme, role, group);
  expect((await acme.rest('DELETE', `/v1/roles/${role.id}`)).status).toBe(204);
  expect(await scopesOf(acme, user)).toEqual([]);
  const [left] = await rows<{ n: number }>(
    house,
    acme.uuid,
    `SELECT (SELECT count(*)::int FROM user_roles ur WHERE ur.user_id = $1)
       + (SELECT count(*)::int FROM group_roles gr
          WHERE NOT EXISTS (SELECT FROM roles r WHERE r.id = gr.role_id)) AS n`,
    [user.uuid],
  );
  expect(left).toEqual({ n: 0 });
  for (const mutation of ['updateRole', 'deleteRole'])
    expect((await mutate(acme, mutation, { id: role.id })).code).toBe('ROLE_NOT_FOUND');
  const gone = { roleId: role.id, userId: user.id };
  expect((await mutate(acme, 'assignRole', gone)).code).toBe('ROLE_NOT_FOUND');
});

test('a scope that a later release dropped grants nothing and leaves the role usable', async () => {
  const role = await make.role(acme, { scopes: ['users:read'] });
  const user = await make.user(acme);
  await rows(
    house,
    acme.uuid,
    "UPDATE roles SET scopes = '{users:read,users:fly}' WHERE name = $1",
    [role.name],
  );
  await make.assign(acme, role, user);
  expect(await scopesOf(acme, user)).toEqual(['users:read']);
  expect((await update({ id: role.id, description: 'still ours' })).role.scopes).toEqual([
    'users:read',
  ]);
});
