/** Consents: what is remembered, who sees it, and that taking it back ends what stood on it. */
import { expect, test } from 'vitest';
import { grantConsent, revokeOwnConsent } from '#features/consents/consents.commands.ts';
import { consentOf, holdConsent } from '#features/consents/consents.queries.ts';
import { makeGrant } from '#features/grants/grants.commands.ts';
import { liveGrant } from '#features/grants/grants.queries.ts';
import { encodeId } from '#kernel/ids.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, type MadeUser, makers } from '../kit/make.ts';
import type { MadeClient } from '../kit/make-oauth.ts';
import { mutate } from '../kit/mutate.ts';
import { person, signedIn } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const ORDERS = 'https://orders.example.com';

/** As the engine makes it, in no session. */
async function grant(tenant: MadeTenant, user: MadeUser, client: MadeClient): Promise<string> {
  const ctx = await contextOf(house, { tenantId: tenant.uuid });
  const given = { userId: user.uuid, clientId: client.uuid, sessionId: null, scopes: ['openid'] };
  const made = await ctx.db.transaction(() => makeGrant(ctx, given), { tenantId: tenant.uuid });
  return made?.id ?? '';
}

async function isLive(id: string): Promise<boolean> {
  const ctx = await contextOf(house, { tenantId: acme.uuid });
  return (await call(ctx, liveGrant, id)) !== null;
}

test('F12 what a person allowed grows by what they allow, and is recorded in their name', async () => {
  const tenant = await make.tenant();
  const user = await make.user(tenant);
  const client = await make.client(tenant);
  const ctx = await contextOf(house, { tenantId: tenant.uuid });
  const whose = { userId: user.uuid, clientId: client.uuid };
  const allow = (scopes: string[], resourceScopes: Record<string, string[]>) =>
    ctx.db.transaction(() => grantConsent(ctx, { ...whose, scopes, resourceScopes }), {
      tenantId: tenant.uuid,
    });
  const stored = () => ctx.db.inTenant(tenant.uuid, () => consentOf(ctx, user.uuid, client.uuid));
  expect(await stored()).toBeNull();
  const first = await allow(['openid', 'openid'], { [ORDERS]: ['read'] });
  expect(first).toMatchObject({ scopes: ['openid'], resourceScopes: { [ORDERS]: ['read'] } });
  house.clock.advance(1000);
  const more = await allow(['email', 'openid'], { [ORDERS]: ['write', 'read'], 'urn:b': ['b'] });
  expect(more).toEqual({
    ...first,
    client: expect.objectContaining({ id: client.uuid, name: client.name, publisher: null }),
    scopes: ['email', 'openid'],
    resourceScopes: { [ORDERS]: ['read', 'write'], 'urn:b': ['b'] },
    updatedAt: house.clock.now(),
  });
  expect(await stored()).toEqual(more);
  const held = ctx.db.transaction(() => holdConsent(ctx, user.uuid, client.uuid), {
    tenantId: tenant.uuid,
  });
  expect(await held).toEqual(more);
  const events = await rows<object>(
    house,
    tenant.uuid,
    "SELECT actor_kind, actor_id, details FROM audit_events WHERE type = 'consent.grant' ORDER BY id DESC LIMIT 1",
  );
  expect(events).toEqual([
    {
      actor_kind: 'user',
      actor_id: user.id,
      details: {
        scopes: ['email', 'openid'],
        resourceScopes: { [ORDERS]: ['write', 'read'], 'urn:b': ['b'] },
      },
    },
  ]);
});

test('nobody consents for a user who is suspended or gone, nor to a client that is gone', async () => {
  const [user, other] = [await make.user(acme), await make.user(acme)];
  const client = await make.client(acme);
  await mutate(acme, 'suspendUser', { id: user.id });
  await expect(make.consent(acme, user, client)).rejects.toThrow('not taken');
  expect(await grant(acme, user, client)).toBe('');
  await mutate(acme, 'deleteClient', { id: client.id });
  await expect(make.consent(acme, other, client)).rejects.toThrow('not taken');
  expect(await grant(acme, other, client)).toBe('');
});

const FIELDS =
  'id client { id name publisher } scopes resourceScopes { identifier scopes } grantedAt';

