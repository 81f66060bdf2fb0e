/**
 * Two instances over one database: what one of them takes away, the other refuses within a second.
 * A request counts from the moment at which it is sent.
 */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect, test } from 'vitest';
import { createApiKey } from '#features/api-keys/api-keys.commands.ts';
import { anonymous, callerOf } from '../kit/as.ts';
import { type Browser, browser } from '../kit/browser.ts';
import { call, contextOf } from '../kit/context.ts';
import { type Instance, openHouse } from '../kit/house.ts';
import { letterTo } from '../kit/mailbox.ts';
import { type MadeTenant, type MadeUser, makers, run } from '../kit/make.ts';
import { person, signIn } from '../kit/people.ts';
import { until } from '../kit/until.ts';
import { report } from '../operations/faults.ts';

const house = await openHouse({ instances: 2 });
const [here, there] = house.instances as [Instance, Instance];
const make = makers(house);

type Ask = () => Promise<boolean>;

/**
 * Asks everywhere until everybody refuses; answers how long after the change the last request was
 * sent that was still let through, in milliseconds.
 */
async function lastAllowed(change: () => Promise<unknown>, asks: readonly Ask[]): Promise<number> {
  for (const ask of asks) expect(await ask()).toBe(true);
  let changed = Number.POSITIVE_INFINITY;
  const asking = asks.map(async (ask) => {
    for (let last = 0; ; ) {
      const sent = performance.now();
      if (await ask()) last = sent;
      else return last;
      if (sent > changed + 5_000) throw new Error('still allowed after five seconds');
    }
  });
  await change();
  changed = performance.now();
  const last = Math.max(...(await Promise.all(asking)));
  return Math.max(0, Math.round(last - changed));
}

const reads = (instance: Instance, secret: string): Ask => {
  const caller = callerOf(instance, { secret, door: 'public' });
  return async () => (await caller.rest('GET', '/v1/users')).status === 200;
};

/** A key that a person made, who may do it because of a role. */
async function keyOfUser(tenant: MadeTenant): Promise<{ user: MadeUser; secret: string }> {
  const user = await make.user(tenant);
  const role = await make.builtIn(tenant, 'admin');
  await make.assign(tenant, role, user);
  const ctx = await contextOf(here, { tenantId: tenant.uuid, userId: user.uuid });
  const { secret } = await call(ctx, createApiKey, { name: 'own', scopes: ['users:read'] });
  return { user, secret };
}

test('D10 a revoked API key is refused on every instance within a second', async ({ task }) => {
  const tenant = await make.tenant();
  const key = await make.apiKey(tenant, ['users:read', 'api-keys:read', 'api-keys:write']);
  const below = await make.apiKey(key, ['users:read']);
  const ms = await lastAllowed(
    () => tenant.at(here).rest('DELETE', `/v1/api-keys/${key.id}`),
    [key.secret, below.secret].flatMap((secret) => [reads(here, secret), reads(there, secret)]),
  );
  report(task, 'D10', { 'last allowed ms': ms });
  expect(ms).toBeLessThanOrEqual(1_000);
});

test('a suspended tenant is closed on every instance within a second', async ({ task }) => {
  const tenant = await make.tenant();
  const platform = { ...tenant.operator, tenant: undefined };
  const change = (name: string) =>
    run(callerOf(here, platform), name, 'tenant { id }', { id: tenant.id });
  const ms = await lastAllowed(
    () => change('suspendTenant'),
    [reads(here, tenant.secret), reads(there, tenant.secret)],
  );
  report(task, 'A20', { 'last allowed ms': ms });
  expect(ms).toBeLessThanOrEqual(1_000);
  for (const instance of house.instances) {
    const refused = await tenant.at(instance).rest<{ code: string }>('GET', '/v1/users');
    expect([refused.status, refused.body.code]).toEqual([403, 'TENANT_SUSPENDED']);
  }
  await change('activateTenant');
  await until(reads(there, tenant.secret));
});

test.each([
  [
    'loses the role',
    (user: MadeUser, role: string) => ['DELETE', `/v1/users/${user.id}/roles/${role}`],
  ],
  ['is suspended', (user: MadeUser) => ['POST', `/v1/users/${user.id}/suspend`]],
  ['is deleted', (user: MadeUser) => ['DELETE', `/v1/users/${user.id}`]],
] as const)('D06 when a person %s, so does their key, within a second', async (_, change) => {
  const tenant = await make.tenant();
  const { user, secret } = await keyOfUser(tenant);
  const role = await make.builtIn(tenant, 'admin');
  const [method, path] = change(user, role.id) as [string, string];
  const ms = await lastAllowed(async () => {
    const { status } = await tenant.at(here).rest(method, path);
    expect(status).toBeLessThan(300);
  }, [reads(here, secret), reads(there, secret)]);
  expect(ms).toBeLessThanOrEqual(1_000);
});

