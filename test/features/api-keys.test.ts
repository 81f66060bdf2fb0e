/** API keys: their secrets, their life, and that they never outrank nor outlive who made them (D10). */
import { expect, test } from 'vitest';
import { createApiKey } from '#features/api-keys/api-keys.commands.ts';
import { type Caller, callerOf } from '../kit/as.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse, startHouse } from '../kit/house.ts';
import { expectStatus, type MadeKey, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { everythingStored } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string[];
  readonly createdBy: string | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

const secondsFromNow = (seconds: number) =>
  new Date(house.clock.ms() + seconds * 1000).toISOString();
const status = async (key: Pick<MadeKey, 'gql'>) => (await key.gql('{ viewer { scopes } }')).status;
const scopesOf = async (key: Pick<MadeKey, 'gql'>) =>
  (await key.gql<{ viewer: { scopes: string[] } }>('{ viewer { scopes } }')).data?.viewer.scopes;
const refused = (key: Pick<MadeKey, 'gql'>) => until(async () => (await status(key)) === 401);
const caller = (secret: string) => callerOf(house, { secret, door: 'public' });

test('D10 the secret is in one answer and nowhere else: the database holds its hash', async () => {
  const made = await acme.rest<ApiKey & { secret: string }>('POST', '/v1/api-keys', {
    body: { name: 'ci', scopes: ['users:read', 'users:read'], expiresAt: secondsFromNow(60) },
  });
  const { secret, ...apiKey } = expectStatus(made, 201);
  expect(apiKey).toEqual({
    id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
    name: 'ci',
    prefix: `sgnt_${apiKey.id.slice(4)}`,
    scopes: ['users:read'],
    createdBy: acme.keyId,
    createdAt: house.clock.now().toISOString(),
    expiresAt: secondsFromNow(60),
    lastUsedAt: null,
    revokedAt: null,
  });
  expect(secret).toMatch(new RegExp(`^${apiKey.prefix}_[0-9a-f]{64}$`));
  expect(await scopesOf(caller(secret))).toEqual(['users:read']);
  const again = await acme.rest<ApiKey>('GET', `/v1/api-keys/${apiKey.id}`);
  expect(again.body).toEqual(apiKey);
  const list = await acme.rest('GET', '/v1/api-keys?first=100');
  const random = secret.split('_')[2] as string;
  const everywhere = [list.text, again.text, ...(await everythingStored(house)), ...house.log].join(
    '\n',
  );
  expect(everywhere).toContain(apiKey.prefix);
  for (const form of [
    random,
    Buffer.from(random).toString('base64'),
    Buffer.from(random).toString('hex'),
  ])
    expect(everywhere.includes(form)).toBe(false);
});

test('a key stops at its expiry, by the clock', async () => {
  const key = await make.apiKey(acme, ['users:read'], { expiresAt: secondsFromNow(60) });
  house.clock.advance(59_999);
  expect(await status(key)).toBe(200);
  house.clock.advance(1);
  expect(await status(key)).toBe(401);
  const past = { name: 'late', scopes: ['users:read'], expiresAt: secondsFromNow(0) };
  const { code, fields } = await mutate(acme, 'createApiKey', past);
  expect([code, fields?.[0]?.path]).toEqual(['INVALID_INPUT', 'expiresAt']);
});

test('rotation gives a new secret; the old one works for the overlap and no longer', async () => {
  const key = await make.apiKey(acme, ['users:read']);
  const rotate = async (input: object) =>
    (await mutate<{ secret: string }>(acme, 'rotateApiKey', { id: key.id, ...input }, 'secret'))
      .secret;
  const second = await rotate({ overlapSeconds: 120 });
  house.clock.advance(60_000);
  const third = await rotate({ overlapSeconds: 3_600 });
  expect(new Set([key.secret, second, third]).size).toBe(3);
  for (const secret of [key.secret, second, third]) expect(await status(caller(secret))).toBe(200);
  house.clock.advance(60_000);
  await refused(key);
  expect(await status(caller(second))).toBe(200);
  house.clock.advance(3_540_000);
  await refused(caller(second));
  expect(await status(caller(third))).toBe(200);
  const { body } = await acme.rest<{ secret: string }>('POST', `/v1/api-keys/${key.id}/rotate`, {
    body: { overlapSeconds: 0 },
  });
  await refused(caller(third));
  expect(await status(caller(body.secret))).toBe(200);
  await rotate({});
  house.clock.advance(86_399_000);
  expect(await status(caller(body.secret))).toBe(200);
  house.clock.advance(1_000);
  await refused(caller(body.secret));
  for (const overlapSeconds of [-1, 604_801])
    expect((await mutate(acme, 'rotateApiKey', { id: key.id, overlapSeconds })).code).toBe(
      'INVALID_INPUT',
    );
});

test('D10 a revoked key is refused within a second, and stays in the list', async () => {
  const key = await make.apiKey(acme, ['users:read']);
  expect(await status(key)).toBe(200);
  expect((await acme.rest('DELETE', `/v1/api-keys/${key.id}`)).status).toBe(204);
  const revokedAt = house.clock.now().toISOString();
  await refused(key);
  house.clock.advance(1_000);
  expect((await mutate(acme, 'revokeApiKey', { id: key.id })).code).toBeUndefined();
  const { body } = await acme.rest<ApiKey>('GET', `/v1/api-keys/${key.id}`);
  expect(body.revokedAt).toBe(revokedAt);
  expect((await mutate(acme, 'rotateApiKey', { id: key.id })).code).toBe('API_KEY_REVOKED');
  expect((await acme.rest('POST', `/v1/api-keys/${key.id}/rotate`)).status).toBe(409);
});

test('D10 a key that a key made dies with it', async () => {
  const maker = await make.apiKey(acme, ['api-keys:read', 'api-keys:write', 'users:read']);
  const child = await make.apiKey(maker, ['api-keys:read', 'api-keys:write', 'users:read']);
  const grandchild = await make.apiKey(child, ['users:read']);
  expect(await scopesOf(grandchild)).toEqual(['users:read']);
  await mutate(acme, 'revokeApiKey', { id: maker.id });
  for (const key of [maker, child, grandchild]) await refused(key);
  const expiring = await make.apiKey(acme, ['api-keys:read', 'api-keys:write'], {
    expiresAt: secondsFromNow(60),
  });
  const lasting = await make.apiKey(expiring, ['api-keys:read']);
  house.clock.advance(60_000);
  expect(await status(lasting)).toBe(401);
});

/** Keys that a person made, who has their scopes through a group and a role. */
async function keysOfUser(scopes: readonly string[], count = 1) {
  const user = await make.user(acme);
  const group = await make.group(acme, { members: [user] });
  const role = await make.role(acme, { scopes: ['api-keys:write', ...scopes] });
  await make.assign(acme, role, group);
  const ctx = await contextOf(house, { tenantId: acme.uuid, userId: user.uuid });
  const keys: Caller[] = [];
  for (let n = 0; n < count; n += 1)
    keys.push(caller((await call(ctx, createApiKey, { name: 'own', scopes })).secret));
  return { user, group, role, ctx, keys };
}

test('D10 a key loses what its maker loses, and gets it back with them', async () => {
  const { user, group, role, ctx, keys } = await keysOfUser(['users:read', 'groups:read'], 6);
  // Each look is with a key that nobody remembers yet; the first key is looked at again and again.
  const next = () => scopesOf(keys.pop() as Caller);
  const [seen] = keys as [Caller];
  expect(await scopesOf(seen)).toEqual(['groups:read', 'users:read']);
  const wide = call(ctx, createApiKey, { name: 'wide', scopes: ['audit:read'] });
  await expect(wide).rejects.toMatchObject({ code: 'OUTRANKS_CALLER' });
  await mutate(acme, 'updateRole', { id: role.id, scopes: ['users:read', 'audit:read'] });
  expect(await next()).toEqual(['users:read']);
  await until(async () => (await scopesOf(seen))?.length === 1);
  await mutate(acme, 'removeGroupMember', { groupId: group.id, userId: user.id });
  expect(await next()).toEqual([]);
  await make.assign(acme, role, user);
  expect(await next()).toEqual(['users:read']);
  await mutate(acme, 'suspendUser', { id: user.id });
  expect(await next()).toBeUndefined();
  await refused(seen);
  await mutate(acme, 'activateUser', { id: user.id });
  expect(await next()).toEqual(['users:read']);
  await mutate(acme, 'deleteUser', { id: user.id });
  await refused(seen);
});

test('a key names who made it', async () => {
  const { user } = await keysOfUser(['users:read']);
  const { data } = await acme.gql<{ apiKeys: { nodes: ApiKey[] } }>(
    '{ apiKeys(last: 1) { nodes { createdBy } } }',
  );
  expect(data?.apiKeys.nodes).toEqual([{ createdBy: user.id }]);
  const { body } = await acme.rest<ApiKey>('GET', `/v1/api-keys/${acme.keyId}`);
  expect(body.createdBy).toBeNull();
});

test('D10 nobody mints a key for somebody else: there is no such field (T04)', async () => {
  const user = await make.user(acme);
  const body = { name: 'for another', scopes: ['users:read'] };
  for (const stray of [
    { userId: user.id },
    { createdBy: user.id },
    { tenantId: acme.id },
    { secret: 'x' },
  ]) {
    expect((await mutate(acme, 'createApiKey', { ...body, ...stray })).code).toBe('BAD_USER_INPUT');
    const answer = await acme.rest('POST', '/v1/api-keys', { body: { ...body, ...stray } });
    expect(answer.status).toBe(400);
  }
});

test('a key says for what it is: name and scopes are checked', async () => {
  const wrong: [object, string][] = [
    [{ name: '', scopes: ['users:read'] }, 'name'],
    [{ name: 'x'.repeat(121), scopes: ['users:read'] }, 'name'],
    [{ name: 'x', scopes: [] }, 'scopes'],
    [{ name: 'x', scopes: ['users:fly'] }, 'scopes.0'],
    [{ name: 'x', scopes: ['users:read', 'platform:tenants'] }, 'scopes.0'],
  ];
  for (const [input, path] of wrong) {
    const { code, fields } = await mutate(acme, 'createApiKey', input);
    expect([input, code, fields?.[0]?.path]).toEqual([input, 'INVALID_INPUT', path]);
  }
  const dates = ['2030-01-01', 'tomorrow', '2030-13-01T00:00:00Z', 5];
  for (const expiresAt of dates)
    expect(
      (await mutate(acme, 'createApiKey', { name: 'x', scopes: ['users:read'], expiresAt })).code,
    ).toBe('BAD_USER_INPUT');
});

test('a key of another tenant is answered as missing', async () => {
  const other = await make.tenant();
  const theirs = await make.apiKey(other, ['users:read']);
  for (const mutation of ['rotateApiKey', 'revokeApiKey'])
    expect((await mutate(acme, mutation, { id: theirs.id })).code).toBe('API_KEY_NOT_FOUND');
  expect((await acme.rest('GET', `/v1/api-keys/${theirs.id}`)).status).toBe(404);
  expect(await status(theirs)).toBe(200);
});

test('when a key was last used is written, also when it stops', async () => {
  const first = await startHouse();
  const one = await makers(first).tenant();
  first.clock.advance(5_000);
  const used = first.clock.now().toISOString();
  expect((await one.gql('{ viewer { scopes } }')).status).toBe(200);
  await first.stop();
  const second = await startHouse({ home: first.home, clock: first.clock });
  try {
    const again = callerOf(second, { secret: one.secret, door: 'public' });
    const { body } = await again.rest<ApiKey>('GET', `/v1/api-keys/${one.keyId}`);
    expect(body.lastUsedAt).toBe(used);
  } finally {
    await second.stop();
    await first.home.remove();
  }
});
