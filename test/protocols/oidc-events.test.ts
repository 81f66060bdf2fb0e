/** What the audit log is told of the protocol (ASVS 16.3). */
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';
import { everythingStored, rows } from '../kit/stored.ts';
import { basic, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const ada = await person(house, make, acme);
const app = await makeClient(acme, { apiScopes: ['users:read'] });
const config = await relyingParty(house, acme, app);
const service = await makeClient(acme, {
  type: 'SERVICE',
  redirectUris: [],
  firstParty: false,
  apiScopes: ['users:read'],
});
const GRANT = { grant_type: 'client_credentials', scope: 'users:read' };

interface Event {
  readonly result: string;
  readonly reason: string | null;
  readonly actor: string;
  readonly targets: string[];
  readonly details: Record<string, unknown>;
}

async function told(type: string): Promise<Event[]> {
  await house.services.refusals.flush();
  const found = await rows<Omit<Event, 'targets'> & { targets: { id: string }[] }>(
    house,
    acme.uuid,
    `SELECT result, reason, concat_ws(' ', actor_kind, actor_id) AS actor, targets, details
     FROM audit_events WHERE type = $1 ORDER BY id`,
    [type],
  );
  return found.map(({ targets, ...event }) => ({ ...event, targets: targets.map(({ id }) => id) }));
}
const signIn = async () =>
  (await signInTo(house, config, ada, { scope: 'openid users:read' })).tokens;

test('K02 a person’s tokens are a row each, those of programs one a minute', async () => {
  await signIn();
  for (let n = 0; n < 20; n += 1)
    expect((await tell(house, acme, '/oauth2/token', GRANT, basic(service))).status).toBe(200);
  const api = `https://id.signet.test/t/${acme.slug}/api`;
  expect(await told('token.issue')).toEqual([
    {
      result: 'SUCCESS',
      reason: null,
      actor: `user ${ada.id}`,
      targets: [ada.id, app.id],
      details: { grantType: 'authorization_code', audience: api },
    },
    {
      result: 'SUCCESS',
      reason: null,
      actor: `client ${service.id}`,
      targets: [service.id],
      details: { grantType: 'client_credentials', audience: api, count: 20 },
    },
  ]);
});

test('K02 clients that are refused are counted, known or not', async () => {
  const wrong = basic({ id: service.id, secret: 'sgcs_wrong' });
  for (const path of ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke'])
    expect((await tell(house, acme, path, { ...GRANT, token: 'x' }, wrong)).status).toBe(401);
  const nobody = { id: 'client_01m7zxnfg2e0baem9szayva7k7', secret: 'sgcs_wrong' };
  await tell(house, acme, '/oauth2/token', GRANT, basic(nobody));
  const refusals = await told('client.authenticate');
  const common = { result: 'REFUSED', reason: 'INVALID_CLIENT', actor: 'anonymous' };
  expect(refusals).toEqual(
    expect.arrayContaining([
      { ...common, targets: [service.id], details: { count: 3 } },
      { ...common, targets: [], details: { count: 1 } },
    ]),
  );
});

test('K02 what a client presents and is not good is counted: codes, refresh tokens, what it may not ask', async () => {
  const code = {
    grant_type: 'authorization_code',
    code: 'nonsense',
    code_verifier: 'x'.repeat(43),
  };
  for (const form of [
    { ...code, redirect_uri: 'https://app.example.com/callback' },
    { grant_type: 'refresh_token', refresh_token: 'nonsense' },
  ])
    expect((await tell(house, acme, '/oauth2/token', form, basic(app))).status).toBe(400);
  const theirs = { grant_type: 'refresh_token', refresh_token: 'nonsense' };
  expect((await tell(house, acme, '/oauth2/token', theirs, basic(service))).status).toBe(400);
  const refused = (await told('token.issue')).filter(({ result }) => result === 'REFUSED');
  const common = { result: 'REFUSED', actor: 'anonymous' };
  expect(refused).toEqual(
    expect.arrayContaining([
      { ...common, reason: 'INVALID_GRANT', targets: [app.id], details: { count: 2 } },
      { ...common, reason: 'UNAUTHORIZED_CLIENT', targets: [service.id], details: { count: 1 } },
    ]),
  );
});

test('K02 a token that is not good is counted where the issuer itself is asked', async () => {
  const userinfo = `${house.url}/t/${acme.slug}/oauth2/userinfo`;
  const headers = { authorization: 'Bearer nonsense' };
  expect((await fetch(userinfo, { headers })).status).toBe(401);
  expect(await told('credential.verify')).toEqual([
    {
      result: 'REFUSED',
      reason: 'UNAUTHENTICATED',
      actor: 'anonymous',
      targets: [],
      details: { count: 1 },
    },
  ]);
});

test('K02 whatever ends a grant or a token says so once', async () => {
  const [first, second] = [await signIn(), await signIn()];
  await oidc.tokenRevocation(config, first.access_token);
  await oidc.tokenRevocation(config, first.access_token);
  expect(await told('token.revoke')).toEqual([
    {
      result: 'SUCCESS',
      reason: null,
      actor: `client ${app.id}`,
      targets: [ada.id, app.id],
      details: {},
    },
  ]);
  await oidc.tokenRevocation(config, first.refresh_token ?? '');
  const next = await oidc.refreshTokenGrant(config, second.refresh_token ?? '');
  house.clock.advance(11_000);
  const stolen = Array.from({ length: 5 }, () =>
    oidc.refreshTokenGrant(config, second.refresh_token ?? '').catch(() => null),
  );
  await Promise.all(stolen);
  expect((await told('grant.revoke')).map(({ details, actor }) => ({ details, actor }))).toEqual([
    { details: { why: 'revoked' }, actor: `client ${app.id}` },
    { details: { why: 'reuse' }, actor: `client ${app.id}` },
  ]);
  const everything = [...(await everythingStored(house)), ...house.log].join('\n');
  const secrets = [first, second, next].flatMap((one) => [one.access_token, one.refresh_token]);
  for (const secret of [...secrets, service.secret, app.secret])
    expect(everything).not.toContain(secret);
});
