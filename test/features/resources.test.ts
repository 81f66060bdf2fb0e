/** API resources: their life, their names, and their scopes. */
import { expect, test } from 'vitest';
import { resourcesOf } from '#features/resources/resources.queries.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { expectStatus, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

interface Resource {
  readonly id: string;
  readonly identifier: string;
  readonly version: number;
  readonly scopes: readonly object[];
}

const ORDERS = 'https://orders.example.com/v2';
const SCOPES = [
  { name: 'orders:write', description: 'Place orders' },
  { name: 'orders:read', description: 'See your orders' },
];
const inOrder = [...SCOPES].reverse();
const found = (identifier: string) => resourcesOf(house.services, acme.uuid, [identifier]);

test('a resource is created, read and changed the same over GraphQL and REST', async () => {
  const made = await acme.rest<Resource>('POST', '/v1/resources', {
    body: { identifier: ORDERS, name: ' Orders ', scopes: SCOPES },
  });
  const resource = expectStatus(made, 201);
  const now = house.clock.now().toISOString();
  expect(resource).toEqual({
    id: expect.stringMatching(/^resource_[0-9a-z]{26}$/),
    identifier: ORDERS,
    name: 'Orders',
    tokenFormat: 'JWT',
    tokenSeconds: 900,
    signingAlg: 'ES256',
    allowOffline: true,
    scopes: inOrder,
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
  expect(made.headers['location']).toBe(`/v1/resources/${resource.id}`);
  const path = `/v1/resources/${resource.id}`;
  expect((await acme.rest<Resource>('GET', path)).body).toEqual(resource);
  const scopes = [{ name: 'orders:read', description: 'See orders' }];
  const changed = await acme.rest<Resource>('PATCH', path, {
    body: { tokenFormat: 'OPAQUE', tokenSeconds: 60, signingAlg: 'EdDSA', scopes },
    headers: { 'if-match': '"1"' },
  });
  expect(expectStatus(changed, 200)).toMatchObject({
    name: 'Orders',
    tokenFormat: 'OPAQUE',
    tokenSeconds: 60,
    signingAlg: 'EdDSA',
    scopes,
    version: 2,
  });
  const late = { body: { name: 'Late' }, headers: { 'if-match': '"1"' } };
  expect((await acme.rest('PATCH', path, late)).status).toBe(412);
  expect((await acme.rest('PATCH', path, { body: { identifier: 'urn:x:y' } })).status).toBe(400);
  expect(await found(ORDERS)).toMatchObject([{ identifier: ORDERS, scopes, tokenSeconds: 60 }]);
  const { data } = await acme.gql<{ resources: { nodes: object[] }; node: object }>(
    'query ($id: ID!) { resources { nodes { id } } node(id: $id) { __typename } }',
    { id: resource.id },
  );
  expect(data).toEqual({
    resources: { nodes: [{ id: resource.id }] },
    node: { __typename: 'Resource' },
  });
  expect((await acme.rest('DELETE', path)).status).toBe(204);
  expect((await acme.rest('DELETE', path)).status).toBe(404);
  expect(await found(ORDERS)).toEqual([]);
});

test('an identifier is unique in its tenant, and free in another one', async () => {
  const { identifier } = await make.resource(acme);
  const again = { identifier, name: 'x' };
  expect((await mutate(acme, 'createResource', again)).code).toBe('RESOURCE_IDENTIFIER_TAKEN');
  const other = await make.tenant();
  expect((await make.resource(other, again)).identifier).toBe(identifier);
  expect(await found(identifier)).toHaveLength(1);
});

test.each([
  ['', 'identifier'],
  ['orders', 'identifier'],
  ['https://api.example.com/#x', 'identifier'],
  ['https://API.example.com', 'identifier'],
  ['https://api.example.com/ x', 'identifier'],
  [`https://api.example.com/${'x'.repeat(255)}`, 'identifier'],
])('RFC 8707: the identifier %s is refused', async (identifier, path) => {
  expect(await mutate(acme, 'createResource', { identifier, name: 'x' })).toMatchObject({
    code: 'INVALID_INPUT',
    fields: [{ path }],
  });
});

test("our own names are nobody else's", async () => {
  const issuer = `${PUBLIC_URL}/t/${acme.slug}`;
  for (const identifier of [issuer, `${issuer}/`, `${issuer}/api`, PUBLIC_URL, `${PUBLIC_URL}/v1`])
    expect(await mutate(acme, 'createResource', { identifier, name: 'x' })).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: 'identifier' }],
    });
  const like = { identifier: `${PUBLIC_URL}.example.com`, name: 'x' };
  expect((await mutate(acme, 'createResource', like)).code).toBeUndefined();
});

test.each([
  [{ scopes: [{ name: 'a b', description: 'x' }] }, 'scopes.0.name'],
  [{ scopes: [{ name: 'a"b', description: 'x' }] }, 'scopes.0.name'],
  [{ scopes: [{ name: 'a\\b', description: 'x' }] }, 'scopes.0.name'],
  [{ scopes: [{ name: 'ä', description: 'x' }] }, 'scopes.0.name'],
  [{ scopes: [{ name: 'x'.repeat(101), description: 'x' }] }, 'scopes.0.name'],
  [{ scopes: [{ name: 'a', description: ' ' }] }, 'scopes.0.description'],
  [{ scopes: [...SCOPES, { name: 'orders:read', description: 'x' }] }, 'scopes'],
  [{ tokenSeconds: 59 }, 'tokenSeconds'],
  [{ tokenSeconds: 86_401 }, 'tokenSeconds'],
])('RFC 6749 3.3: %j is refused', async (input, path) => {
  const { identifier } = { identifier: 'urn:example:refused' };
  expect(await mutate(acme, 'createResource', { identifier, name: 'x', ...input })).toMatchObject({
    code: 'INVALID_INPUT',
    fields: [{ path }],
  });
});

test('the charset of scopes is that of RFC 6749, in the database too', async () => {
  const all = Array.from({ length: 94 }, (_, n) => String.fromCharCode(n + 33)).filter(
    (char) => char !== '"' && char !== '\\',
  );
  const scopes = all.map((name) => ({ name, description: 'x' }));
  const { identifier } = await make.resource(acme, { scopes });
  expect((await found(identifier))[0]?.scopes).toHaveLength(92);
});

test('F12 whoever makes another API under a name finds nothing allowed in it already', async () => {
  const resource = await make.resource(acme, { scopes: SCOPES });
  const { identifier } = resource;
  const kept = (await make.resource(acme)).identifier;
  const user = await make.user(acme);
  const client = await make.client(acme);
  await make.consent(acme, user, client, {
    resourceScopes: { [identifier]: ['orders:read'], [kept]: ['x'] },
  });
  expect((await acme.rest('DELETE', `/v1/resources/${resource.id}`)).status).toBe(204);
  const left = await rows(house, acme.uuid, 'SELECT resource_scopes AS kept FROM oauth_consents');
  expect(left).toEqual([{ kept: { [kept]: ['x'] } }]);
});
