/** Secrets of clients, and who may decide about a client. */
import { expect, test } from 'vitest';
import { isClientSecret } from '#features/clients/clients.model.ts';
import { clientOf } from '#features/clients/clients.queries.ts';
import { decodeId } from '#kernel/ids.ts';
import type { Caller } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { expectStatus, makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { everythingStored } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

const uuidOf = (id: string) => decodeId('client', id) ?? '';
const registered = (id: string) => clientOf(house.services, acme.uuid, uuidOf(id));
/** Whether the token endpoint would take this secret now. */
const works = async (client: { id: string }, secret: string | null) => {
  const found = await registered(client.id);
  return isClientSecret(found?.secrets ?? [], secret ?? '', house.clock.now());
};
const rotate = (client: { id: string }, overlapSeconds?: number) =>
  mutate<{ secret: string }>(
    acme,
    'rotateClientSecret',
    { id: client.id, ...(overlapSeconds === undefined ? {} : { overlapSeconds }) },
    'secret',
  );

test('F09 a secret is in one answer and nowhere else: the database holds its hash', async () => {
  const client = await make.client(acme);
  const random = (client.secret ?? '').slice('sgcs_'.length);
  const everywhere = [...(await everythingStored(house)), ...house.log].join('\n');
  expect(random).toHaveLength(64);
  expect(everywhere).not.toContain(random);
  expect(await works(client, client.secret)).toBe(true);
  const found = await registered(client.id);
  const [stored] = found?.secrets ?? [];
  for (const wrong of [
    '',
    'sgcs_',
    `${client.secret}0`,
    client.secret?.toUpperCase() ?? '',
    stored?.hash.toString('hex') ?? '',
    (await make.client(acme)).secret,
  ])
    expect(await works(client, wrong)).toBe(false);
});

test('a rotated secret works for the overlap and no longer; five work at most', async () => {
  const client = await make.client(acme);
  const second = await rotate(client, 60);
  expect([await works(client, client.secret), await works(client, second.secret)]).toEqual([
    true,
    true,
  ]);
  house.clock.advance(60_000);
  expect([await works(client, client.secret), await works(client, second.secret)]).toEqual([
    false,
    true,
  ]);
  for (let n = 0; n < 4; n += 1) expect((await rotate(client)).secret).toMatch(/^sgcs_/);
  expect((await rotate(client)).code).toBe('TOO_MANY_CLIENT_SECRETS');
  const last = await rotate(client, 0);
  expect([await works(client, second.secret), await works(client, last.secret)]).toEqual([
    false,
    true,
  ]);
  const rest = await acme.rest<{ secret: string }>(
    'POST',
    `/v1/clients/${client.id}/rotate-secret`,
    { body: { overlapSeconds: 0 } },
  );
  expect(await works(client, expectStatus(rest, 200).secret)).toBe(true);
});

test('a client that changes how it authenticates leaves no secret behind', async () => {
  const client = await make.client(acme);
  const change = (input: object) =>
    mutate<{ client: { id: string } }>(
      acme,
      'updateClient',
      { id: client.id, ...input },
      'client { id }',
    );
  const keys = { tokenEndpointAuthMethod: 'private_key_jwt', jwksUri: 'https://a.example/jwks' };
  expect((await change(keys)).client.id).toBe(client.id);
  expect((await registered(client.id))?.secrets).toEqual([]);
  await change({ tokenEndpointAuthMethod: 'client_secret_post', jwksUri: null });
  expect(await works(client, client.secret)).toBe(false);
  expect(await works(client, (await rotate(client)).secret)).toBe(true);
});

const apiScopes = ['users:read', 'users:write'];

async function refusedOf(caller: Caller, client: { id: string }) {
  const tries: [string, object][] = [
    ['createClient', { name: 'x', type: 'SERVICE', apiScopes }],
    ['updateClient', { id: client.id, name: 'x' }],
    ['updateClient', { id: client.id, redirectUris: ['https://evil.example/cb'] }],
    ['rotateClientSecret', { id: client.id }],
    ['disableClient', { id: client.id }],
    ['enableClient', { id: client.id }],
    ['deleteClient', { id: client.id }],
  ];
  const codes = [];
  for (const [mutation, input] of tries) codes.push((await mutate(caller, mutation, input)).code);
  return codes;
}

test('T04 nobody gives a client more than they hold, nor gets hold of one that may do more', async () => {
  const client = await make.client(acme, { type: 'SERVICE', redirectUris: [], apiScopes });
  const weak = await make.apiKey(acme, ['clients:read', 'clients:write', 'users:read']);
  expect(await refusedOf(weak, client)).toEqual(Array(7).fill('OUTRANKS_CALLER'));
  expect(await works(client, client.secret)).toBe(true);
  const own = await make.client(weak, {
    type: 'SERVICE',
    redirectUris: [],
    apiScopes: ['users:read'],
  });
  const widened = { id: own.id, apiScopes };
  expect((await mutate(weak, 'updateClient', widened)).code).toBe('OUTRANKS_CALLER');
  expect((await mutate(acme, 'updateClient', widened)).code).toBeUndefined();
  expect((await mutate(weak, 'rotateClientSecret', { id: own.id })).code).toBe('OUTRANKS_CALLER');
});

test('T04 who may write clients makes no application that acts as people themselves, and gets hold of none', async () => {
  const powers = { firstParty: true, apiScopes: ['users:read'] };
  const weak = await make.apiKey(acme, ['clients:read', 'clients:write', 'users:read']);
  const redirectUris = ['https://evil.example/cb'];
  const input = { name: 'x', type: 'WEB', redirectUris, ...powers };
  expect((await mutate(weak, 'createClient', input)).code).toBe('OUTRANKS_CALLER');
  const strong = await make.client(acme, powers);
  expect(await refusedOf(weak, strong)).toEqual(Array(7).fill('OUTRANKS_CALLER'));
  for (const part of [{ firstParty: true }, { apiScopes: powers.apiScopes }]) {
    const { id } = await make.client(weak, part);
    expect((await mutate(weak, 'updateClient', { id, ...powers })).code).toBe('OUTRANKS_CALLER');
  }
});

test('a client outlives whoever made it, and keeps what it may do', async () => {
  const maker = await make.apiKey(acme, ['clients:write', 'clients:read', 'users:read']);
  const client = await make.client(maker, {
    type: 'SERVICE',
    redirectUris: [],
    apiScopes: ['users:read'],
  });
  await run(acme, 'revokeApiKey', 'apiKey { id }', { id: maker.id });
  expect(await registered(client.id)).toMatchObject({
    apiScopes: ['users:read'],
    disabledAt: null,
  });
  expect(await works(client, client.secret)).toBe(true);
});

test("the platform's scopes are for clients of the platform", async () => {
  const input = { name: 'x', type: 'SERVICE', apiScopes: ['platform:tenants'] };
  expect(await mutate(acme.operator, 'createClient', input)).toMatchObject({
    code: 'INVALID_INPUT',
    fields: [{ path: 'apiScopes.0' }],
  });
});
