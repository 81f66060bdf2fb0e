/** What the issuer and our API say of themselves (RFC 8414, RFC 9728). */
import { expect, test } from 'vitest';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { makeClient } from '../kit/relying-party.ts';
import { basic, tell } from '../kit/token-endpoint.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const hosted = await make.tenant({ host: 'id.acme.example' });
const issuer = `${PUBLIC_URL}/t/${acme.slug}`;
const METADATA = `/.well-known/oauth-protected-resource/t/${acme.slug}/api`;

async function told(path: string, headers = {}) {
  const answer = await send(house.url, { path, headers });
  const body = answer.status === 200 ? JSON.parse(answer.text) : {};
  return { ...answer, body: body as Record<string, unknown> };
}

test('our API says whose tokens it takes, and a refused token says where', async () => {
  const { body, headers } = await told(METADATA);
  expect(body).toMatchObject({
    resource: `${issuer}/api`,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_bound_access_tokens_required: false,
  });
  expect(body['scopes_supported']).toContain('users:read');
  expect((body['scopes_supported'] as string[]).some((one) => one.startsWith('platform:'))).toBe(
    false,
  );
  expect(headers['access-control-allow-origin']).toBe('*');
  const service = {
    type: 'SERVICE',
    redirectUris: [],
    firstParty: false,
    apiScopes: ['users:read'],
  };
  const client = await makeClient(acme, service);
  const grant = { grant_type: 'client_credentials', scope: 'users:read' };
  const granted = await tell(house, acme, '/oauth2/token', grant, basic(client));
  const token = String(granted.body['access_token']);
  const refused = await told('/v1/users', {
    authorization: `Bearer ${token.slice(0, -8)}AAAAAAAA`,
  });
  expect(refused.status).toBe(401);
  expect(refused.headers['www-authenticate']).toBe(
    `Bearer realm="signet", error="invalid_token", resource_metadata="${PUBLIC_URL}${METADATA}"`,
  );
  const nobodys = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from('{"iss":"https://x.example"}').toString('base64url')}.x`;
  const stranger = await told('/v1/users', { authorization: `Bearer ${nobodys}` });
  expect(stranger.headers['www-authenticate']).not.toContain('resource_metadata');
});

test('at a tenant’s own host it stands there', async () => {
  const { body } = await told('/.well-known/oauth-protected-resource/api', {
    host: 'id.acme.example',
  });
  expect(body).toMatchObject({
    resource: 'https://id.acme.example/api',
    authorization_servers: ['https://id.acme.example'],
  });
  expect(hosted.slug).not.toBe(acme.slug);
  for (const path of [
    `/.well-known/oauth-protected-resource/t/${acme.slug}/other`,
    '/.well-known/oauth-protected-resource/t/nobody-here/api',
  ])
    expect((await told(path)).status, path).toBe(404);
});

test('F11 what the issuer advertises is there, and each way of saying it is the same', async () => {
  const places = [
    `/.well-known/oauth-authorization-server/t/${acme.slug}`,
    `/.well-known/openid-configuration/t/${acme.slug}`,
    `/t/${acme.slug}/.well-known/openid-configuration`,
    `/t/${acme.slug}/.well-known/oauth-authorization-server`,
  ];
  const all = await Promise.all(places.map((path) => told(path)));
  expect(new Set(all.map(({ text }) => text)).size).toBe(1);
  const body = all[0]?.body ?? {};
  expect(body).toMatchObject({
    issuer,
    protected_resources: [`${issuer}/api`],
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    authorization_response_iss_parameter_supported: true,
    introspection_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
  });
  expect(body['grant_types_supported']).not.toContain('implicit');
  expect(body['grant_types_supported']).not.toContain('password');
  const endpoints = Object.entries(body).filter(([name]) => name.endsWith('_endpoint'));
  expect(endpoints.length).toBeGreaterThanOrEqual(8);
  for (const [name, uri] of endpoints) {
    const path = String(uri).replace(PUBLIC_URL, '');
    const page = await send(house.url, { path, method: /^(auth|end)/.test(name) ? 'GET' : 'POST' });
    expect(page.status, name).not.toBe(404);
  }
  for (const grant of body['grant_types_supported'] as string[]) {
    const client = await makeClient(acme);
    const answer = await tell(house, acme, '/oauth2/token', { grant_type: grant }, basic(client));
    expect(answer.body['error'], grant).not.toBe('unsupported_grant_type');
  }
});
