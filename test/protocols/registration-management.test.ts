/** Clients that manage themselves (RFC 7592): what they see, what they change, and what they do not. */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import {
  ask,
  manage,
  openRegistration,
  type Registered,
  refusal,
  registered,
  takesRegistrations,
  WEB_APP,
} from '../kit/registration.ts';
import { ownKey } from '../kit/token-endpoint.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);

const open = async (options: Parameters<typeof takesRegistrations>[2] = {}, metadata?: object) => {
  const { tenant, initial } = await takesRegistrations(house, make, options);
  const client = await registered(house, tenant, initial.token, metadata);
  const act = (method: string, body?: unknown) => manage(house, tenant, client, method, body);
  return { tenant, initial, client, act };
};

const settings = async (tenant: Awaited<ReturnType<typeof make.tenant>>, id: string) =>
  (
    await tenant.gql<{ client: Record<string, unknown> }>(
      'query ($id: ID!) { client(id: $id) { name redirectUris logoUri audiences publisher firstParty identityScopes version } }',
      { id },
    )
  ).data?.client;

test('a client sees itself, without anything secret', async () => {
  const { client, act } = await open();
  const { client_secret: secret, registration_access_token: token, ...told } = client;
  const { status, body, text } = await act('GET');
  const { client_secret_expires_at: _, ...rest } = told as Record<string, unknown>;
  expect([status, body]).toEqual([200, rest]);
  expect(text).not.toContain(secret);
  expect(text).not.toContain(token);
});

test('a client replaces what it said: what it leaves out is gone', async () => {
  const { tenant, client, act } = await open(
    {},
    {
      ...WEB_APP,
      logo_uri: 'https://app.example.com/logo.svg',
      scope: 'openid',
    },
  );
  const { client_id: id } = client;
  const said = { client_id: id, client_name: 'Other', redirect_uris: ['https://b.example.com/cb'] };
  const { status, body, text } = await act('PUT', { ...said, client_secret: client.client_secret });
  expect([status, body['client_name'], body['scope']]).toEqual([
    200,
    'Other',
    'email openid profile',
  ]);
  expect(text).not.toContain('sgcs_');
  expect(text).not.toContain('sgra_');
  expect(await settings(tenant, id)).toMatchObject({
    name: 'Other',
    redirectUris: ['https://b.example.com/cb'],
    logoUri: null,
    version: 2,
  });
  expect((await act('GET')).body).toEqual(body);
  const { data } = await tenant.gql<{ auditEvents: { nodes: object[] } }>(
    '{ auditEvents(first: 1, filter: { type: "client.update" }) { nodes { actor { kind id } targets { id } } } }',
  );
  expect(data?.auditEvents.nodes).toEqual([{ actor: { kind: 'client', id }, targets: [{ id }] }]);
});

test('T05 a client keeps to the rules, and says nothing that is not its own to say', async () => {
  const { client, act } = await open();
  const said = { client_id: client.client_id, ...WEB_APP };
  const wrong: readonly (readonly [object, RegExp])[] = [
    [WEB_APP, /^client_id must be/],
    [{ ...said, client_id: `${client.client_id}x` }, /^client_id must be/],
    [{ ...said, client_secret: 'chosen' }, /^client_secret is not chosen/],
    [{ ...said, registration_access_token: 'chosen' }, /^registration_access_token is said/],
    [
      { ...said, registration_client_uri: client.registration_client_uri },
      /^registration_client_uri/,
    ],
    [{ ...said, client_id_issued_at: 1 }, /^client_id_issued_at/],
    [{ ...said, client_secret_expires_at: 0 }, /^client_secret_expires_at/],
    [{ ...said, application_type: 'native' }, /^application_type never changes/],
    [
      { ...said, token_endpoint_auth_method: 'none' },
      /^token_endpoint_auth_method must be none for SPA/,
    ],
    [{ ...said, scope: 'openid users:read' }, /^scope must be one of none/],
    [{ ...said, grant_types: ['authorization_code', 'client_credentials'] }, /^grant_types/],
  ];
  for (const [body, why] of wrong)
    expect(await refusal(act('PUT', body)), JSON.stringify(body)).toEqual([
      400,
      'invalid_client_metadata',
      expect.stringMatching(why),
    ]);
  expect((await refusal(act('PUT', { ...said, redirect_uris: ['http://a.example.com'] })))[1]).toBe(
    'invalid_redirect_uri',
  );
  expect((await act('GET')).body['redirect_uris']).toEqual(WEB_APP.redirect_uris);
  for (const method of ['POST', 'PATCH', 'OPTIONS'])
    expect((await act(method)).status, method).toBe(405);
});

test('a secret is given at registration only', async () => {
  const { jwk } = await ownKey();
  const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
  const { client, act } = await open({}, { ...WEB_APP, ...keys });
  expect(client).not.toHaveProperty('client_secret');
  const said = { client_id: client.client_id, ...WEB_APP };
  expect(await refusal(act('PUT', said))).toEqual([
    400,
    'invalid_client_metadata',
    expect.stringContaining('secrets are given at registration only'),
  ]);
  expect((await act('PUT', { ...said, ...keys, client_name: 'Again' })).status).toBe(200);
});

