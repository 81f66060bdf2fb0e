/** Signing in on the hosted pages, without scripts: a form, a cookie, an account, a way out (A, B, C). */
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { PASSWORD, person, signedIn, signIn } from '../kit/people.ts';
import { asOwner, rows } from '../kit/stored.ts';
import { totp } from '../kit/totp.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const other = await make.tenant();
const ada = await person(house, make, acme, { email: 'ada@example.com' });
const cookie = `__Host-s-${acme.slug}`;
const VIEWER = '{ viewer { actor { kind id } session { id amr acr current } } }';
interface Viewer {
  viewer: { actor: { kind: string; id: string }; session: { id: string } | null };
}

test('a password opens a session, which the API knows', async () => {
  const window = await signedIn(house, acme, ada);
  const account = await window.get(`/t/${acme.slug}/account`);
  expect(account.text).toContain('You are signed in as ada@example.com');
  const { data } = await window.gql<Viewer>(VIEWER);
  expect(data).toMatchObject({
    viewer: {
      actor: { kind: 'user', id: ada.id },
      session: { amr: ['pwd'], acr: 'pwd', current: true },
    },
  });
  expect((await window.get(`/t/${acme.slug}/login`)).location).toBe(`/t/${acme.slug}/account`);
});

test('C09 C01 the cookie is for our own pages only, and only its digest is stored', async () => {
  const window = browser(house);
  const page = await signIn(window, acme, ada);
  const [line] = [page.headers['set-cookie'] ?? []].flat().filter((one) => one.startsWith(cookie));
  expect(line).toMatch(
    /^__Host-s-[\w-]+=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800$/,
  );
  expect(line).not.toMatch(/Domain/i);
  const token = window.cookies.get(cookie) as string;
  const stored = await rows<{ line: string }>(
    house,
    acme.uuid,
    'SELECT row_to_json(s)::text AS line FROM sessions s',
  );
  expect(stored.map((row) => row.line).join()).not.toContain(token);
  expect(house.log.join()).not.toContain(token);
  expect(house.log.join()).not.toContain(PASSWORD);
});

test('A13 a wrong password, an unknown address, a closed account and none at all answer alike', async () => {
  const closed = await person(house, make, acme, {});
  await asOwner(
    house,
    acme.uuid,
    `UPDATE users SET status = 'SUSPENDED' WHERE id = '${closed.uuid}'`,
  );
  const bare = await make.user(acme);
  const attempts = [
    { email: ada.email, password: 'wrong' },
    { email: 'nobody@example.com', password: PASSWORD },
    { email: closed.email, password: PASSWORD },
    { email: bare.email, password: PASSWORD },
    { email: 'no address', password: PASSWORD },
  ];
  const answers = [];
  for (const attempt of attempts) {
    const page = await signIn(browser(house), acme, attempt);
    const text = page.text.replaceAll(attempt.email, 'EMAIL').replace(/value="[\w-]{43}"/g, '');
    answers.push([page.status, page.notice, text]);
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]?.slice(0, 2)).toEqual([
    401,
    'The e-mail address or the password is not right.',
  ]);
});

test('A03 the password is taken as it is', async () => {
  const long = `${'long and strange words '.repeat(4)}\u0000end`;
  const eve = await person(house, make, acme, { password: long });
  for (const password of [
    long.slice(0, 72),
    long.trimEnd().slice(0, -1),
    long.toUpperCase(),
    ` ${long}`,
  ])
    expect((await signIn(browser(house), acme, { email: eve.email, password })).status).toBe(401);
  expect((await signIn(browser(house), acme, eve)).status).toBe(303);
});

test('C10 forms of other origins and forms that are not ours are refused', async () => {
  const window = browser(house);
  const path = `/t/${acme.slug}/login`;
  const fields = { email: ada.email, password: ada.password };
  expect((await window.post(path, fields)).status).toBe(403);
  await window.get(path);
  const origins = [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
  ];
  for (const headers of origins)
    expect((await window.post(path, fields, headers)).status).toBe(403);
  expect((await window.post(path, { ...fields, form: 'A'.repeat(43) })).status).toBe(403);
  expect([...window.cookies.keys()]).not.toContain(cookie);
  expect((await window.post(path, fields, { origin: PUBLIC_URL })).status).toBe(303);
});

test('C10 a cookie alone is no caller of the API', async () => {
  const window = await signedIn(house, acme, ada);
  const answer = await window.gql<null>(VIEWER, {}, { 'x-signet-csrf': [] as never });
  expect(answer.code).toBe('UNAUTHENTICATED');
});

test('C02 signing in makes a new token, whatever cookie was there', async () => {
  const window = await signedIn(house, acme, ada);
  const before = window.cookies.get(cookie);
  const planted = browser(house);
  planted.cookies.set(cookie, 'A'.repeat(43));
  await signIn(planted, acme, ada);
  const after = planted.cookies.get(cookie);
  expect(after).not.toBe('A'.repeat(43));
  expect(after).not.toBe(before);
});

