/** Invitations, forgotten passwords and registration on the hosted pages, without scripts (A13-A16, A20). */
import { expect, test } from 'vitest';
import { type Browser, browser, type Page } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { lettersTo, letterTo, nothingUnderWay } from '../kit/mailbox.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { PASSWORD, person, signedIn, signIn } from '../kit/people.ts';
import { asOwner, rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const shut = await make.tenant();
await run(acme, 'updateSignInPolicy', 'signInPolicy { version }', { registration: 'OPEN' });

const NEXT = 'a wholly different phrase';
const VIEWER = '{ viewer { actor { id } } }';
const LOOK = 'Look into your mail: if this address can be written to, a message is on its way.';

async function ask(
  page: string,
  fields: Record<string, string>,
  { tenant = acme, window = browser(house), headers = {} }: AskOptions = {},
): Promise<Page> {
  const path = `/t/${tenant.slug}/${page}`;
  await window.get(path);
  return window.post(path, fields, headers);
}

interface AskOptions {
  tenant?: MadeTenant;
  window?: Browser;
  headers?: Record<string, string>;
}

/** Opens the link of a message and sends its form. */
async function follow(link: string, fields: Record<string, string> = {}, window = browser(house)) {
  const { pathname, search, searchParams } = new URL(link);
  // Where there is no form, there is no token for one either.
  await window.get(`/t/${acme.slug}/login`);
  const shown = await window.get(`${pathname}${search}`);
  const sent = await window.post(pathname, { token: searchParams.get('token') ?? '', ...fields });
  return { shown, sent };
}

const cookieOf = (tenant: MadeTenant) => `__Host-s-${tenant.slug}`;

test('an invitation leads to a password, and the password to a session', async () => {
  const email = 'ada@example.com';
  await run(acme, 'inviteUser', 'user { id }', { email, displayName: 'Ada' });
  const letter = await letterTo(house, email, 'You are invited to Acme');
  expect(letter.link).toMatch(`${PUBLIC_URL}/t/${acme.slug}/invitation?token=`);
  const window = browser(house);
  const short = await follow(letter.link ?? '', { newPassword: 'short' }, window);
  expect([short.shown.status, short.sent.status]).toEqual([200, 422]);
  expect(short.sent.notice).toContain('at least 15 characters');
  const { sent } = await follow(letter.link ?? '', { newPassword: NEXT }, window);
  expect([sent.status, sent.notice]).toEqual([
    200,
    'Your account is ready. Sign in with your new password.',
  ]);
  expect(window.cookies.has(cookieOf(acme))).toBe(false);
  expect((await signIn(window, acme, { email, password: NEXT })).status).toBe(303);
  const again = await follow(letter.link ?? '', { newPassword: 'yet another phrase' });
  expect([again.shown.status, again.sent.status]).toEqual([410, 410]);
  expect((await signIn(browser(house), acme, { email, password: NEXT })).status).toBe(303);
});

test('A15 A16 C06 T31 a forgotten password: one link, once; sessions end, and none begins', async () => {
  const bob = await person(house, make, acme);
  const before = await signedIn(house, acme, bob);
  const half = await aSignInUnderWay(bob.uuid);
  const asked = await ask('forgot', { email: bob.email.toUpperCase() });
  expect([asked.status, asked.notice]).toEqual([200, LOOK]);
  const { link } = await letterTo(house, bob.email, 'Choose a new password');
  expect((await before.gql(VIEWER)).status).toBe(200);
  const window = browser(house);
  const { sent } = await follow(link ?? '', { newPassword: NEXT }, window);
  expect(sent.notice).toBe('Your new password is saved. Sign in with it.');
  expect([...window.cookies.keys()]).toEqual([`__Host-form-${acme.slug}`]);
  await until(async () => (await before.gql(VIEWER)).code === 'UNAUTHENTICATED');
  expect(await half()).not.toBeNull();
  expect((await signIn(browser(house), acme, bob)).status).toBe(401);
  expect((await signIn(browser(house), acme, { ...bob, password: NEXT })).status).toBe(303);
  const twice = await follow(link ?? '', { newPassword: PASSWORD });
  expect([twice.shown.status, twice.sent.status]).toEqual([410, 410]);
  expect(twice.sent.notice).toBe('This link was used before or is over.');
  expect((await signIn(browser(house), acme, { ...bob, password: NEXT })).status).toBe(303);
  const told = await lettersTo(house, bob.email);
  expect(told.map(({ subject }) => subject)).toEqual([
    'Choose a new password for Acme',
    'Your password for Acme was changed',
  ]);
});

/** Answers when it ended, if it did. */
async function aSignInUnderWay(userId: string) {
  const id = crypto.randomUUID();
  await asOwner(
    house,
    acme.uuid,
    `INSERT INTO sign_in_flows (tenant_id, id, token_hash, purpose, user_id, state, created_at, expires_at)
     VALUES ('${acme.uuid}', '${id}', sha256('${id}'), 'SIGN_IN', '${userId}', '{"amr":["pwd"]}', now(),
       now() + interval '1 hour')`,
  );
  return async () => {
    const text = 'SELECT ended_at FROM sign_in_flows WHERE id = $1';
    const [row] = await rows<{ ended_at: Date | null }>(house, acme.uuid, text, [id]);
    return row?.ended_at ?? null;
  };
}

test('T01 who registers chooses a password after reading the mail, and not before', async () => {
  const email = 'carol@example.com';
  const asked = await ask('register', { email, displayName: 'Carol', password: NEXT });
  expect([asked.status, asked.notice]).toEqual([200, LOOK]);
  const { link } = await letterTo(house, email, 'You are invited');
  expect((await signIn(browser(house), acme, { email, password: NEXT })).status).toBe(401);
  await follow(link ?? '', { newPassword: NEXT });
  expect((await signIn(browser(house), acme, { email, password: NEXT })).status).toBe(303);
  const [user] = await rows<{ email_verified: boolean; display_name: string }>(
    house,
    acme.uuid,
    "SELECT * FROM users WHERE email_key = 'carol@example.com'",
  );
  expect(user).toMatchObject({ email_verified: true, display_name: 'Carol' });
});

test('A13 T21 known and unknown addresses are answered with the same bytes', async () => {
  const dora = await person(house, make, acme);
  const closed = await person(house, make, acme);
  await asOwner(
    house,
    acme.uuid,
    `UPDATE users SET status = 'SUSPENDED' WHERE id = '${closed.uuid}'`,
  );
  const unknown = 'nobody@example.com';
  for (const page of ['forgot', 'register']) {
    const answers = [];
    for (const email of [dora.email, unknown, closed.email]) {
      const { status, headers, text } = await ask(page, { email });
      const passing = ['date', 'x-request-id', 'set-cookie'];
      const kept = Object.entries(headers).filter(([name]) => !passing.includes(name));
      answers.push(JSON.stringify([status, kept, text]));
    }
    expect(new Set(answers).size).toBe(1);
    // Else the account is made before the job of the other page looks.
    await nothingUnderWay(house);
  }
  expect((await lettersTo(house, dora.email)).map(({ subject }) => subject).sort()).toEqual([
    'Choose a new password for Acme',
    'Your account at Acme',
  ]);
  expect((await lettersTo(house, unknown)).map(({ subject }) => subject)).toEqual([
    'You are invited to Acme',
  ]);
  expect(await lettersTo(house, closed.email)).toEqual([]);
  const { link } = await letterTo(house, dora.email, 'Your account at Acme');
  expect(link).toBe(`${PUBLIC_URL}/t/${acme.slug}/login`);
  expect((await signIn(browser(house), acme, dora)).status).toBe(303);
});

test('A20 T14 the link begins with PUBLIC_URL, whatever host the request names', async () => {
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    forwarded: 'for=192.0.2.9;host=evil.example;proto=http',
  };
  const eve = await person(house, make, acme);
  await ask('forgot', { email: eve.email }, { headers });
  await ask('register', { email: 'frank@example.com' }, { headers });
  const evil = 'mutation($i: InviteUserInput!) { inviteUser(input: $i) { __typename } }';
  await acme.gql(evil, { i: { email: 'grace@example.com' } }, headers);
  for (const address of [eve.email, 'frank@example.com', 'grace@example.com']) {
    const [letter] = await lettersTo(house, address);
    expect(letter?.link).toMatch(new RegExp(`^${PUBLIC_URL}/t/${acme.slug}/`));
    expect(letter?.text).not.toContain('evil');
  }
});

