/** Tokens for tokens: a person acts for another one (RFC 8693; security.md D11). */
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { callerOf } from '../kit/as.ts';
import { EXCHANGE, exchanging } from '../kit/exchange.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { type Person, person } from '../kit/people.ts';
import { makeClient } from '../kit/relying-party.ts';
import { rows } from '../kit/stored.ts';
import { basic, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);
/** Without second factors, so that administration needs none. */
const acme = await make.tenant();
await run(acme, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'OFF' });
const other = await make.tenant();
const api = `${PUBLIC_URL}/t/${acme.slug}/api`;
const ada = await person(house, make, acme);
const front = await make.resource(acme);
const ask = (token: string, document: string) =>
  callerOf(house, { secret: token, door: 'public' }).gql<Record<string, never>>(document);
const WHO = '{ viewer { actor { kind id } scopes } }';

const desk = await makeClient(acme, {
  grantTypes: ['authorization_code', 'refresh_token', EXCHANGE],
  apiScopes: ['users:read', 'users:write', 'users:impersonate', 'groups:read', 'api-keys:write'],
  audiences: [front.identifier],
});
const ALL = 'users:read users:write users:impersonate groups:read api-keys:write';

async function helper(scopes: string[], tenant: MadeTenant = acme): Promise<Person> {
  const who = await person(house, make, tenant);
  await make.assign(tenant, await make.role(tenant, { scopes }), who);
  return who;
}
const { tokenOf, impersonate: act } = exchanging(house, acme);
const impersonate = (token: string, subject: string, more = {}) =>
  act(desk, token, subject, { resource: api, ...more });

test('D11 F16 a person with users:impersonate acts for another: marked, audited, no more than both may', async () => {
  const grace = await helper(['users:read', 'users:write', 'users:impersonate', 'api-keys:write']);
  const user = await helper(['users:read', 'users:write', 'api-keys:write']);
  const { token } = await tokenOf(grace, desk, ALL);
  const { status, body } = await impersonate(token, user.id);
  expect([status, body['scope']]).toEqual([200, 'groups:read users:read']);
  const acting = String(body['access_token']);
  expect(decodeJwt(acting)).toMatchObject({
    sub: user.id,
    act: { sub: grace.id },
    client_id: desk.id,
  });
  expect((await ask(acting, WHO)).data?.['viewer']).toMatchObject({
    actor: { kind: 'user', id: user.id },
    scopes: ['users:read'],
  });
  const [event] = await rows<Record<string, unknown>>(
    house,
    acme.uuid,
    "SELECT actor_kind, actor_id, on_behalf_of, severity, details FROM audit_events WHERE type = 'token.exchange' ORDER BY id DESC LIMIT 1",
  );
  expect(event).toMatchObject({
    actor_kind: 'user',
    actor_id: grace.id,
    on_behalf_of: user.id,
    severity: 'NOTICE',
    details: { mode: 'impersonation', audience: api, scopes: ['groups:read', 'users:read'] },
  });
});

test('D11 whoever acts for another changes no credentials, and nothing that people do themselves', async () => {
  const grace = await helper(['users:read', 'users:write', 'users:impersonate', 'api-keys:write']);
  const user = await helper(['users:read', 'users:write', 'api-keys:write']);
  const { token } = await tokenOf(grace, desk, ALL);
  const { body } = await impersonate(token, user.id, { scope: ALL });
  const acting = String(body['access_token']);
  for (const mutation of [
    'enrolFactor(input: { kind: TOTP, name: "x" })',
    'signOut(input: { everywhere: true })',
    'createApiKey(input: { name: "mine", scopes: ["users:read"] })',
    `updateUser(input: { id: "${user.id}", email: "thief@example.com" })`,
    `requirePasswordReset(input: { id: "${user.id}" })`,
  ]) {
    const { code } = await ask(acting, `mutation { ${mutation} { __typename } }`);
    expect(code, mutation).toBe('FORBIDDEN');
  }
  const again = await impersonate(acting, grace.id);
  expect(again.body['error']).toBe('access_denied');
});