test('D06 D12 a live subscription ends when its key is revoked elsewhere', async () => {
  const tenant = await make.tenant();
  const key = await make.apiKey(tenant, ['audit:read']);
  const open = request(`${there.url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key.secret}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
  });
  open.end(JSON.stringify({ query: 'subscription { auditEvents { type } }' }));
  const [stream] = (await once(open, 'response')) as [IncomingMessage];
  let text = '';
  stream.on('data', (part: Buffer) => {
    text += part;
  });
  const ended = once(stream, 'end');
  await tenant.at(here).rest('DELETE', `/v1/api-keys/${key.id}`);
  await ended;
  await make.user(tenant);
  expect(text).not.toContain('user.create');
});

test('what one instance writes, the live tail of the other shows', async () => {
  const tenant = await make.tenant();
  const open = request(`${there.url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tenant.secret}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
  });
  open.end(JSON.stringify({ query: 'subscription { auditEvents { type } }' }));
  const [stream] = (await once(open, 'response')) as [IncomingMessage];
  let text = '';
  const shown = new Promise<void>((resolve) => {
    stream.on('data', (part: Buffer) => {
      text += part;
      if (text.includes('group.create')) resolve();
    });
  });
  await tenant.at(here).rest('POST', '/v1/groups', { body: { name: 'Ops' } });
  await shown;
  stream.destroy();
});

test('A10 who was unlocked on one instance gets in on every instance within a second', async ({
  task,
}) => {
  const tenant = await make.tenant();
  const who = await person(house, make, tenant);
  const tries = (instance: Instance, password: string) => async () =>
    (await signIn(browser(instance), tenant, { email: who.email, password })).status;
  expect(await tries(here, 'wrong')()).toBe(401);
  await here.services.db.query(
    "UPDATE rate_limits SET points = 100 WHERE key LIKE 'password-account:%'",
  );
  const refused = (instance: Instance) => async () =>
    (await tries(instance, who.password)()) === 429;
  const unlock = () => run(tenant, 'unlockUser', 'user { id }', { id: who.id });
  const late = await lastAllowed(unlock, [refused(here), refused(there)]);
  expect(late).toBeLessThan(1_000);
  expect(await tries(there, who.password)()).toBe(303);
  report(task, 'A10', { 'last refusal after unlocking, ms': late });
});

interface Held {
  readonly tenant: MadeTenant;
  readonly who: MadeUser;
  readonly window: Browser;
}

/** Each makes what ends the session later. */
const ENDS: Readonly<Record<string, (held: Held) => Promise<() => Promise<unknown>>>> = {
  'signing out': async ({ window, tenant }) => {
    await window.get(`/t/${tenant.slug}/account`);
    return () => window.post(`/t/${tenant.slug}/logout`, {});
  },
  'an administrator': async ({ who, tenant }) => {
    return () => run(tenant.at(here), 'endUserSessions', 'endedIds', { userId: who.id });
  },
  'a reset of the password': async ({ who, tenant }) => {
    const asked = { tenant: tenant.slug };
    await run(anonymous(here), 'requestPasswordReset', '__typename', {
      ...asked,
      email: who.email,
    });
    const { token } = await letterTo(house, who.email, 'Choose a new password');
    const input = { ...asked, token, newPassword: 'a wholly different phrase' };
    return () => run(anonymous(here), 'resetPassword', 'endedSessions', input);
  },
};

test.each(Object.entries(ENDS))(
  'C04 the cookie of a session that %s has ended is refused on every instance within a second',
  async (name, prepare) => {
    const tenant = await make.tenant();
    const who = await person(house, make, tenant);
    const window = browser(here);
    expect((await signIn(window, tenant, who)).status).toBe(303);
    const end = await prepare({ tenant, who, window });
    const replayed = [here, there].map((instance) => browser(instance, new Map(window.cookies)));
    const asks = replayed.map((copy) => {
      const cookies = new Map(copy.cookies);
      // A refusal has the browser forget the cookie; a thief keeps it.
      return async () => {
        for (const [key, value] of cookies) copy.cookies.set(key, value);
        return (await copy.gql('{ viewer { session { id } } }')).status === 200;
      };
    });
    const ms = await lastAllowed(end, asks);
    expect([name, ms <= 1_000]).toEqual([name, true]);
    for (const copy of replayed) {
      const page = await copy.get(`/t/${tenant.slug}/account`);
      expect(page.location).toBe(`/t/${tenant.slug}/login`);
    }
  },
);
