/** One-time links: good once, for one purpose, one person, one address and one tenant, and not for long. */
import { expect, test } from 'vitest';
import {
  type LinkOrder,
  makeLink,
  spendLink,
} from '#features/one-time-links/one-time-links.commands.ts';
import { sweepOneTimeLinks } from '#features/one-time-links/one-time-links.jobs.ts';
import type { LinkPurpose } from '#features/one-time-links/one-time-links.model.ts';
import { peekLink } from '#features/one-time-links/one-time-links.queries.ts';
import { newToken } from '#features/sessions/sessions.model.ts';
import { contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { expectStatus, type MadeTenant, type MadeUser, makers, run } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const { services, clock } = house;
const make = makers(house);
const acme = await make.tenant();

async function inTenant<T>(
  tenant: MadeTenant,
  work: (ctx: Awaited<ReturnType<typeof contextOf>>) => Promise<T>,
) {
  const ctx = await contextOf(house, { tenantId: tenant.uuid });
  return ctx.db.inTenant(tenant.uuid, () => work(ctx));
}

const link = (user: MadeUser, order: Partial<LinkOrder> = {}, tenant = acme) =>
  inTenant(tenant, (ctx) =>
    makeLink(ctx, { purpose: 'RESET', userId: user.uuid, email: user.email, ...order }),
  );
const spend = (token: string, purpose: LinkPurpose = 'RESET', tenant = acme) =>
  inTenant(tenant, (ctx) => spendLink(ctx, purpose, token));
const peek = (token: string, purpose: LinkPurpose = 'RESET', tenant = acme) =>
  inTenant(tenant, (ctx) => peekLink(ctx, purpose, token));

/** Neither seen nor spent. */
async function expectBad(token: string, purpose: LinkPurpose = 'RESET', tenant = acme) {
  expect([await peek(token, purpose, tenant), await spend(token, purpose, tenant)]).toEqual([
    null,
    null,
  ]);
}

test.each([
  ['RESET', 'reset', 1800],
  ['VERIFY_EMAIL', 'verify', 1800],
  ['INVITATION', 'invitation', 7 * 86_400],
] as const)(
  'A15 a link for %s can be looked at again and again, and used once',
  async (purpose, page, seconds) => {
    const ada = await make.user(acme);
    const { url, token, expiresAt } = await link(ada, { purpose });
    expect(url).toBe(`https://id.signet.test/t/${acme.slug}/${page}?token=${token}`);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(expiresAt).toEqual(new Date(clock.ms() + seconds * 1000));
    const holder = { userId: ada.uuid, emailKey: ada.email, expiresAt, sessionId: null };
    for (let n = 0; n < 3; n += 1) expect(await peek(token, purpose)).toEqual(holder);
    expect(await spend(token, purpose)).toEqual(holder);
    await expectBad(token, purpose);
  },
);

test('X13 T30 of 20 who use a link at once, one does', async () => {
  for (let round = 0; round < 5; round += 1) {
    const ada = await make.user(acme);
    const { token } = await link(ada);
    const spent = await Promise.all(Array.from({ length: 20 }, () => spend(token)));
    expect(spent.filter((holder) => holder !== null)).toMatchObject([{ userId: ada.uuid }]);
  }
});

test('A15 what is stored is no token, and no two are alike', async () => {
  const ada = await make.user(acme);
  const tokens = new Set<string>();
  for (let n = 0; n < 20; n += 1) tokens.add((await link(ada)).token);
  expect(tokens.size).toBe(20);
  const [row] = await rows<{ token_hash: Buffer }>(
    house,
    acme.uuid,
    'SELECT * FROM one_time_links WHERE user_id = $1',
    [ada.uuid],
  );
  expect(row?.token_hash).toHaveLength(32);
  for (const token of tokens) expect(JSON.stringify(row)).not.toContain(token);
  expect(house.log.join('')).not.toContain([...tokens][0]);
});

test('a newer link ends the older one of its purpose, also when both are made at once', async () => {
  const ada = await make.user(acme);
  const invitation = await link(ada, { purpose: 'INVITATION' });
  const older = await link(ada);
  const newer = await link(ada);
  await expectBad(older.token);
  expect(await spend(newer.token)).not.toBeNull();
  const several = await Promise.all(Array.from({ length: 8 }, () => link(ada)));
  const good = await Promise.all(several.map(({ token }) => spend(token)));
  expect(good.filter((holder) => holder !== null)).toHaveLength(1);
  expect(await spend(invitation.token, 'INVITATION')).not.toBeNull();
});

test('A15 a link ends with its time', async () => {
  const ada = await make.user(acme);
  const { token, expiresAt } = await link(ada, { seconds: 60 });
  clock.set(new Date(expiresAt.getTime() - 1));
  expect(await peek(token)).not.toBeNull();
  clock.set(expiresAt);
  await expectBad(token);
});

test('T28 T30 a link is nothing for another purpose, or with another token', async () => {
  const ada = await make.user(acme);
  const { token } = await link(ada);
  await expectBad(token, 'VERIFY_EMAIL');
  await expectBad(token, 'INVITATION');
  for (const guess of [
    newToken().token,
    '',
    token.slice(1),
    `${token}A`,
    `${token}\u0000`,
    "' OR true --",
  ])
    await expectBad(guess);
  expect(await spend(token)).not.toBeNull();
});

test('D02 a link of one tenant is nothing in another, also for the same address', async () => {
  const other = await make.tenant();
  const ada = await make.user(acme);
  await make.user(other, { email: ada.email });
  const { token } = await link(ada);
  await expectBad(token, 'RESET', other);
  expect(await spend(token)).toMatchObject({ userId: ada.uuid });
  await expect(link(ada, {}, other)).rejects.toThrow(/foreign key/);
});

test('T30 a link that went to an address which the user has no more is nothing', async () => {
  const ada = await make.user(acme);
  const { token } = await link(ada);
  await run(acme, 'updateUser', 'user { id }', { id: ada.id, email: `new-${ada.email}` });
  await expectBad(token);
  await run(acme, 'updateUser', 'user { id }', { id: ada.id, email: ada.email.toUpperCase() });
  expect(await spend(token)).toMatchObject({ emailKey: ada.email });
});

test('C05 a link of a user who is suspended or deleted is nothing', async () => {
  const ada = await make.user(acme);
  const { token } = await link(ada);
  await run(acme, 'suspendUser', 'user { id }', { id: ada.id });
  await expectBad(token);
  await run(acme, 'activateUser', 'user { id }', { id: ada.id });
  // It does not come back to life with the user.
  await expectBad(token);
  const { token: later } = await link(ada);
  expectStatus(await acme.rest('DELETE', `/v1/users/${ada.id}`), 204);
  await expectBad(later);
});

test('what is rolled back did not use the link', async () => {
  const ada = await make.user(acme);
  const { token } = await link(ada);
  const failed = inTenant(acme, (ctx) =>
    ctx.db.transaction(async () => {
      expect(await spendLink(ctx, 'RESET', token)).not.toBeNull();
      throw new Error('no');
    }),
  );
  await expect(failed).rejects.toThrow('no');
  expect(await spend(token)).not.toBeNull();
});

test('A20 T14 links lead to the stored issuer of the tenant: no request is asked where', async () => {
  const host = `login-${acme.slug}.acme.test`;
  const own = await make.tenant({ host });
  const { url } = await link(await make.user(own), {}, own);
  expect(url).toMatch(/^https:\/\/login-[\w-]+\.acme\.test\/reset\?token=[\w-]{43}$/);
});

test('the sweep deletes what is over, and nothing else', async () => {
  const [ada, bob] = [await make.user(acme), await make.user(acme)];
  const short = await link(ada, { seconds: 60 });
  const long = await link(bob, { purpose: 'INVITATION' });
  clock.advance(61_000);
  await sweepOneTimeLinks.run(services, {}, new AbortController().signal);
  const left = await rows<{ user_id: string }>(
    house,
    acme.uuid,
    'SELECT user_id FROM one_time_links',
  );
  const users = left.map(({ user_id }) => user_id);
  expect(users).not.toContain(ada.uuid);
  expect(users).toContain(bob.uuid);
  await expectBad(short.token);
  expect(await spend(long.token, 'INVITATION')).not.toBeNull();
});
