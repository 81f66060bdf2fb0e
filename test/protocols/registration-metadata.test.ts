/** What clients that register themselves may say, and what not (RFC 7591, 2 and 3.2.2). */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { refusal, takesRegistrations, WEB_APP } from '../kit/registration.ts';
import { CALLBACK } from '../kit/relying-party.ts';
import { ownKey } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);

test('where a client runs is told from what it says', async () => {
  const { tenant, register } = await takesRegistrations(house, make, {
    policy: {
      grantTypes: [
        'authorization_code',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
    },
  });
  const none = { token_endpoint_auth_method: 'none' };
  const local = { redirect_uris: ['http://127.0.0.1:3000/cb', 'com.example.app:/cb'] };
  const said: readonly (readonly [object, string, string])[] = [
    [WEB_APP, 'WEB', 'client_secret_basic'],
    [{ ...WEB_APP, token_endpoint_auth_method: 'client_secret_post' }, 'WEB', 'client_secret_post'],
    [{ ...WEB_APP, ...none }, 'SPA', 'none'],
    [{ ...local, ...none }, 'NATIVE', 'none'],
    [{ ...local, application_type: 'native' }, 'NATIVE', 'none'],
    [
      { redirect_uris: ['http://localhost:3000/cb'], application_type: 'web', ...none },
      'SPA',
      'none',
    ],
    [{ grant_types: ['client_credentials'], scope: null }, 'SERVICE', 'client_secret_basic'],
    [{ grant_types: ['urn:ietf:params:oauth:grant-type:device_code'], ...none }, 'NATIVE', 'none'],
  ];
  for (const [metadata, type, method] of said) {
    const { body, text } = await register(metadata);
    const { data } = await tenant.gql<{ client: { type: string } }>(
      'query ($id: ID!) { client(id: $id) { type } }',
      { id: body['client_id'] },
    );
    expect([data?.client.type, body['token_endpoint_auth_method']], text).toEqual([type, method]);
    expect('client_secret' in body).toBe(method !== 'none');
  }
});

test('F17 redirect URIs keep to the rules of all clients', async () => {
  const { register } = await takesRegistrations(house, make);
  for (const uri of [
    'https://*.example.com/callback',
    'https://app.example.com/*',
    'http://app.example.com/callback',
    'https://user@app.example.com/callback',
    'https://app.example.com/callback#part',
    'javascript:alert(1)',
    'com.example.app:/callback',
    'https://APP.example.com/callback',
    '',
  ])
    expect(await refusal(register({ ...WEB_APP, redirect_uris: [uri] })), uri).toEqual([
      400,
      'invalid_redirect_uri',
      expect.stringMatching(/^redirect_uris\.0 must be/),
    ]);
  expect(await refusal(register({ client_name: 'App' }))).toEqual([
    400,
    'invalid_redirect_uri',
    'redirect_uris must hold a URI that authorization_code returns to',
  ]);
  expect((await refusal(register({ ...WEB_APP, redirect_uris: CALLBACK })))[1]).toBe(
    'invalid_redirect_uri',
  );
});

test('T05 D04 metadata that is not acceptable is refused, with a word on what', async () => {
  const { jwk } = await ownKey();
  const { register, initial, tenant } = await takesRegistrations(house, make);
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ grant_types: ['implicit'] }, /^grant_types\.0 must be one of/],
    [{ grant_types: ['password'] }, /^grant_types\.0 must be one of/],
    [{ grant_types: ['client_credentials'], redirect_uris: [] }, /grant_types\.0 .*register them/],
    [{ response_types: ['token'] }, /^response_types must hold code/],
    [{ response_types: 'code' }, /^response_types/],
    [{ application_type: 'tv' }, /^application_type/],
    [{ application_type: 'native', token_endpoint_auth_method: 'client_secret_basic' }, /none/],
    [{ token_endpoint_auth_method: 'tls_client_auth' }, /^token_endpoint_auth_method/],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, /^jwks must be given .* or jwks_uri/],
    [{ jwks: { keys: [jwk] } }, /^jwks must be given for private_key_jwt/],
    [{ jwks_uri: 'http://127.0.0.1/keys' }, /^jwks_uri must be an https URI/],
    [{ id_token_signed_response_alg: 'none' }, /^id_token_signed_response_alg/],
    [{ scope: 'openid users:write' }, /^scope must be one of none for clients that register/],
    [{ scope: 'openid phone' }, /^scope must be one of email, offline_access, openid, profile/],
    [{ scope: 'openid nothing:real' }, /^scope holds nothing:real/],
    [{ scope: ['openid'] }, /^scope must be one text/],
    [{ client_name: '' }, /^client_name must not be empty/],
    [{ client_name: 7 }, /^client_name/],
    [{ logo_uri: 'http://app.example.com/logo.svg' }, /^logo_uri must be an https URI/],
    [{ policy_uri: 'javascript:alert(1)' }, /^policy_uri/],
    [{ backchannel_logout_uri: 'http://169.254.169.254/' }, /^backchannel_logout_uri/],
    [{ post_logout_redirect_uris: ['https://*.example.com/'] }, /^post_logout_redirect_uris\.0/],
    [{ dpop_bound_access_tokens: 'yes' }, /^dpop_bound_access_tokens/],
  ];
  for (const [metadata, why] of wrong)
    expect(await refusal(register({ ...WEB_APP, ...metadata })), JSON.stringify(metadata)).toEqual([
      400,
      'invalid_client_metadata',
      expect.stringMatching(why),
    ]);
  for (const body of ['', '{', '[]', '"x"', '{"redirect_uris":[],"redirect_uris":[]}', 'null'])
    expect((await refusal(register(body))).slice(0, 2), body).toEqual([
      400,
      'invalid_client_metadata',
    ]);
  expect(await refusal(register({ ...WEB_APP, software_statement: 'e30.e30.x' }))).toEqual([
    400,
    'unapproved_software_statement',
    expect.any(String),
  ]);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await register('redirect_uris=x', form)).status).toBe(415);
  // None of it took one of the clients that the token is good for.
  const { data } = await tenant.gql<{ initialAccessToken: object }>(
    'query ($id: ID!) { initialAccessToken(id: $id) { clientsMade } }',
    { id: initial.id },
  );
  expect(data?.initialAccessToken).toEqual({ clientsMade: 0 });
});

test('nothing that a client says makes it more than the others: unknown metadata is left out', async () => {
  const { tenant, register } = await takesRegistrations(house, make);
  const { body } = await register({
    ...WEB_APP,
    signet_first_party: true,
    firstParty: true,
    publisher: 'The tenant',
    client_id: 'client_of_my_own',
    client_secret: 'of my own',
    'client_name#de': 'Anwendung',
    subject_type: 'pairwise',
  });
  expect(body['client_secret']).not.toBe('of my own');
  const { data } = await tenant.gql<{ client: object }>(
    'query ($id: ID!) { client(id: $id) { name firstParty publisher } }',
    { id: body['client_id'] },
  );
  expect(data?.client).toEqual({ name: 'App', firstParty: false, publisher: null });
  expect(body).not.toHaveProperty('subject_type');
});