test('D02 a token manages the one client that it is of', async () => {
  const { tenant, initial, client } = await open();
  const another = await registered(house, tenant, initial.token);
  const made = await make.client(tenant);
  const stranger = await takesRegistrations(house, make);
  const ofStranger = await registered(house, stranger.tenant, stranger.initial.token);
  const { registration_access_token: token, client_id: id } = client;
  const tries: readonly (readonly [string, string | null])[] = [
    [another.client_id, token],
    [made.id, token],
    [ofStranger.client_id, token],
    [ofStranger.client_id, ofStranger.registration_access_token],
    ['client_nobody', token],
    [id, null],
    [id, initial.token],
    [id, client.client_secret ?? ''],
    [id, tenant.secret],
    [id, 'sgra_guessed'],
  ];
  const answers = new Set<string>();
  for (const [path, shown] of tries)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? { client_id: path, ...WEB_APP } : undefined;
      const answer = await ask(house, tenant, method, shown, { path: `/${path}`, body });
      expect([answer.status, answer.body['error']], `${method} ${path}`).toEqual([
        401,
        'invalid_token',
      ]);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/);
      if (shown !== null) answers.add(answer.text);
    }
  expect(answers.size).toBe(1);
});

test('a client deletes itself, and its token ends with it', async () => {
  const { tenant, client, act } = await open();
  const { status, text } = await act('DELETE');
  expect([status, text]).toEqual([204, '']);
  expect(await settings(tenant, client.client_id)).toBeNull();
  for (const method of ['GET', 'PUT', 'DELETE'])
    expect((await act(method, method === 'PUT' ? {} : undefined)).status).toBe(401);
});

test('what an administrator has taken over, the client changes no more', async () => {
  const { tenant, client, act } = await open();
  const { client_id: id } = client;
  const said = { client_id: id, ...WEB_APP };
  const denied = [403, 'access_denied', expect.any(String)];
  const update = (input: object) => run(tenant, 'updateClient', 'client { id }', { id, ...input });
  await update({ firstParty: true });
  expect(await refusal(act('PUT', said))).toEqual(denied);
  expect(await refusal(act('DELETE'))).toEqual(denied);
  await update({ firstParty: false, apiScopes: ['users:write'] });
  expect(await refusal(act('PUT', said))).toEqual(denied);
  expect(await refusal(act('DELETE'))).toEqual(denied);
  await update({ apiScopes: [] });
  await run(tenant, 'disableClient', 'client { id }', { id });
  expect(await refusal(act('PUT', said))).toEqual(denied);
  await run(tenant, 'enableClient', 'client { id }', { id });
  expect((await act('PUT', said)).status).toBe(200);
  await openRegistration(tenant, { enabled: false });
  expect(await refusal(act('PUT', said))).toEqual(denied);
  expect((await act('GET')).status).toBe(200);
  await tenant.rest('DELETE', `/v1/clients/${id}/registration`);
  expect((await act('GET')).status).toBe(401);
  expect(await settings(tenant, id)).toMatchObject({ name: 'App' });
  expect((await tenant.rest('DELETE', `/v1/clients/${id}/registration`)).status).toBe(404);
});

test('what metadata has no word for stays as administrators have set it', async () => {
  const { tenant, client, act } = await open();
  const { client_id: id } = client;
  await run(tenant, 'updateClient', 'client { id }', { id, publisher: 'Somebody known' });
  expect((await act('PUT', { client_id: id, ...WEB_APP })).status).toBe(200);
  expect(await settings(tenant, id)).toMatchObject({ publisher: 'Somebody known' });
});

test('a policy that became narrower holds for the next change', async () => {
  const wish = { ...WEB_APP, grant_types: ['authorization_code', 'refresh_token'] };
  const { tenant, client, act } = await open({}, wish);
  await openRegistration(tenant, {
    grantTypes: ['authorization_code'],
    identityScopes: ['openid'],
  });
  const { client_id: id } = client as Registered;
  expect(await refusal(act('PUT', { client_id: id, ...wish }))).toEqual([
    400,
    'invalid_client_metadata',
    expect.stringMatching(/^grant_types\.1 must be one of authorization_code/),
  ]);
  expect((await act('PUT', { client_id: id, ...WEB_APP })).body['scope']).toBe('openid');
});

test('at a host of its own a tenant registers clients too', async () => {
  const tenant = await make.tenant({ host: 'login.acme.test' });
  await openRegistration(tenant);
  const { token } = await make.initialAccessToken(tenant);
  const asked = (method: string, path: string, bearer: string, body: string | null) =>
    send(house.url, {
      method,
      path,
      headers: {
        host: 'login.acme.test',
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
      },
      body,
    });
  const made = await asked('POST', '/oauth2/register', token, JSON.stringify(WEB_APP));
  expect(made.status).toBe(201);
  const client = JSON.parse(made.text) as Registered;
  const root = 'https://login.acme.test/oauth2/register';
  expect(client.registration_client_uri).toBe(`${root}/${client.client_id}`);
  const path = `/oauth2/register/${client.client_id}`;
  expect((await asked('GET', path, client.registration_access_token, null)).status).toBe(200);
});
