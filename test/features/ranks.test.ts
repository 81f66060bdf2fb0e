/** Nobody gives, takes or touches more than they hold (D10), and a tenant keeps an owner (D13). */
import { expect, test } from 'vitest';
import { tenantScopes } from '#kernel/scopes.ts';
import type { Caller } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { type Made, type MadeTenant, type MadeUser, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

/** Someone who may change everything, but neither read the audit log nor make owners. */
const DIRECTORY = ['users', 'groups', 'roles', 'api-keys'].flatMap((noun) => [
  `${noun}:read`,
  `${noun}:write`,
]);
const low = await make.apiKey(acme, DIRECTORY);

const codeOf = async (caller: Caller, mutation: string, input: object) =>
  (await mutate(caller, mutation, input)).code;

test('D10 nobody makes a role or a key that grants more than they hold', async () => {
  const wide = ['users:read', 'audit:read'];
  expect(await codeOf(low, 'createRole', { name: 'Wide', scopes: wide })).toBe('OUTRANKS_CALLER');
  expect(await codeOf(low, 'createApiKey', { name: 'Wide', scopes: wide })).toBe('OUTRANKS_CALLER');
  const body = { name: 'Wide', scopes: wide };
  const rest = await low.rest<{ code: string; detail: string }>('POST', '/v1/api-keys', { body });
  expect([rest.status, rest.body.code]).toEqual([403, 'OUTRANKS_CALLER']);
  const narrow = await make.role(low, { name: 'Narrow', scopes: ['users:read'] });
  expect(await codeOf(low, 'updateRole', { id: narrow.id, scopes: wide })).toBe('OUTRANKS_CALLER');
  expect(await codeOf(low, 'updateRole', { id: narrow.id, scopes: DIRECTORY })).toBeUndefined();
  expect((await make.apiKey(low, DIRECTORY)).secret).toMatch(/^sgnt_/);
});

test('D10 nobody changes, deletes or hands out a role that grants more than they hold', async () => {
  const high = await make.role(acme, { scopes: ['audit:read'] });
  const [user, group] = [await make.user(acme), await make.group(acme)];
  const refused: [string, object][] = [
    ['updateRole', { id: high.id, description: 'mine' }],
    ['updateRole', { id: high.id, scopes: ['users:read'] }],
    ['deleteRole', { id: high.id }],
    ['assignRole', { roleId: high.id, userId: user.id }],
    ['assignRole', { roleId: high.id, groupId: group.id }],
    ['unassignRole', { roleId: high.id, userId: user.id }],
    ['assignRole', { roleId: (await make.builtIn(acme, 'auditor')).id, userId: user.id }],
    ['assignRole', { roleId: (await make.builtIn(acme, 'owner')).id, userId: user.id }],
  ];
  for (const [mutation, input] of refused)
    expect([mutation, input, await codeOf(low, mutation, input)]).toEqual([
      mutation,
      input,
      'OUTRANKS_CALLER',
    ]);
  const path = `/v1/users/${user.id}/roles/${high.id}`;
  expect((await low.rest('PUT', path)).status).toBe(403);
  const member = await make.builtIn(acme, 'member');
  expect(await codeOf(low, 'assignRole', { roleId: member.id, userId: user.id })).toBeUndefined();
});

test('D10 a group that carries roles is touched only by who holds what it grants', async () => {
  const group = await make.group(acme);
  const [inside, outside] = [await make.user(acme), await make.user(acme)];
  await make.member(acme, group, inside);
  await make.assign(acme, await make.role(acme, { scopes: ['audit:read'] }), group);
  const narrow = await make.role(acme, { scopes: ['users:read'] });
  const refused: [string, object][] = [
    ['addGroupMember', { groupId: group.id, userId: outside.id }],
    ['removeGroupMember', { groupId: group.id, userId: inside.id }],
    ['updateGroup', { id: group.id, name: 'Mine' }],
    ['deleteGroup', { id: group.id }],
    ['assignRole', { roleId: narrow.id, groupId: group.id }],
  ];
  for (const [mutation, input] of refused)
    expect([mutation, await codeOf(low, mutation, input)]).toEqual([mutation, 'OUTRANKS_CALLER']);
  expect((await low.rest('PUT', `/v1/groups/${group.id}/members/${outside.id}`)).status).toBe(403);
  const { data } = await acme.gql(
    'query ($id: ID!) { group(id: $id) { version members { nodes { id } } } }',
    { id: group.id },
  );
  expect(data).toEqual({ group: { version: 1, members: { nodes: [{ id: inside.id }] } } });
});

test('D10 a help desk cannot take over or shut out somebody above it', async () => {
  const owner = await makeOwner(acme);
  const admin = await make.user(acme);
  await make.assign(acme, await make.builtIn(acme, 'admin'), admin);
  for (const { id } of [owner, admin]) {
    expect(await codeOf(low, 'updateUser', { id, email: 'evil@example.com' })).toBe(
      'OUTRANKS_CALLER',
    );
    expect(await codeOf(low, 'suspendUser', { id })).toBe('OUTRANKS_CALLER');
    expect(await codeOf(low, 'activateUser', { id })).toBe('OUTRANKS_CALLER');
    expect(await codeOf(low, 'deleteUser', { id })).toBe('OUTRANKS_CALLER');
  }
  const nearly = await make.apiKey(
    acme,
    tenantScopes().filter((scope) => scope !== 'owners:write'),
  );
  expect(await codeOf(nearly, 'updateUser', { id: admin.id, givenName: 'A' })).toBeUndefined();
  expect(await codeOf(nearly, 'updateUser', { id: owner.id, givenName: 'O' })).toBe(
    'OUTRANKS_CALLER',
  );
  const told = await mutate(nearly, 'deleteUser', { id: owner.id });
  expect(told.message).toContain('owners:write');
  const blind = await make.apiKey(acme, ['users:write']);
  const untold = await mutate(blind, 'deleteUser', { id: owner.id });
  expect(untold.code).toBe('OUTRANKS_CALLER');
  expect(untold.message).not.toMatch(/[a-z]:(read|write)/);
});

test('D10 the platform delegates scopes of a tenant, and none of its own', async () => {
  const tenant = await make.tenant();
  const role = await make.role(tenant.operator, { scopes: ['audit:read', 'owners:write'] });
  await make.assign(tenant.operator, role, await make.user(tenant));
  const key = { name: 'No', scopes: ['users:read', 'platform:tenants'] };
  const refused = await mutate(tenant.operator, 'createApiKey', key);
  expect([refused.code, refused.fields?.[0]?.path]).toEqual(['INVALID_INPUT', 'scopes.0']);
});

async function makeOwner(tenant: MadeTenant): Promise<MadeUser> {
  const user = await make.user(tenant);
  await make.assign(tenant, await make.builtIn(tenant, 'owner'), user);
  return user;
}

/** Every way to end somebody's ownership, direct or through a group that carries the role. */
async function ways(
  tenant: MadeTenant,
  user: Made,
  group: Made | null,
): Promise<[string, object][]> {
  const roleId = (await make.builtIn(tenant, 'owner')).id;
  return [
    ['suspendUser', { id: user.id }],
    ['deleteUser', { id: user.id }],
    ...(group
      ? ([
          ['unassignRole', { roleId, groupId: group.id }],
          ['removeGroupMember', { groupId: group.id, userId: user.id }],
          ['deleteGroup', { id: group.id }],
        ] as [string, object][])
      : ([['unassignRole', { roleId, userId: user.id }]] as [string, object][])),
  ];
}

test('D13 the last owner stays, whichever way they would go', async () => {
  const tenant = await make.tenant();
  const owner = await makeOwner(tenant);
  for (const [mutation, input] of await ways(tenant, owner, null)) {
    expect([mutation, await codeOf(tenant, mutation, input)]).toEqual([mutation, 'LAST_OWNER']);
    expect([mutation, await codeOf(tenant.operator, mutation, input)]).toEqual([
      mutation,
      'LAST_OWNER',
    ]);
  }
  const rest = await tenant.rest<{ code: string }>('DELETE', `/v1/users/${owner.id}`);
  expect([rest.status, rest.body.code]).toEqual([409, 'LAST_OWNER']);
  expect(await state(tenant)).toEqual({ users: ['ACTIVE'], direct: 1, byGroup: 0 });
});

test('D13 the same holds for an owner through a group', async () => {
  const tenant = await make.tenant();
  const owner = await make.user(tenant);
  const group = await make.group(tenant, { members: [owner] });
  await make.assign(tenant, await make.builtIn(tenant, 'owner'), group);
  const all = await ways(tenant, owner, group);
  for (const [mutation, input] of all)
    expect([mutation, await codeOf(tenant, mutation, input)]).toEqual([mutation, 'LAST_OWNER']);
  expect(await state(tenant)).toEqual({ users: ['ACTIVE'], direct: 0, byGroup: 1 });
  const second = await makeOwner(tenant);
  await tenant.rest('POST', `/v1/users/${second.id}/suspend`);
  for (const [mutation, input] of all)
    expect([mutation, await codeOf(tenant, mutation, input)]).toEqual([mutation, 'LAST_OWNER']);
  await tenant.rest('POST', `/v1/users/${second.id}/activate`);
  for (const [mutation, input] of [all[3], all[4]] as [string, object][])
    expect([mutation, await codeOf(tenant, mutation, input)]).toEqual([mutation, undefined]);
});

test('D13 two owners who remove each other at once leave one', async () => {
  const tenant = await make.tenant();
  for (let round = 0; round < 4; round += 1) {
    const [a, b] = [await makeOwner(tenant), await makeOwner(tenant)];
    const both: [Promise<string | undefined>, Promise<string | undefined>] = [
      codeOf(tenant, round % 2 ? 'suspendUser' : 'deleteUser', { id: a.id }),
      codeOf(tenant, 'deleteUser', { id: b.id }),
    ];
    const codes = await Promise.all(both);
    const { users } = await state(tenant);
    expect(users.filter((status) => status === 'ACTIVE').length).toBeGreaterThan(0);
    if (round === 0) expect(codes.sort()).toEqual(['LAST_OWNER', undefined]);
  }
});

test('D13 a tenant without owners may stay so', async () => {
  const tenant = await make.tenant();
  const user = await make.user(tenant);
  expect(await codeOf(tenant, 'suspendUser', { id: user.id })).toBeUndefined();
  expect(await codeOf(tenant, 'deleteUser', { id: user.id })).toBeUndefined();
});

async function state(
  tenant: MadeTenant,
): Promise<{ users: string[]; direct: number; byGroup: number }> {
  const [found] = await rows<{ users: string[]; direct: number; byGroup: number }>(
    house,
    tenant.uuid,
    `SELECT (SELECT array_agg(status::text ORDER BY id) FROM users) AS users,
       (SELECT count(*)::int FROM user_roles) AS direct,
       (SELECT count(*)::int FROM group_roles gr JOIN group_members USING (tenant_id, group_id)) AS "byGroup"`,
  );
  return found as { users: string[]; direct: number; byGroup: number };
}