test('F12 an administrator lists and revokes the consents of a user, and their grants end', async () => {
  const user = await make.user(acme);
  const client = await make.client(acme, { publisher: 'Acme' });
  const other = await make.client(acme);
  const resourceScopes = { [ORDERS]: ['write', 'read'] };
  const consent = await make.consent(acme, user, client, { resourceScopes });
  const kept = await make.consent(acme, user, other);
  const shown = {
    id: consent.id,
    client: { id: client.id, name: client.name, publisher: 'Acme' },
    scopes: ['openid'],
    resourceScopes: [{ identifier: ORDERS, scopes: ['read', 'write'] }],
    grantedAt: house.clock.now().toISOString(),
  };
  const { data } = await acme.gql<{ user: { consents: { nodes: object[] } } }>(
    `query ($id: ID!) { user(id: $id) { consents { totalCount nodes { ${FIELDS} } } } }`,
    { id: user.id },
  );
  expect(data?.user.consents).toMatchObject({ totalCount: 2, nodes: [shown, { id: kept.id }] });
  const path = `/v1/users/${user.id}/consents`;
  const list = await acme.rest<{ items: object[] }>('GET', path);
  expect(list.body.items).toMatchObject([{ ...shown, userId: user.id }, { id: kept.id }]);
  const grants = [await grant(acme, user, client), await grant(acme, user, other)] as const;
  expect((await acme.rest('DELETE', `/v1/consents/${consent.id}`)).status).toBe(204);
  expect([await isLive(grants[0]), await isLive(grants[1])]).toEqual([false, true]);
  expect((await acme.rest('DELETE', `/v1/consents/${consent.id}`)).status).toBe(404);
  const left = await acme.rest<{ items: object[] }>('GET', path);
  expect(left.body.items).toMatchObject([{ id: kept.id }]);
});

test('nobody revokes a consent of who may do more than they', async () => {
  const user = await make.user(acme);
  await make.assign(acme, await make.builtIn(acme, 'owner'), user);
  const client = await make.client(acme);
  const { id } = await make.consent(acme, user, client);
  const weak = await make.apiKey(acme, ['consents:write']);
  expect((await mutate(weak, 'revokeConsent', { id })).code).toBe('OUTRANKS_CALLER');
  expect((await mutate(acme, 'revokeConsent', { id })).code).toBeUndefined();
});

test('F12 people see and take back what they allowed themselves, and nothing of others', async () => {
  const [ada, bob] = [await person(house, make, acme), await person(house, make, acme)];
  const client = await make.client(acme);
  const mine = await make.consent(acme, ada, client);
  const others = await make.consent(acme, bob, client);
  const grants = [await grant(acme, ada, client), await grant(acme, bob, client)] as const;
  const window = await signedIn(house, acme, ada);
  const list = () =>
    window.gql<{ viewer: { consents: { nodes: object[] } } }>(
      `{ viewer { consents { nodes { ${FIELDS} } } } }`,
    );
  expect((await list()).data.viewer.consents.nodes).toMatchObject([{ id: mine.id }]);
  const take = async ({ id }: { id: string }) =>
    (
      await window.gql<{ revokeOwnConsent: { code?: string; revokedId?: string } }>(
        `mutation { revokeOwnConsent(input: { id: "${id}" }) {
          ... on RevokeOwnConsentSuccess { revokedId } ... on Error { code } } }`,
      )
    ).data.revokeOwnConsent;
  expect(await take(others)).toEqual({ code: 'CONSENT_NOT_FOUND' });
  expect(await take(mine)).toEqual({ revokedId: mine.id });
  expect(await take(mine)).toEqual({ code: 'CONSENT_NOT_FOUND' });
  expect([await isLive(grants[0]), await isLive(grants[1])]).toEqual([false, true]);
  expect((await list()).data.viewer.consents.nodes).toEqual([]);
  const rest = await acme.rest<{ items: object[] }>('GET', '/v1/viewer/consents');
  expect(rest.body.items).toEqual([]);
  expect((await mutate(acme, 'revokeOwnConsent', { id: others.id })).code).toBe('FORBIDDEN');
});

test('taking a consent back is recorded with what ended', async () => {
  const tenant = await make.tenant();
  const user = await make.user(tenant);
  const client = await make.client(tenant);
  const consent = await make.consent(tenant, user, client);
  await grant(tenant, user, client);
  await grant(tenant, user, client);
  const ctx = await contextOf(house, { tenantId: tenant.uuid, userId: user.uuid });
  await call(ctx, revokeOwnConsent, { id: consent.id });
  const [event] = await rows<{ targets: { id: string }[]; details: object }>(
    house,
    tenant.uuid,
    "SELECT targets, details FROM audit_events WHERE type = 'consent.revoke-own'",
  );
  expect(event?.details).toEqual({ grants: 2 });
  expect(event?.targets.map(({ id }) => id)).toEqual([
    consent.id,
    user.id,
    encodeId('client', client.uuid),
  ]);
});
