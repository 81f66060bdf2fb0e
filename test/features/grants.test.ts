/** Grants: when they are good, and that what ends a person's sessions ends them (C05, C06, F02, F08). */
import { beforeEach, expect, test } from 'vitest';
import { changeGrant, makeGrant, revokeGrants } from '#features/grants/grants.commands.ts';
import { grantById, liveGrant } from '#features/grants/grants.queries.ts';
import { changePassword } from '#features/passwords/passwords.commands.ts';
import {
  endOwnSession,
  endSessions,
  signOut,
  startSession,
} from '#features/sessions/sessions.commands.ts';
import { DEFAULT_POLICY } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { decodeId } from '#kernel/ids.ts';
import { call, contextOf } from '../kit/context.ts';
import { run } from '../kit/make.ts';
import { PASSWORD, type Person, person } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';
import { NEXT, openSelfService } from './self-served.ts';

const { house, make, acme, reset, resetToken } = await openSelfService();
const client = await make.client(acme);
const ctx = await contextOf(house, { tenantId: acme.uuid });
const inside = <T>(fn: () => Promise<T>) => ctx.db.transaction(fn, { tenantId: acme.uuid });

let ada: Person;
/** Two sessions of hers. */
let here: string;
let there: string;
beforeEach(async () => {
  ada = await person(house, make, acme);
  here = await session();
  there = await session();
});

async function session(): Promise<string> {
  const { id } = await make.session(acme, ada);
  return decodeId('session', id) ?? '';
}

const ONLINE = ['openid'];
const OFFLINE = ['openid', 'offline_access'];

/** Answers its id; empty when there was nobody to give it. */
async function grant(sessionId: string | null, scopes: string[], more: object = {}) {
  const given = { userId: ada.uuid, clientId: client.uuid, sessionId, scopes, ...more };
  return (await inside(() => makeGrant(ctx, given)))?.id ?? '';
}

/** By what they are for: online or offline, in this session or that one, or in none. */
async function all() {
  return {
    here: await grant(here, ONLINE),
    hereOffline: await grant(here, OFFLINE),
    thereOffline: await grant(there, OFFLINE),
    nowhere: await grant(null, OFFLINE),
  };
}

/** Which of them the rows say are not revoked. */
async function unrevoked(grants: Record<string, string>): Promise<string[]> {
  const found = await rows<{ id: string }>(
    house,
    acme.uuid,
    'SELECT id FROM oauth_grants WHERE id = ANY ($1::uuid[]) AND revoked_at IS NULL',
    [Object.values(grants)],
  );
  const ids = new Set(found.map(({ id }) => id));
  return Object.keys(grants).filter((name) => ids.has(grants[name] as string));
}

const isLive = async (id: string) => (await call(ctx, liveGrant, id)) !== null;
const as = (sessionId: string) =>
  contextOf(house, { tenantId: acme.uuid, userId: ada.uuid, signedIn: { sessionId } });

test('a grant says what was given, can be changed, and is revoked once', async () => {
  const expiresAt = new Date(house.clock.ms() + 60_000);
  const resourceScopes = { 'https://orders.example.com': ['read'] };
  const claims = { userinfo: { email: { essential: true } } };
  const id = await grant(here, ONLINE, { resourceScopes, claims, expiresAt });
  const made = await call(ctx, grantById, id);
  expect(made).toEqual({
    tenantId: acme.uuid,
    id,
    userId: ada.uuid,
    clientId: client.uuid,
    sessionId: here,
    scopes: ONLINE,
    resourceScopes,
    claims,
    createdAt: house.clock.now(),
    expiresAt,
    revokedAt: null,
  });
  const next = { scopes: OFFLINE, resourceScopes: {}, claims: null, expiresAt: null };
  expect(await inside(() => changeGrant(ctx, id, next))).toEqual({ ...made, ...next });
  expect(await inside(() => revokeGrants(ctx, { id }))).toMatchObject([
    { id, revokedAt: house.clock.now() },
  ]);
  expect(await inside(() => revokeGrants(ctx, { id }))).toEqual([]);
  expect(await inside(() => changeGrant(ctx, id, next))).toBeNull();
  expect(await isLive(id)).toBe(false);
});

test('F07 a grant is good until it expires, and without offline_access as long as its session', async () => {
  const expiresAt = new Date(house.clock.ms() + 60_000);
  const short = await grant(here, OFFLINE, { expiresAt });
  const grants = await all();
  const live = () => Promise.all([short, ...Object.values(grants)].map(isLive));
  expect(await live()).toEqual([true, true, true, true, true]);
  house.clock.advance(60_000);
  expect(await live()).toEqual([false, true, true, true, true]);
  house.clock.advance(DEFAULT_POLICY.sessionIdleSeconds * 1000);
  expect(await live()).toEqual([false, false, true, true, true]);
  await rows(house, acme.uuid, 'DELETE FROM sessions WHERE user_id = $1', [ada.uuid]);
  expect(await live()).toEqual([false, false, true, true, true]);
});

