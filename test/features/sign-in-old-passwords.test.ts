/** Passwords that are right and must give way: leaked, imported, or chosen under older rules (A01, A05, A08). */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Browser, browser } from '../kit/browser.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { lettersTo } from '../kit/mailbox.ts';
import { makers, run } from '../kit/make.ts';
import { PASSWORD, person, signedIn, signIn } from '../kit/people.ts';
import { asOwner, rows } from '../kit/stored.ts';
import { totp } from '../kit/totp.ts';
import { until } from '../kit/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-leaked-'));
afterAll(() => rmSync(folder, { recursive: true }));
const list = join(folder, 'list');
const LEAKED = 'nobody will ever guess this one';
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();
writeFileSync(list, `${sha1(LEAKED)}:3\n`);

const house = await openHouse({ env: { BREACHED_PASSWORDS_FILE: list } });
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const { as, addApp } = factorsOf(house, acme);
const cookie = `__Host-s-${acme.slug}`;
const NEXT = 'a password of my very own';
const COMMON = '1qaz2wsx3edc4rfv';
const VIEWER = '{ viewer { actor { id } } }';

const change = (window: Browser, newPassword: string) =>
  window.post(`/t/${acme.slug}/login`, { newPassword });

test.each([
  ['a common one', COMMON],
  ["one of the operator's file", LEAKED],
  ['one that is shorter than the rule', 'hgf7 2jd kq'],
  ['one of names that others know', 'AcmeAcmeAcme2026'],
])('A01 A05 at sign-in %s is changed before there is a session', async (_, password) => {
  const ada = await person(house, make, acme, { password });
  const window = browser(house);
  const asked = await signIn(window, acme, ada);
  expect([asked.status, window.cookies.has(cookie)]).toEqual([200, false]);
  expect(asked.text).toContain('Change your password');
  expect((await change(window, COMMON)).notice).toContain('a common one');
  expect(window.cookies.has(cookie)).toBe(false);
  const done = await change(window, NEXT);
  expect([done.status, window.cookies.has(cookie)]).toEqual([303, true]);
  expect((await signIn(browser(house), acme, ada)).status).toBe(401);
  expect((await signIn(browser(house), acme, { ...ada, password: NEXT })).status).toBe(303);
});

test('A01 a longer rule holds at the next sign-in; other sessions end, and the person is told', async () => {
  const strict = await make.tenant({ name: 'Strict' });
  const ada = await person(house, make, strict);
  const before = await signedIn(house, strict, ada);
  await run(strict, 'updateSignInPolicy', 'signInPolicy { mfa }', { passwordMinLength: 40 });
  expect((await before.gql(VIEWER)).status).toBe(200);
  const window = browser(house);
  expect((await signIn(window, strict, ada)).text).toContain('At least 40 characters');
  const long = 'forty characters are quite a few, and here they are';
  const path = `/t/${strict.slug}/login`;
  expect((await window.post(path, { newPassword: long })).status).toBe(303);
  await until(async () => (await before.gql(VIEWER)).code === 'UNAUTHENTICATED');
  expect((await window.gql(VIEWER)).status).toBe(200);
  const told = await lettersTo(house, ada.email);
  expect(told.map(({ subject }) => subject)).toEqual(['Your password for Strict was changed']);
  const { data } = await strict.gql<{ auditEvents: { nodes: object[] } }>(
    '{ auditEvents(filter: { type: "password.change" }, first: 9) { nodes { severity result actor { id } target { id } details } } }',
  );
  expect(data?.auditEvents.nodes).toEqual([
    {
      severity: 'NOTICE',
      result: 'SUCCESS',
      actor: { id: ada.id },
      target: { id: ada.id },
      details: { sessions: 1 },
    },
  ]);
});

test('A12 the second factor comes first: whoever knows a leaked password cannot change it', async () => {
  const ada = await person(house, make, acme, { password: LEAKED });
  const app = await addApp(await as(ada));
  const window = browser(house);
  expect((await signIn(window, acme, ada)).text).toContain('name="code"');
  const thief = await change(window, NEXT);
  expect([thief.text.includes('name="code"'), thief.text.includes('newPassword')]).toEqual([
    true,
    false,
  ]);
  house.clock.advance(60_000);
  const code = totp(app.secret, house.clock.ms());
  const asked = await window.post(`/t/${acme.slug}/login`, { code });
  expect(asked.text).toContain('name="newPassword"');
  expect((await change(window, NEXT)).status).toBe(303);
  const { data } = await window.gql<{ viewer: { session: object } }>(
    '{ viewer { session { acr } } }',
  );
  expect(data.viewer.session).toEqual({ acr: 'mfa' });
});