test('D11 K02 where whoever acts for another was is theirs, and stays when that other is erased', async () => {
  const grace = await helper(['users:read', 'users:impersonate']);
  const user = await helper(['users:read']);
  const { token } = await tokenOf(grace, desk, ALL);
  const { body } = await impersonate(token, user.id);
  await ask(String(body['access_token']), 'mutation { signOut(input: {}) { __typename } }');
  const [refused] = await rows<{ personal: object }>(
    house,
    acme.uuid,
    `SELECT personal FROM audit_events WHERE actor_id = '${grace.id}' AND on_behalf_of = '${user.id}'
     AND result = 'REFUSED' ORDER BY id DESC LIMIT 1`,
  );
  expect(Object.keys(refused?.personal ?? {})).toEqual([grace.id]);
});

test('D11 nobody acts for themselves, for their betters, or for whoever does not exist, told alike', async () => {
  const grace = await helper(['users:read', 'users:impersonate']);
  const boss = await helper(['users:read', 'users:impersonate', 'roles:write']);
  const gone = await person(house, make, acme);
  await run(acme, 'suspendUser', 'user { id }', { id: gone.id });
  const foreign = await person(house, make, other);
  const { token } = await tokenOf(grace, desk, ALL);
  const nobody = 'user_01m7zxnfg2e0baem9szayva7k7';
  const answers = await Promise.all(
    [grace.id, boss.id, gone.id, foreign.id, nobody, 'nonsense'].map((id) =>
      impersonate(token, id),
    ),
  );
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]?.body).toMatchObject({ error: 'access_denied' });
  const plain = await helper(['users:read']);
  const without = await tokenOf(plain, desk, ALL);
  expect((await impersonate(without.token, ada.id)).body['error']).toBe('access_denied');
  const narrow = await tokenOf(grace, desk, 'users:read');
  expect((await impersonate(narrow.token, ada.id)).body['error']).toBe('access_denied');
});

test('D11 acting for another ends with the rights, the session and the person of whoever acts', async () => {
  const user = await helper(['users:read']);
  const role = await make.role(acme, { scopes: ['users:read', 'users:impersonate'] });
  const ends: Record<string, (who: Person, refresh: string) => Promise<unknown>> = {
    'without the right': ({ id }) =>
      run(acme, 'unassignRole', '__typename', { roleId: role.id, userId: id }),
    suspended: ({ id }) => run(acme, 'suspendUser', 'user { id }', { id }),
    'signed out': ({ id }) => run(acme, 'endUserSessions', '__typename', { userId: id }),
    revoked: (_who, refresh) =>
      tell(house, acme, '/oauth2/revoke', { token: refresh }, basic(desk)),
    'subject gone': () => run(acme, 'suspendUser', 'user { id }', { id: user.id }),
  };
  for (const [what, end] of Object.entries(ends)) {
    const grace = await person(house, make, acme);
    await make.assign(acme, role, grace);
    const { token, refresh } = await tokenOf(grace, desk, 'users:read users:impersonate');
    const acting = String((await impersonate(token, user.id)).body['access_token']);
    expect((await ask(acting, WHO)).status, what).toBe(200);
    await end(grace, refresh);
    house.clock.advance(1_000);
    expect((await ask(acting, WHO)).status, what).toBe(401);
  }
});

test('D11 without two factors nobody acts for another where administration wants them', async () => {
  const strict = await make.tenant();
  const client = await makeClient(strict, {
    grantTypes: ['authorization_code', EXCHANGE],
    apiScopes: ['users:read', 'users:impersonate'],
  });
  const grace = await helper(['users:read', 'users:impersonate'], strict);
  const user = await person(house, make, strict);
  const there = exchanging(house, strict);
  const { token } = await there.tokenOf(grace, client, 'users:read users:impersonate');
  const { body } = await there.impersonate(client, token, user.id, { scope: 'users:read' });
  expect(body['error']).toBe('access_denied');
});
