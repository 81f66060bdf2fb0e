/** Who ends sessions, and what else ends with them; that nothing comes back to life (C05, C07, C12). */
import { expect, test } from 'vitest';
import { createApiKey } from '#features/api-keys/api-keys.commands.ts';
import { callerOf } from '../kit/as.ts';
import { type Browser, browser } from '../kit/browser.ts';
import { call } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { type House, startHouse } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { PASSWORD, type Person, person, signedIn, signIn } from '../kit/people.ts';
import { subscribe } from '../kit/sse.ts';
import { totp } from '../kit/totp.ts';
import { until } from '../kit/until.ts';
import { openSelfService } from './self-served.ts';

const { house, make, acme, other, reset, resetToken } = await openSelfService();
const VIEWER = '{ viewer { actor { id } session { id } } }';
const LIST = (id: string) => `{ user(id: "${id}") { sessions { nodes { id endedAt } } } }`;

const stateOf = async (window: Browser) => (await window.gql(VIEWER)).code ?? 'LIVE';
const copyOf = (window: Browser, at: House = house) => browser(at, new Map(window.cookies));
const cookieHeader = (window: Browser) =>
  [...window.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

async function sessionId(window: Browser): Promise<string> {
  const { data } = await window.gql<{ viewer: { session: { id: string } } }>(VIEWER);
  return data.viewer.session.id;
}

interface Listed {
  readonly user: {
    readonly sessions: { readonly nodes: { id: string; endedAt: string }[] };
  } | null;
}

test('C07 administrators see and end the sessions of their own tenant, and of no other', async () => {
  const ada = await person(house, make, acme);
  const windows = [await signedIn(house, acme, ada), await signedIn(house, acme, ada)];
  const ids = [];
  for (const window of windows) ids.push(await sessionId(window));
  const listed = async (tenant: MadeTenant) =>
    (await tenant.gql<Listed>(LIST(ada.id))).data?.user?.sessions.nodes.map(({ id }) => id);
  expect(await listed(acme)).toEqual(ids);

  // To others neither they nor their user are there.
  expect(await listed(other)).toBeUndefined();
  expect((await other.rest('GET', `/v1/users/${ada.id}/sessions`)).status).toBe(404);
  const [first = '', second = ''] = ids;
  expect((await mutate(other, 'endSession', { id: first })).code).toBe('SESSION_NOT_FOUND');
  expect((await mutate(other, 'endUserSessions', { userId: ada.id })).code).toBe('USER_NOT_FOUND');
  expect((await other.rest('DELETE', `/v1/sessions/${first}`)).status).toBe(404);
  expect((await other.rest('DELETE', `/v1/users/${ada.id}/sessions`)).status).toBe(404);
  house.clock.advance(1000);
  expect(await Promise.all(windows.map(stateOf))).toEqual(['LIVE', 'LIVE']);
  const reader = await make.apiKey(acme, ['sessions:read', 'users:read']);
  expect((await mutate(reader, 'endSession', { id: first })).code).toBe('FORBIDDEN');

  expect((await acme.rest('DELETE', `/v1/sessions/${first}`)).status).toBe(200);
  house.clock.advance(1000);
  expect(await Promise.all(windows.map(stateOf))).toEqual(['UNAUTHENTICATED', 'LIVE']);
  expect((await acme.rest('DELETE', `/v1/users/${ada.id}/sessions`)).status).toBe(200);
  house.clock.advance(1000);
  expect(await stateOf(copyOf(windows[1] as Browser))).toBe('UNAUTHENTICATED');
  expect(second).not.toBe(first);
});

test.each([
  ['suspended', (id: string) => run(acme, 'suspendUser', 'user { id }', { id })],
  ['deleted', (id: string) => run(acme, 'deleteUser', '__typename', { id })],
] as const)(
  'C05 whatever a user has is nothing within a second after they were %s',
  async (_, end) => {
    const ada = await person(house, make, acme);
    await make.assign(acme, await make.builtIn(acme, 'admin'), ada);
    const { as, addApp } = factorsOf(house, acme);
    const ctx = await as(ada);
    const { secret } = await call(ctx, createApiKey, { name: 'own', scopes: ['users:read'] });
    const key = callerOf(house, { secret, door: 'public' });
    const window = await signedIn(house, acme, ada);
    const app = await addApp(await as(ada, { signedIn: { sessionId: await uuidOf(ada) } }));
    const half = browser(house);
    expect((await signIn(half, acme, ada)).text).toContain('name="code"');
    const link = await resetToken(ada.email);
    expect([await stateOf(window), (await key.rest('GET', '/v1/users')).status]).toEqual([
      'LIVE',
      200,
    ]);
    const own = { cookie: cookieHeader(window), 'x-signet-csrf': '1' };
    const document = 'subscription { auditEvents { type } }';
    const stream = await subscribe(house, { door: 'public', secret: '' }, document, {}, own);

    await end(ada.id);
    house.clock.advance(1000);
    const late = copyOf(window);
    expect(await stateOf(window)).toBe('UNAUTHENTICATED');
    expect((await late.get(`/t/${acme.slug}/account`)).location).toBe(`/t/${acme.slug}/login`);
    const refresh = `/t/${acme.slug}/session/refresh`;
    expect((await late.post(refresh, {}, { 'x-signet-csrf': '1' })).status).toBe(401);
    await until(async () => (await key.rest('GET', '/v1/users')).status === 401);
    await make.user(acme);
    await stream.ended();
    house.clock.advance(60_000);
    const code = totp(app.secret, house.clock.ms());
    expect((await half.post(`/t/${acme.slug}/login`, { code })).status).not.toBe(303);
    expect((await reset(link)).code).toBe('LINK_NOT_VALID');
    expect((await signIn(browser(house), acme, ada)).status).toBe(401);
  },
);

/** Of the last session. */
async function uuidOf(who: Person): Promise<string> {
  return (await factorsOf(house, acme).liveSessions(who)).at(-1)?.id ?? '';
}

test('C12 what was rotated, ended, spent or revoked stays dead after a restart', async () => {
  const before = await startHouse();
  try {
    const maker = makers(before);
    const tenant = await maker.tenant();
    const ada = await person(before, maker, tenant);
    const login = `/t/${tenant.slug}/mfa`;
    const [rotated, out, ended] = [
      await signedIn(before, tenant, ada),
      await signedIn(before, tenant, ada),
      await signedIn(before, tenant, ada),
    ];
    const dead = [rotated, out, ended].map((window) => copyOf(window, before));
    await rotated.get(login);
    expect((await rotated.post(login, { password: PASSWORD })).status).toBe(303);
    await out.get(`/t/${tenant.slug}/account`);
    await out.post(`/t/${tenant.slug}/logout`, {});
    await run(tenant, 'endSession', 'endedIds', { id: await sessionId(ended) });
    const key = await maker.apiKey(tenant, ['users:read']);
    await run(tenant, 'revokeApiKey', '__typename', { id: key.id });
    await before.stop();

    const { home, clock } = before;
    const after = await startHouse({ home, clock });
    try {
      const again = callerOf(after, { secret: key.secret, door: 'public' });
      expect((await again.rest('GET', '/v1/users')).status).toBe(401);
      expect(await Promise.all(dead.map((window) => stateOf(window.at(after))))).toEqual(
        dead.map(() => 'UNAUTHENTICATED'),
      );
      expect(await stateOf(rotated.at(after))).toBe('LIVE');
    } finally {
      await after.stop();
    }
  } finally {
    await before.stop().catch(() => undefined);
    await before.home.remove();
  }
});
