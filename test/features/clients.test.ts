/** Clients: their life. What they may be made of is in client-rules.test.ts. */

import { expect, test } from 'vitest';
import { clientOf } from '#features/clients/clients.queries.ts';
import { decodeId } from '#kernel/ids.ts';
import { openHouse } from '../kit/house.ts';
import { expectStatus, makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

const DAY = 86_400;
const CALLBACK = 'https://app.example.com/callback';

interface Client extends Record<string, unknown> {
  readonly id: string;
  readonly version: number;
}

const registered = (id: string) =>
  clientOf(house.services, acme.uuid, decodeId('client', id) ?? '');

test('a client is created with what its type needs, and read the same over GraphQL and REST', async () => {
  const made = await acme.rest<Client & { secret: string }>('POST', '/v1/clients', {
    body: { name: ' Shop ', type: 'WEB', redirectUris: [CALLBACK, CALLBACK] },
  });
  const { secret, ...client } = expectStatus(made, 201);
  const now = house.clock.now().toISOString();
  expect(client).toEqual({
    id: expect.stringMatching(/^client_[0-9a-z]{26}$/),
    name: 'Shop',
    type: 'WEB',
    firstParty: false,
    publisher: null,
    redirectUris: [CALLBACK],
    postLogoutRedirectUris: [],
    grantTypes: ['authorization_code', 'refresh_token'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    jwks: null,
    jwksUri: null,
    identityScopes: ['email', 'offline_access', 'openid', 'profile'],
    apiScopes: [],
    audiences: [],
    idTokenAlg: 'RS256',
    refreshRotation: true,
    refreshIdleSeconds: 14 * DAY,
    refreshSeconds: 90 * DAY,
    requireDpop: false,
    requirePar: false,
    logoUri: null,
    clientUri: null,
    policyUri: null,
    termsUri: null,
    backchannelLogoutUri: null,
    disabledAt: null,
    createdBy: acme.keyId,
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
  expect(made.headers['location']).toBe(`/v1/clients/${client.id}`);
  expect(secret).toMatch(/^sgcs_[0-9a-f]{64}$/);
  const again = await acme.rest<Client>('GET', `/v1/clients/${client.id}`);
  expect(again.body).toEqual(client);
  expect(again.headers['etag']).toBe('"1"');
  const { data } = await acme.gql<{ node: object; client: object }>(
    'query ($id: ID!) { node(id: $id) { __typename id } client(id: $id) { id type } }',
    { id: client.id },
  );
  expect(data).toEqual({
    node: { __typename: 'Client', id: client.id },
    client: { id: client.id, type: 'WEB' },
  });
});

test('each type has its own defaults; those that keep no secret get none', async () => {
  const kinds = { SPA: [CALLBACK], NATIVE: ['com.example.app:/callback'], SERVICE: [] };
  for (const [type, redirectUris] of Object.entries(kinds)) {
    const { client, secret } = await run<{ client: Client; secret: string | null }>(
      acme,
      'createClient',
      'client { id grantTypes tokenEndpointAuthMethod identityScopes } secret',
      { name: type, type, redirectUris },
    );
    const isService = type === 'SERVICE';
    expect(client).toMatchObject({
      grantTypes: isService ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
      tokenEndpointAuthMethod: isService ? 'client_secret_basic' : 'none',
      identityScopes: isService ? [] : ['email', 'offline_access', 'openid', 'profile'],
    });
    expect(secret === null).toBe(!isService);
    expect((await registered(client.id))?.secrets).toHaveLength(isService ? 1 : 0);
    if (!isService)
      expect((await mutate(acme, 'rotateClientSecret', { id: client.id })).code).toBe(
        'CLIENT_WITHOUT_SECRET',
      );
  }
});

test('a change keeps what is left out, and null clears; of two changes at once one is refused', async () => {
  const resource = await make.resource(acme);
  const client = await make.client(acme, { publisher: 'Acme', logoUri: 'https://acme.example/l' });
  const path = `/v1/clients/${client.id}`;
  const first = await acme.rest<Client>('PATCH', path, {
    body: { name: 'Renamed', logoUri: null, audiences: [resource.identifier], requirePar: true },
    headers: { 'if-match': '"1"' },
  });
  expect(expectStatus(first, 200)).toMatchObject({
    name: 'Renamed',
    publisher: 'Acme',
    logoUri: null,
    audiences: [resource.identifier],
    requirePar: true,
    redirectUris: [CALLBACK],
    version: 2,
  });
  const late = await acme.rest('PATCH', path, {
    body: { name: 'Late' },
    headers: { 'if-match': '"1"' },
  });
  expect(late.status).toBe(412);
  const unknown = { id: client.id, audiences: [resource.identifier, 'https://nobody.example.com'] };
  expect(await mutate(acme, 'updateClient', unknown)).toMatchObject({
    code: 'INVALID_INPUT',
    fields: [{ path: 'audiences.1', message: 'is the identifier of no API resource here' }],
  });
  expect((await acme.rest('PATCH', path, { body: { type: 'SPA' } })).status).toBe(400);
  await run(acme, 'deleteResource', 'deletedId', { id: resource.id });
  expect((await registered(client.id))?.audiences).toEqual([]);
});

test('a client is disabled, enabled and deleted, with everything that hangs on it', async () => {
  const client = await make.client(acme);
  const user = await make.user(acme);
  await make.consent(acme, user, client);
  const off = await acme.rest<Client>('POST', `/v1/clients/${client.id}/disable`);
  expect(expectStatus(off, 200)).toMatchObject({
    disabledAt: house.clock.now().toISOString(),
    version: 2,
  });
  expect((await registered(client.id))?.disabledAt).toEqual(house.clock.now());
  const twice = await acme.rest<Client>('POST', `/v1/clients/${client.id}/disable`);
  expect(twice.body.version).toBe(2);
  const on = await acme.rest<Client>('POST', `/v1/clients/${client.id}/enable`);
  expect(expectStatus(on, 200)).toMatchObject({ disabledAt: null, version: 3 });
  expect((await acme.rest('DELETE', `/v1/clients/${client.id}`)).status).toBe(204);
  expect(await registered(client.id)).toBeNull();
  expect((await acme.rest('DELETE', `/v1/clients/${client.id}`)).status).toBe(404);
  const left = await rows(
    house,
    acme.uuid,
    'SELECT 1 FROM oauth_consents WHERE client_id = $1 UNION ALL SELECT 1 FROM oauth_client_secrets WHERE client_id = $1',
    [client.uuid],
  );
  expect(left).toEqual([]);
});

test('clients are listed by the beginning of their name and by type', async () => {
  const tenant = await make.tenant();
  for (const [name, type] of [
    ['beta', 'SERVICE'],
    ['Alpha', 'SERVICE'],
    ['alphabet', 'WEB'],
  ])
    await make.client(tenant, { name, type, ...(type === 'SERVICE' ? { redirectUris: [] } : {}) });
  const names = async (query: string) => {
    const { body } = await tenant.rest<{ items: { name: string }[] }>(
      'GET',
      `/v1/clients?${query}`,
    );
    return body.items.map(({ name }) => name);
  };
  expect(await names('')).toEqual(['beta', 'Alpha', 'alphabet']);
  expect(await names('namePrefix=ALPHA')).toEqual(['Alpha', 'alphabet']);
  expect(await names('type=SERVICE')).toEqual(['beta', 'Alpha']);
  expect(await names('namePrefix=alpha&type=WEB')).toEqual(['alphabet']);
});

test('the audit log tells what a client may do, and what was changed', async () => {
  const tenant = await make.tenant();
  const client = await make.client(tenant, { apiScopes: ['users:read'] });
  await run(tenant, 'updateClient', 'client { id }', {
    id: client.id,
    name: 'New',
    requirePar: true,
  });
  await run(tenant, 'rotateClientSecret', 'secret', { id: client.id, overlapSeconds: 5 });
  const events = await rows<{ type: string; details: object }>(
    house,
    tenant.uuid,
    "SELECT type, details FROM audit_events WHERE type LIKE 'client.%' ORDER BY id",
  );
  expect(events).toEqual([
    {
      type: 'client.create',
      details: {
        type: 'WEB',
        firstParty: false,
        grantTypes: ['authorization_code', 'refresh_token'],
        apiScopes: ['users:read'],
        audiences: [],
      },
    },
    { type: 'client.update', details: { fields: ['name', 'requirePar'] } },
    { type: 'client.rotate-secret', details: { overlapSeconds: 5 } },
  ]);
});
