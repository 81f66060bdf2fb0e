/** What attackers tried on sign-ins under way, and on the limits around them (T05-T07, T13, A10, C02). */
import { expect, test } from 'vitest';
import { auditLog } from '../kit/audit-row.ts';
import { browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { PASSWORD, person, signedIn, signIn } from '../kit/people.ts';
import { asOwner, rows } from '../kit/stored.ts';
import { totp } from '../kit/totp.ts';
import { until } from '../kit/until.ts';

const house = await openHouse({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
const make = makers(house);
const acme = await make.tenant();
const login = `/t/${acme.slug}/login`;
const VIEWER = '{ viewer { session { id } } }';
const from = (address: string) => ({ 'x-forwarded-for': address });

const guessAt = async (email: string, times: number, address: string) => {
  const window = browser(house);
  await window.get(login);
  const statuses: number[] = [];
  for (let n = 0; n < times; n += 1)
    statuses.push((await window.post(login, { email, password: 'wrong' }, from(address))).status);
  return statuses;
};

test('A10 a hundred guesses at an account are too many, from wherever; signing in by another way stays', async () => {
  const ada = await person(house, make, acme);
  expect(new Set(await guessAt(ada.email, 60, '192.0.2.1'))).toEqual(new Set([401]));
  expect(new Set(await guessAt(ada.email.toUpperCase(), 40, '192.0.2.2'))).toEqual(new Set([401]));
  expect(await guessAt(ada.email, 1, '192.0.2.3')).toEqual([429]);
  // What is asked of a person who is signed in is counted apart: no stranger uses it up.
  const session = await make.session(acme, ada);
  expect(session.id).toMatch(/^session_/);
});

test('T05 an address that has had enough locks nobody else out', async () => {
  const victim = await person(house, make, acme);
  const address = '192.0.2.77';
  const key = `password-address:${address}`;
  await asOwner(
    house,
    acme.uuid,
    `INSERT INTO rate_limits (key, points, expire) VALUES ('${key}', 300, ${Date.now() + 3_600_000})`,
  );
  expect(new Set(await guessAt(victim.email, 105, address))).toEqual(new Set([429]));
  expect((await signIn(browser(house), acme, victim)).status).toBe(303);
}, 60_000);

test('C02 signing in again ends the session that this browser had', async () => {
  const bob = await person(house, make, acme);
  const window = await signedIn(house, acme, bob);
  const old = browser(house, new Map(window.cookies));
  await window.get(`/t/${acme.slug}/logout`);
  await window.post(login, { email: bob.email, password: PASSWORD });
  const live = await rows<{ count: number }>(
    house,
    acme.uuid,
    `SELECT count(*)::int AS count FROM sessions WHERE user_id = '${bob.uuid}' AND ended_at IS NULL`,
  );
  expect(live[0]?.count).toBe(1);
  expect((await window.gql(VIEWER)).status).toBe(200);
  expect(old.cookies).not.toEqual(window.cookies);
});

test('C02 T13 signing in as somebody else ends the session that this browser had, and says so', async () => {
  const [ada, bob] = [await person(house, make, acme), await person(house, make, acme)];
  const window = await signedIn(house, acme, ada);
  const copy = browser(house, new Map(window.cookies));
  const { data } = await copy.gql<{ viewer: { session: { id: string } } }>(VIEWER);
  const { id } = data.viewer.session;
  await window.get(`/t/${acme.slug}/logout`);
  const page = await window.post(login, { email: bob.email, password: PASSWORD });
  expect(page.status).toBe(303);
  await until(async () => (await copy.gql(VIEWER)).code === 'UNAUTHENTICATED');
  expect((await window.gql(VIEWER)).status).toBe(200);
  const log = (await auditLog(house, acme.uuid)).filter(({ actor_id }) => actor_id === ada.id);
  expect(log.map(({ type, result, targets }) => [type, result, targets[0]])).toEqual([
    ['session.start', 'SUCCESS', { type: 'session', id }],
    ['session.sign-out', 'SUCCESS', { type: 'session', id }],
  ]);
});

test('T28 a step-up goes on only in the session that asked for it', async () => {
  const carol = await person(house, make, acme);
  const [own, other] = [await signedIn(house, acme, carol), await signedIn(house, acme, carol)];
  const { data } = await own.gql<{ startStepUp: { flow: string } }>(
    'mutation { startStepUp(input: {}) { ... on StartStepUpSuccess { flow } } }',
  );
  const submit = `mutation ($flow: String!) { submitSignInStep(input: { tenant: "${acme.slug}", flow: $flow, password: "${PASSWORD}" }) {
    __typename ... on SubmitSignInStepSuccess { step } ... on Error { code } } }`;
  const variables = { flow: data.startStepUp.flow };
  for (const window of [other, browser(house)]) {
    const answer = await window.gql<{ submitSignInStep: { code: string } }>(submit, variables);
    expect(answer.data.submitSignInStep.code).toBe('SIGN_IN_EXPIRED');
  }
  const done = await own.gql<{ submitSignInStep: { step: string } }>(submit, variables);
  expect(done.data.submitSignInStep.step).toBe('DONE');
});

test('a browser full of cookies costs no more than one look', async () => {
  const headers = {
    cookie: Array.from({ length: 300 }, (_, n) => `__Host-s-t${n}=x`).join('; '),
  };
  const answer = await browser(house).gql(VIEWER, {}, headers);
  expect(answer.code).toBe('FORBIDDEN');
});

test('an ended session is forgotten by the browser, which then asks as nobody', async () => {
  const dora = await person(house, make, acme);
  const window = await signedIn(house, acme, dora);
  await asOwner(
    house,
    acme.uuid,
    `UPDATE sessions SET ended_at = now(), end_reason = 'ENDED' WHERE user_id = '${dora.uuid}'`,
  );
  const start = `mutation { startSignIn(input: { tenant: "${acme.slug}" }) { __typename } }`;
  expect((await window.gql(start)).code).toBe('UNAUTHENTICATED');
  const { data } = await window.gql<{ startSignIn: { __typename: string } }>(start);
  expect(data.startSignIn.__typename).toBe('StartSignInSuccess');
});

test('a factor that cannot be offered just now is owed all the same', async () => {
  const erin = await person(house, make, acme);
  await run(acme, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'REQUIRED' });
  const window = browser(house);
  const page = await signIn(window, acme, erin);
  const secret = /<code>([A-Z2-7]+)<\/code>/.exec(page.text)?.[1] ?? '';
  const code = totp(secret, house.clock.ms());
  expect((await window.post(login, { enrolling: 'yes', code })).status).toBe(200);
  await asOwner(
    house,
    acme.uuid,
    `UPDATE factors SET kind = 'SMS', last_step = NULL WHERE user_id = '${erin.uuid}'`,
  );
  const again = browser(house);
  await signIn(again, acme, erin);
  expect([...again.cookies.keys()]).not.toContain(`__Host-s-${acme.slug}`);
  expect((await again.post(login, {})).text).not.toContain('enrolling');
});

test('K01 what seals an answer is not what the database holds of the credential', async () => {
  const [key] = await rows<{ hash: Buffer }>(house, acme.uuid, 'SELECT hash FROM api_key_secrets');
  const document =
    'mutation { createApiKey(input: { name: "sealed", scopes: ["users:read"] }) { ... on CreateApiKeySuccess { secret } } }';
  await acme.gql(document, {}, { 'idempotency-key': 'sealed-under-what' });
  const { deriveKey } = await import('#kernel/crypto/derive-key.ts');
  const { open } = await import('#kernel/crypto/envelope.ts');
  const [row] = await rows<{ id: Buffer; answer: Buffer }>(
    house,
    acme.uuid,
    'SELECT id, answer FROM idempotency_keys',
  );
  const aad = Buffer.concat([Buffer.from(acme.uuid), row?.id as Buffer]);
  const guessed = deriveKey(key?.hash as Buffer, 'signet/idempotency');
  expect(() => open(guessed, row?.answer as Buffer, aad)).toThrow('do not open');
});
