/** The kit itself: what other tests stand on. */
import { expect, test } from 'vitest';
import { createUser } from '#features/users/users.commands.ts';
import { anonymous, operator } from './as.ts';
import { call, contextOf } from './context.ts';
import { openHouse, PUBLIC_URL } from './house.ts';
import { makers } from './make.ts';
import { until } from './until.ts';

const house = await openHouse();
const make = makers(house);

test('a house makes tenants, and what they own', async () => {
  const acme = await make.tenant();
  const ada = await make.user(acme, { displayName: 'Ada Lovelace' });
  const group = await make.group(acme, { members: [ada] });
  const role = await make.role(acme, { scopes: ['users:read'] });
  await make.assign(acme, role, group);
  const { data } = await acme.gql<{
    users: { nodes: { id: string; groups: { nodes: object[] } }[] };
  }>('{ users { nodes { id groups { nodes { id name } } } } }');
  expect(data?.users.nodes).toEqual([
    { id: ada.id, groups: { nodes: [{ id: group.id, name: group.name }] } },
  ]);
  const ctx = await contextOf(house, { tenantId: acme.uuid, userId: ada.uuid });
  expect([...ctx.actor.scopes]).toEqual(['users:read']);
  await expect(call(ctx, createUser, { email: 'b@example.com' })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  expect((await make.builtIn(acme, 'owner')).name).toBe('owner');
});

test('the clock stands still until it is told', async () => {
  const acme = await make.tenant();
  const expiresAt = new Date(house.clock.ms() + 60_000).toISOString();
  const key = await make.apiKey(acme, ['users:read'], { expiresAt });
  expect((await key.gql('{ viewer { scopes } }')).data).toEqual({
    viewer: { scopes: ['users:read'] },
  });
  house.clock.advance(60_000);
  await until(async () => (await key.gql('{ viewer { scopes } }')).status === 401);
});

test('callers come through all doors', async () => {
  const acme = await make.tenant();
  expect((await anonymous(house).gql('{ viewer { scopes } }')).code).toBe('UNAUTHENTICATED');
  expect((await operator(house, acme.id).gql('{ tenant { id } }')).data).toEqual({
    tenant: { id: acme.id },
  });
  const { data } = await acme.persisted<{ tenant: { id: string; issuer: string } }>('GetOwnTenant');
  expect(data?.tenant).toMatchObject({ id: acme.id, issuer: `${PUBLIC_URL}/t/${acme.slug}` });
  expect((await acme.rest('GET', '/livez')).status).toBe(200);
  expect(house.log.join('')).not.toContain(house.internalKey);
});