test('F08 no grant of a disabled client or a suspended user is good, and none is made', async () => {
  const id = await grant(null, OFFLINE);
  await run(acme, 'disableClient', 'client { id }', { id: client.id });
  expect([await isLive(id), await grant(here, OFFLINE)]).toEqual([false, '']);
  await run(acme, 'enableClient', 'client { id }', { id: client.id });
  expect(await isLive(id)).toBe(true);
  await run(acme, 'suspendUser', 'user { id }', { id: ada.id });
  expect([await isLive(id), await grant(null, OFFLINE)]).toEqual([false, '']);
});

test('no grant is made in a session that has ended, nor in somebody else’s', async () => {
  await inside(() => endOwnSession(ctx, ada.uuid, here));
  expect(await grant(here, OFFLINE)).toBe('');
  const bob = await person(house, make, acme);
  const foreign = { userId: bob.uuid, clientId: client.uuid, sessionId: there, scopes: ONLINE };
  expect(await inside(() => makeGrant(ctx, foreign))).toBeNull();
});

test('C04 signing out of a session ends what was given in it, but not what was given to outlive it', async () => {
  const grants = await all();
  await call(await as(here), signOut, {});
  expect(await unrevoked(grants)).toEqual(['hereOffline', 'thereOffline', 'nowhere']);
});

test('C07 signing out everywhere ends everything', async () => {
  const grants = await all();
  await call(await as(here), signOut, { everywhere: true });
  expect(await unrevoked(grants)).toEqual([]);
});

test('C07 a session that an administrator ends takes all with it that was given in it', async () => {
  const grants = await all();
  const sessions = await rows<{ id: string }>(house, acme.uuid, 'SELECT id FROM sessions');
  expect(sessions.map(({ id }) => id)).toContain(here);
  const { data } = await acme.gql<{ user: { sessions: { nodes: { id: string }[] } } }>(
    'query ($id: ID!) { user(id: $id) { sessions { nodes { id } } } }',
    { id: ada.id },
  );
  const [first] =
    data?.user.sessions.nodes.filter(({ id }) => decodeId('session', id) === here) ?? [];
  await run(acme, 'endSession', 'endedIds', { id: first?.id });
  expect(await unrevoked(grants)).toEqual(['thereOffline', 'nowhere']);
});

test('C07 an administrator who ends every session of a user ends everything they gave', async () => {
  const grants = await all();
  await call(await as(here), signOut, {});
  expect(await unrevoked(grants)).toContain('hereOffline');
  await run(acme, 'endUserSessions', 'endedIds', { userId: ada.id });
  expect(await unrevoked(grants)).toEqual([]);
});

test('C08 a session that gives way to a new one takes with it what was given in it', async () => {
  const grants = await all();
  const policy = { tenantId: acme.uuid, ...DEFAULT_POLICY, maxSessions: 2 };
  const shown = { userId: ada.uuid, acr: 'mfa', amr: ['pwd', 'otp', 'mfa'] } as const;
  house.clock.advance(1000);
  const started = await inside(() => startSession(ctx, policy, shown));
  expect(started?.ended).toEqual([here]);
  expect(await unrevoked(grants)).toEqual(['thereOffline', 'nowhere']);
});

test('F08 C05 a user who is suspended or deleted keeps no grant, and none comes back', async () => {
  const grants = await all();
  await run(acme, 'suspendUser', 'user { id }', { id: ada.id });
  await run(acme, 'activateUser', 'user { id }', { id: ada.id });
  expect(await unrevoked(grants)).toEqual([]);
  const again = { nowhere: await grant(null, OFFLINE) };
  expect(await unrevoked(again)).toEqual(['nowhere']);
  await run(acme, 'deleteUser', 'deletedId', { id: ada.id });
  expect(await unrevoked(again)).toEqual([]);
  expect(await call(ctx, grantById, again.nowhere)).toBeNull();
});

test('F08 C06 T31 a reset of the password ends every grant', async () => {
  const grants = await all();
  expect((await reset(await resetToken(ada.email))).code).toBeUndefined();
  expect(await unrevoked(grants)).toEqual([]);
  const more = { nowhere: await grant(null, OFFLINE) };
  await run(acme, 'requirePasswordReset', 'user { id }', { id: ada.id });
  expect(await unrevoked(more)).toEqual([]);
});

test('C06 a person who changes their password keeps what they gave in the session that they are in', async () => {
  const grants = await all();
  const input = { currentPassword: PASSWORD, newPassword: NEXT };
  await call(await as(here), changePassword, input);
  expect(await unrevoked(grants)).toEqual(['here', 'hereOffline']);
});

test('C06 other factors end what was given in the sessions that end', async () => {
  const grants = await all();
  await inside(() => endSessions(ctx, ada.uuid, 'FACTORS_CHANGED', here));
  expect(await unrevoked(grants)).toEqual(['here', 'hereOffline', 'nowhere']);
});

test('grants of one client end without those of another', async () => {
  const other = await make.client(acme);
  const grants = {
    ...(await all()),
    other: await grant(null, OFFLINE, { clientId: other.uuid }),
  };
  const whose = { userId: ada.uuid, clientId: client.uuid };
  expect(await inside(() => revokeGrants(ctx, whose))).toHaveLength(4);
  expect(await unrevoked(grants)).toEqual(['other']);
});
