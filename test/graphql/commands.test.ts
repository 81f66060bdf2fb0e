/** Commands through GraphQL and REST: what is answered when all is well, refused, or broken. */
import { expect, test } from 'vitest';
import { anonymous, type Caller, callerOf } from '../kit/as.ts';
import { auditLog } from '../kit/audit-row.ts';
import { openHouse, startHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { asOwner, everythingStored, rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

const usersOf = (tenant: MadeTenant) =>
  rows(house, tenant.uuid, 'SELECT email FROM users ORDER BY id');

/** What must never reach a client, whatever broke (H09). */
const INTERNALS =
  /\bat .*\.ts|node_modules|stack|prisma|postgres|pglite|select |insert |update |relation|signet_app|permission|file:\/\//i;

test('all complaints about an input come at once, each with its path', async () => {
  const input = { email: 'x', displayName: '', locale: '?', attributes: { nul: '\u0000' } };
  const { code, message, fields } = await mutate(acme, 'createUser', input);
  const paths = ['email', 'displayName', 'locale', 'attributes'];
  expect([code, fields?.map(({ path }) => path)]).toEqual(['INVALID_INPUT', paths]);
  for (const path of paths) expect(message).toContain(path);
  const rest = await acme.rest<{ errors: { pointer: string }[] }>('POST', '/v1/users', {
    body: input,
  });
  expect(rest.status).toBe(422);
  expect(rest.body.errors.map(({ pointer }) => pointer)).toEqual(paths.map((path) => `#/${path}`));
});

test('a document that may not run in any part runs in none', async () => {
  const tenant = await make.tenant();
  const key = await make.apiKey(tenant, ['users:read', 'users:write']);
  const role = await make.role(tenant);
  const document = `mutation ($user: CreateUserInput!, $role: DeleteRoleInput!) {
    createUser(input: $user) { __typename } deleteRole(input: $role) { __typename } }`;
  const answer = await key.gql(document, { user: { email: 'a@b.example' }, role: { id: role.id } });
  expect([answer.code, answer.data]).toEqual(['FORBIDDEN', undefined]);
  expect(await usersOf(tenant)).toEqual([]);
  const log = await auditLog(house, tenant.uuid, answer.headers['x-request-id']);
  expect(log.map(({ type, reason }) => [type, reason])).toEqual([['role.delete', 'FORBIDDEN']]);
  const hidden = `mutation ($user: CreateUserInput!) {
    createUser(input: $user) { ... on CreateUserSuccess { user { id roles { nodes { id } } } } } }`;
  expect((await key.gql(hidden, { user: { email: 'a@b.example' } })).code).toBe('FORBIDDEN');
  expect(await usersOf(tenant)).toEqual([]);
});

test('mutations of one request run in their order, each on its own', async () => {
  const tenant = await make.tenant();
  const { data } = await tenant.gql(
    `mutation {
      a: createGroup(input: { name: "Same" }) { __typename }
      b: createGroup(input: { name: "SAME" }) { __typename ... on Error { code } }
      c: createGroup(input: { name: "Other" }) { ... on CreateGroupSuccess { group { name members { totalCount } } } } }`,
  );
  expect(data).toEqual({
    a: { __typename: 'CreateGroupSuccess' },
    b: { __typename: 'GroupNameTakenError', code: 'GROUP_NAME_TAKEN' },
    c: { group: { name: 'Other', members: { totalCount: 0 } } },
  });
});

test('a later mutation of a request sees what an earlier one changed', async () => {
  const tenant = await make.tenant();
  const [user, group] = [await make.user(tenant), await make.group(tenant)];
  const fields = '... on AddGroupMemberSuccess { group { members { nodes { id } } } }';
  const gone = '... on RemoveGroupMemberSuccess { group { members { nodes { id } } } }';
  const { data } = await tenant.gql(
    `mutation ($in: AddGroupMemberInput!, $out: RemoveGroupMemberInput!) {
      a: addGroupMember(input: $in) { ${fields} } b: removeGroupMember(input: $out) { ${gone} }
      c: addGroupMember(input: $in) { ${fields} } }`,
    { in: { groupId: group.id, userId: user.id }, out: { groupId: group.id, userId: user.id } },
  );
  const members = (...ids: string[]) => ({
    group: { members: { nodes: ids.map((id) => ({ id })) } },
  });
  expect(data).toEqual({ a: members(user.id), b: members(), c: members(user.id) });
});

/** All that is stored beside what lives a life of its own: the job queue, and the tree of the audit log. */
const stored = async () =>
  (await everythingStored(house)).filter(
    (row) => !/^(pgboss\.|audit_(checkpoints|keys|leaves|tiles|trees) |outbox_cursors )/.test(row),
  );

/** While a right of the run-time role is taken away, which is nothing that the code expects. */
async function broken<T>(right: string, during: () => Promise<T>): Promise<T> {
  const [verb, table] = right.split(' ON ') as [string, string];
  await asOwner(house, acme.uuid, `REVOKE ${verb} ON ${table} FROM signet_app`);
  try {
    return await during();
  } finally {
    await asOwner(house, acme.uuid, `GRANT ${verb} ON ${table} TO signet_app`);
  }
}

test('H09 I09 what breaks is answered INTERNAL with the id of the request, logged whole, and undone', async () => {
  const before = await stored();
  const [gql, rest] = await broken('INSERT ON user_search_tokens', async () => [
    await acme.gql('mutation { createUser(input: { email: "a@b.example" }) { __typename } }'),
    await acme.rest<{ code: string; requestId: string }>('POST', '/v1/users', {
      body: { email: 'c@d.example' },
    }),
  ]);
  const requestId = String(gql.headers['x-request-id']);
  expect(gql.errors).toEqual([
    {
      message: 'Something failed on our side; the requestId helps us to find it',
      locations: expect.any(Array),
      path: ['createUser'],
      extensions: { code: 'INTERNAL', requestId },
    },
  ]);
  expect([rest.status, rest.body.code]).toEqual([500, 'INTERNAL']);
  expect(rest.body.requestId).toBe(rest.headers['x-request-id']);
  for (const answer of [gql, rest]) expect(answer.text).not.toMatch(INTERNALS);
  for (const id of [requestId, rest.body.requestId])
    expect(house.log.filter((line) => line.includes(id)).join()).toContain('user_search_tokens');
  const unsaid = (all: string[]) => all.filter((row) => !/^(audit_events|outbox) /.test(row));
  expect(unsaid(await stored())).toEqual(unsaid(before));
  const { body } = await acme.rest<{ items: object[] }>(
    'GET',
    '/v1/audit-events?type=user.create&result=FAILED',
  );
  const failed = { result: 'FAILED', reason: 'INTERNAL', targets: [] };
  expect(body.items).toMatchObject([failed, failed]);
  expect((await mutate(acme, 'createUser', { email: 'a@b.example' })).code).toBeUndefined();
});

test('H09 a broken read is masked as well', async () => {
  const [gql, rest] = await broken('SELECT ON groups', async () => [
    await acme.gql('{ users { nodes { id } } groups { nodes { id } } }'),
    await acme.rest<{ code: string }>('GET', '/v1/groups'),
  ]);
  expect([gql.code, gql.data]).toEqual(['INTERNAL', null]);
  expect([rest.status, rest.body.code]).toEqual([500, 'INTERNAL']);
  for (const answer of [gql, rest]) expect(answer.text).not.toMatch(INTERNALS);
});

test.each(['audit_events', 'audit_targets', 'outbox'])(
  'K05 no change without its record: when %s cannot be written, nothing is',
  async (table) => {
    const before = await stored();
    const answers = await broken(`INSERT ON ${table}`, async () => [
      await mutate(acme, 'createUser', { email: 'unrecorded@example.com' }),
      await mutate(acme, 'createApiKey', { name: 'unrecorded', scopes: ['users:read'] }, 'secret'),
      await mutate(acme.operator, 'updateTenant', { id: acme.id, name: 'Unrecorded' }),
    ]);
    expect(answers.map(({ code }) => code)).toEqual(Array(3).fill('INTERNAL'));
    expect(await stored()).toEqual(before);
  },
);

test('K05 a refusal is still a refusal when it cannot be recorded', async () => {
  const key = await make.apiKey(acme, ['users:read']);
  const { code } = await broken('INSERT ON audit_events', () =>
    mutate(key, 'createUser', { email: 'x@example.com' }),
  );
  expect(code).toBe('FORBIDDEN');
  expect(house.log.some((line) => line.includes('could not be recorded'))).toBe(true);
});

test('K05 T36 without a database every door fails closed', async () => {
  const doomed = await startHouse();
  try {
    const tenant = await makers(doomed).tenant();
    await doomed.services.db.close();
    // A credential is remembered for less than a second; a new one is asked for at once.
    const unknown = {
      ...tenant,
      secret: tenant.secret.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
    };
    const callers: Caller[] = [
      tenant,
      tenant.operator,
      callerOf(doomed, { secret: unknown.secret, door: 'public' }),
    ];
    for (const caller of callers)
      for (const answer of [
        await caller.gql('{ users { nodes { id } } }'),
        await caller.rest('GET', '/v1/users'),
        await caller.rest('POST', '/v1/users', { body: { email: 'a@b.example' } }),
      ]) {
        expect(answer.text).not.toContain('"data":{');
        expect(answer.text).not.toMatch(INTERNALS);
        expect(answer.text).toMatch(/"(INTERNAL|UNAVAILABLE)"/);
      }
    expect((await anonymous(doomed).rest('GET', '/readyz')).status).toBe(503);
    expect((await anonymous(doomed).rest('GET', '/livez')).status).toBe(200);
  } finally {
    // It cannot close the database again.
    await doomed.stop().catch(() => undefined);
    await doomed.home.remove();
  }
  // Nearly all of it is the start of another house, which takes its time on a machine that is busy.
}, 60_000);