test('a code and a new password at once: the code counts, and a bad password does not lose it', async () => {
  const ada = await person(house, make, acme, { password: COMMON });
  const { secret } = await addApp(await as(ada));
  house.clock.advance(60_000);
  const window = browser(house);
  await signIn(window, acme, ada);
  const code = totp(secret, house.clock.ms());
  const both = { code, newPassword: 'short' };
  const asked = await window.post(`/t/${acme.slug}/login`, both);
  expect([asked.status, window.cookies.has(cookie)]).toEqual([200, false]);
  expect(asked.text).toContain('name="newPassword"');
  expect((await change(window, 'short')).notice).toContain('at least 15 characters');
  expect((await change(window, NEXT)).status).toBe(303);
});

test('over GraphQL it is the step CHANGE_PASSWORD, and the flow keeps no password', async () => {
  const ada = await person(house, make, acme, { password: COMMON });
  const window = browser(house);
  const submit = async (input: object) => {
    const { data } = await window.gql<{ submitSignInStep: Step }>(SUBMIT, {
      input: { tenant: acme.slug, ...input },
    });
    return data.submitSignInStep;
  };
  const { data } = await window.gql<{ startSignIn: { flow: string } }>(START, {
    input: { tenant: acme.slug },
  });
  const { flow } = data.startSignIn;
  expect(await submit({ flow, email: ada.email, password: COMMON })).toMatchObject({
    step: 'CHANGE_PASSWORD',
    flow,
    session: null,
  });
  const kept = await rows<{ state: object }>(
    house,
    acme.uuid,
    'SELECT state FROM sign_in_flows WHERE user_id = $1',
    [ada.uuid],
  );
  expect(kept).toHaveLength(1);
  expect(kept[0]?.state).toEqual({
    email: ada.email,
    amr: ['pwd'],
    passwordSetAt: expect.any(String),
    passwordOver: true,
  });
  expect(await submit({ flow, newPassword: 'hgf7 2jd kq' })).toMatchObject({
    fields: [{ path: 'newPassword', message: 'must have at least 15 characters' }],
  });
  expect(await submit({ flow, newPassword: NEXT })).toMatchObject({
    step: 'DONE',
    session: { acr: 'pwd' },
  });
});

interface Step {
  readonly step?: string;
}

const START = `mutation ($input: StartSignInInput!) { startSignIn(input: $input) {
  ... on StartSignInSuccess { flow } } }`;
const SUBMIT = `mutation ($input: SubmitSignInStepInput!) { submitSignInStep(input: $input) {
  ... on SubmitSignInStepSuccess { step flow session { acr } }
  ... on InvalidInputError { fields { path message } } } }`;

test('A15 a password that somebody else gave is not kept, however good it is', async () => {
  const ada = await person(house, make, acme);
  await asOwner(
    house,
    acme.uuid,
    `UPDATE passwords SET must_change = true WHERE user_id = '${ada.uuid}'`,
  );
  const window = browser(house);
  await signIn(window, acme, ada);
  const same = await change(window, PASSWORD);
  expect([same.status, same.notice]).toEqual([
    422,
    'That is the password until now. Choose another one.',
  ]);
  expect((await change(window, NEXT)).status).toBe(303);
  expect((await signIn(browser(house), acme, { ...ada, password: NEXT })).status).toBe(303);
});

test('A08 no password ends by its age', async () => {
  const ada = await person(house, make, acme);
  house.clock.advance(400 * 86_400_000);
  expect((await signIn(browser(house), acme, ada)).status).toBe(303);
});

test('a list that cannot be read keeps nobody out, and is noticed', async () => {
  const ada = await person(house, make, acme, { password: LEAKED });
  rmSync(list);
  expect((await signIn(browser(house), acme, ada)).status).toBe(303);
  expect(house.log.join()).toContain('could not be looked up in the lists');
});