test('C04 signing out ends the session at the server', async () => {
  const window = await signedIn(house, acme, ada);
  const token = window.cookies.get(cookie) as string;
  await window.get(`/t/${acme.slug}/account`);
  await window.post(`/t/${acme.slug}/logout`, {});
  expect(window.cookies.has(cookie)).toBe(false);
  window.cookies.set(cookie, token);
  await until(async () => (await window.gql(VIEWER)).code === 'UNAUTHENTICATED');
});

test("C03 idle and absolute ends are the server's", async () => {
  const window = await signedIn(house, acme, ada);
  const alive = async () => (await window.gql(VIEWER)).status === 200;
  const hours = (n: number) => house.clock.advance(n * 3_600_000);
  for (let day = 0; day < 13; day += 1) {
    hours(11);
    expect(await alive()).toBe(true);
  }
  const idle = await signedIn(house, acme, ada);
  hours(12.5);
  expect((await idle.gql(VIEWER)).code).toBe('UNAUTHENTICATED');
  hours(24);
  expect(await alive()).toBe(false);
});

test('C06 a new password ends the other sessions and keeps this one', async () => {
  const bob = await person(house, make, acme);
  const [here, there] = [await signedIn(house, acme, bob), await signedIn(house, acme, bob)];
  const path = `/t/${acme.slug}/account/password`;
  await here.get(path);
  const next = 'another horse, another battery';
  const wrong = await here.post(path, { currentPassword: 'wrong', newPassword: next });
  expect([wrong.status, wrong.notice]).toEqual([422, 'The current password is not right.']);
  const short = await here.post(path, { currentPassword: bob.password, newPassword: 'short' });
  expect(short.notice).toContain('at least 15 characters');
  expect((await here.post(path, { currentPassword: bob.password, newPassword: next })).status).toBe(
    200,
  );
  await until(async () => (await there.gql(VIEWER)).code === 'UNAUTHENTICATED');
  expect((await here.gql(VIEWER)).status).toBe(200);
  expect((await signIn(browser(house), acme, bob)).status).toBe(401);
  expect((await signIn(browser(house), acme, { ...bob, password: next })).status).toBe(303);
});

test('D05 the cookie of one tenant opens nothing of another', async () => {
  const window = await signedIn(house, acme, ada);
  window.cookies.set(`__Host-s-${other.slug}`, window.cookies.get(cookie) as string);
  window.cookies.delete(cookie);
  expect((await window.get(`/t/${other.slug}/account`)).location).toBe(`/t/${other.slug}/login`);
  expect((await window.gql(VIEWER)).code).toBe('UNAUTHENTICATED');
});

test('a password that must change is changed before there is a session', async () => {
  const carol = await person(house, make, acme);
  await asOwner(
    house,
    acme.uuid,
    `UPDATE passwords SET must_change = true WHERE user_id = '${carol.uuid}'`,
  );
  const window = browser(house);
  const asked = await signIn(window, acme, carol);
  expect(asked.text).toContain('Change your password');
  expect(window.cookies.has(cookie)).toBe(false);
  const path = `/t/${acme.slug}/login`;
  expect((await window.post(path, { newPassword: 'short' })).notice).toContain('at least 15');
  const done = await window.post(path, { newPassword: 'a password of my very own' });
  expect([done.status, window.cookies.has(cookie)]).toEqual([303, true]);
});

test('backup codes are shown also where a password is still owed', async () => {
  const strict = await make.tenant();
  await run(strict, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'REQUIRED' });
  const dan = await person(house, make, strict);
  await asOwner(
    house,
    strict.uuid,
    `UPDATE passwords SET must_change = true WHERE user_id = '${dan.uuid}'`,
  );
  const window = browser(house);
  const path = `/t/${strict.slug}/login`;
  const secret =
    /<code>([A-Z2-7]+)<\/code>/.exec((await signIn(window, strict, dan)).text)?.[1] ?? '';
  const codes = await window.post(path, { enrolling: 'yes', code: totp(secret, house.clock.ms()) });
  expect(codes.text.match(/<li><code>/g)).toHaveLength(10);
  expect((await window.post(path, {})).text).toContain('name="newPassword"');
  expect((await window.post(path, { newPassword: 'a password of my very own' })).status).toBe(303);
});

test('sign-ins and refusals are in the log of the tenant', async () => {
  await house.services.refusals.flush();
  const { data } = await acme.gql<{
    auditEvents: {
      nodes: { type: string; result: string; actor: { id: string } | null; reason: string }[];
    };
  }>(
    '{ auditEvents(filter: { type: "session.start" }, first: 100) { nodes { type result reason actor { kind id } target { type id } details } } }',
  );
  const nodes = data?.auditEvents.nodes ?? [];
  expect(nodes).toContainEqual(
    expect.objectContaining({ result: 'SUCCESS', actor: { kind: 'user', id: ada.id } }),
  );
  expect(nodes).toContainEqual(
    expect.objectContaining({
      result: 'REFUSED',
      reason: 'INVALID_CREDENTIALS',
      target: { type: 'user', id: ada.id },
    }),
  );
});