test('an address is confirmed by a button, and not by opening the link', async () => {
  const hal = await person(house, make, acme);
  const email = `new-${hal.email}`;
  await run(acme, 'updateUser', 'user { id }', { id: hal.id, email });
  const { link } = await letterTo(house, email, 'Confirm your e-mail address');
  const { pathname, search } = new URL(link ?? '');
  const verified = async () => {
    const text = 'SELECT email_verified FROM users WHERE id = $1';
    return (await rows<{ email_verified: boolean }>(house, acme.uuid, text, [hal.uuid]))[0]
      ?.email_verified;
  };
  for (let n = 0; n < 3; n += 1) {
    const page = await browser(house).get(`${pathname}${search}`);
    expect([page.status, page.text.includes(email)]).toEqual([200, true]);
  }
  expect(await verified()).toBe(false);
  const { sent } = await follow(link ?? '');
  expect([sent.status, sent.notice]).toEqual([200, 'Thank you. Your e-mail address is confirmed.']);
  expect(await verified()).toBe(true);
  expect((await follow(link ?? '')).sent.status).toBe(410);
});

test('nobody registers where registration is not open, and nothing leads there', async () => {
  const window = browser(house);
  const page = await ask('register', { email: 'ivan@example.com' }, { tenant: shut, window });
  expect(page.status).toBe(403);
  const login = await window.get(`/t/${shut.slug}/login`);
  expect(login.text).toContain(`/t/${shut.slug}/forgot`);
  expect(login.text).not.toContain(`/t/${shut.slug}/register`);
  const open = await browser(house).get(`/t/${acme.slug}/login`);
  expect(open.text).toContain(`/t/${acme.slug}/register`);
  await window.get(`/t/${shut.slug}/login`);
  const sent = await window.post(`/t/${shut.slug}/register`, { email: 'ivan@example.com' });
  expect([sent.status, sent.notice]).toEqual([
    403,
    'Nobody can make an account here by themselves. Ask for an invitation.',
  ]);
  expect(await lettersTo(house, 'ivan@example.com')).toEqual([]);
});

test('pages and messages speak the language of the browser', async () => {
  const headers = { 'accept-language': 'de-AT,de;q=0.9' };
  const window = browser(house);
  const page = await window.get(`/t/${acme.slug}/register`, headers);
  expect(page.text).toContain('Konto anlegen');
  const sent = await window.post(`/t/${acme.slug}/register`, { email: 'jan@example.com' }, headers);
  expect(sent.notice).toContain('Sehen Sie in Ihr Postfach');
  await nothingUnderWay(house);
  const [letter] = await lettersTo(house, 'jan@example.com');
  expect(letter?.text).toContain('Einladung annehmen');
});

test('a page says what is wrong with an address, and sends nothing', async () => {
  for (const page of ['forgot', 'register']) {
    const { status, notice, text } = await ask(page, { email: '"><b>x' });
    expect([status, notice]).toEqual([422, expect.stringContaining('must be an e-mail address')]);
    expect(text).not.toContain('<b>x');
  }
});
