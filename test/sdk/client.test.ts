/** The SDK against a running Signet: what integrators call, and what they get. */
import { describe, expect, test } from 'vitest';
import {
  addGroupMember,
  createApiKey,
  createClient,
  createGroup,
  createTenant,
  createUser,
  deleteUser,
  EmailTakenError,
  getUser,
  InvalidInputError,
  isSignetError,
  listGroupMembers,
  listUsers,
  paginate,
  RequestError,
  TypedDocumentString,
} from '../../sdk/generated/sdk.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const client = createClient({ url: house.url, apiKey: acme.secret });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('writes', () => {
  test('answer the success envelope', async () => {
    const input = { email: 'ada@example.com', displayName: 'Ada', attributes: { team: 'engines' } };
    const { user } = await createUser(client, { input });
    expect(user).toMatchObject({ ...input, status: 'ACTIVE', version: 1 });
    expect(await getUser(client, { id: user.id })).toEqual(user);
    expect(await deleteUser(client, { input: { id: user.id } })).toEqual({ deletedId: user.id });
    expect(await getUser(client, { id: user.id })).toBeNull();
  });

  test('throw the error that the union names', async () => {
    const input = { email: 'grace@example.com' };
    await createUser(client, { input });
    const error = await createUser(client, { input }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EmailTakenError);
    expect(error).toMatchObject({ name: 'EmailTakenError', code: 'EMAIL_TAKEN', status: 409 });
    expect(isSignetError(error, 'EMAIL_TAKEN') && error.requestId).toMatch(/./);
    expect(isSignetError(error, 'USER_NOT_FOUND')).toBe(false);
  });

  test('say which fields are wrong', async () => {
    const error = await createUser(client, { input: { email: 'nobody' } }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).fields).toEqual([
      { path: 'email', message: expect.any(String) },
    ]);
  });

  test('have a result that is the union itself', async () => {
    const input = { name: 'Operators' };
    const first = await createGroup.result(client, { input });
    expect(first).toMatchObject({ __typename: 'CreateGroupSuccess', group: input });
    const second = await createGroup.result(client, { input });
    expect(second).toMatchObject({ __typename: 'GroupNameTakenError', code: 'GROUP_NAME_TAKEN' });
  });

  test('happen once for each idempotency key', async () => {
    const options = { idempotencyKey: 'one-and-the-same-key' };
    const input = { email: 'once@example.com' };
    const first = await createUser(client, { input }, options);
    expect(await createUser(client, { input }, options)).toEqual(first);
  });
});

describe('lists', () => {
  test('are walked page by page', async () => {
    const tenant = await make.tenant();
    const mine = createClient({ url: house.url, apiKey: tenant.secret });
    const emails = Array.from({ length: 5 }, (_, n) => `user-${n}@example.com`);
    for (const email of emails) await make.user(tenant, { email });
    const { nodes, pageInfo } = await listUsers(mine, { first: 2 });
    expect([nodes.length, pageInfo.hasNextPage]).toEqual([2, true]);
    const all = await collect(paginate(mine, listUsers, {}, { pageSize: 2 }));
    expect(all.map(({ email }) => email)).toEqual(emails);
    expect(await collect(paginate(mine, listUsers, { emailPrefix: 'user-3' }))).toHaveLength(1);
    for await (const user of paginate(mine, listUsers)) {
      expect(user.email).toBe(emails[0]);
      break;
    }
  });

  test('below another object are null when that is missing', async () => {
    const { group } = await createGroup(client, { input: { name: 'Members' } });
    const { user } = await createUser(client, { input: { email: 'member@example.com' } });
    await addGroupMember(client, { id: group.id, userId: user.id });
    expect((await listGroupMembers(client, { id: group.id }))?.nodes).toEqual([user]);
    expect(await collect(paginate(client, listGroupMembers, { id: group.id }))).toEqual([user]);
    const missing = { id: `group_${'0'.repeat(26)}` };
    expect(await listGroupMembers(client, missing)).toBeNull();
    await expect(collect(paginate(client, listGroupMembers, missing))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      status: 404,
    });
  });
});

test('documents of your own', async () => {
  const { user } = await createUser(client, { input: { email: 'own@example.com' } });
  const byEmail = new TypedDocumentString<
    { users: { nodes: { id: string }[]; totalCount: number } },
    { email: string }
  >('query ($email: String!) { users(filter: { email: $email }) { nodes { id } totalCount } }');
  const { users } = await client.request(byEmail, { email: user.email });
  expect(users).toEqual({ nodes: [{ id: user.id }], totalCount: 1 });
  expect(await client.request(getUser.operation, { id: user.id })).toEqual({ user });
});

describe('requests that fail', () => {
  test('say why, by a stable code', async () => {
    const stranger = createClient({ url: house.url, apiKey: 'sgnt_nobody_has_this_one' });
    const error = await listUsers(stranger).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    expect((error as RequestError).requestId).toMatch(/./);
    const reader = createClient({
      url: house.url,
      token: async () => (await make.apiKey(acme, ['groups:read'])).secret,
    });
    await expect(listUsers(reader)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(client.request('{ nothing }')).rejects.toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      status: 400,
    });
  });

  test('at a door that is not GraphQL say so', async () => {
    const lost = createClient({ url: `${house.url}/nowhere`, apiKey: acme.secret });
    await expect(listUsers(lost)).rejects.toMatchObject({ code: 'BAD_RESPONSE', status: 404 });
  });
});

test('a hash that the server does not know is followed by the document', async () => {
  const text = 'query Unpublished { viewer { scopes } }';
  const hash = Buffer.from(
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)),
  ).toString('hex');
  const { data } = await client.execute<{ viewer: { scopes: string[] } }>({ text, hash }, {});
  expect(data.viewer.scopes).toContain('users:read');
});

test('the platform door, with a tenant of choice', async () => {
  const door = { url: `${house.internalUrl}/internal/graphql`, apiKey: house.internalKey };
  const { tenant } = await createTenant(createClient(door), {
    input: { slug: 'umbrella', name: 'Umbrella' },
  });
  const { secret } = await createApiKey(createClient({ ...door, tenant: tenant.id }), {
    input: { name: 'setup', scopes: ['users:read'] },
  });
  const page = await listUsers(createClient({ url: house.url, apiKey: secret }));
  expect(page).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false } });
});

describe('subscriptions', () => {
  const events = new TypedDocumentString<
    { auditEvents: { type: string; target: { id: string } | null } },
    Record<string, never>
  >('subscription { auditEvents(filter: { type: "user.create" }) { type target { id } } }');

  test('say what happens until the loop is left', async () => {
    const seen: string[] = [];
    const stream = client.subscribe(events);
    const listening = (async () => {
      for await (const { auditEvents } of stream) {
        seen.push(auditEvents.target?.id ?? '');
        if (seen.length >= 2) return;
      }
    })();
    const made: string[] = [];
    // The subscription stands when the first event arrives; events before that are not for it.
    await until(async () => {
      made.push((await make.user(acme)).id);
      return seen.length >= 2;
    });
    await listening;
    expect(made).toEqual(expect.arrayContaining(seen));
  });

  test('end with the reason of the signal', async () => {
    const controller = new AbortController();
    const stream = client.subscribe(events, {}, { signal: controller.signal });
    const first = stream.next();
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
  });

  test('are refused like requests', async () => {
    const reader = createClient({
      url: house.url,
      apiKey: (await make.apiKey(acme, ['users:read'])).secret,
    });
    await expect(reader.subscribe(events).next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const stranger = createClient({ url: house.url, apiKey: 'sgnt_nobody' });
    await expect(stranger.subscribe(events).next()).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });
});
