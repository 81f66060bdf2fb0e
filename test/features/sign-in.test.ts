/** The sign-in over GraphQL, for front ends that draw their own screens; and showing again who one is. */
import { expect, test } from 'vitest';
import { type Browser, browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { PASSWORD, person, signedIn } from '../kit/people.ts';
import { totp } from '../kit/totp.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

interface Step {
  readonly __typename: string;
  readonly code?: string;
  readonly step?: string;
  readonly flow?: string | null;
  readonly methods?: readonly string[];
  readonly enrolment?: { readonly secret: string } | null;
  readonly backupCodes?: readonly string[] | null;
  readonly session?: { readonly acr: string; readonly amr: readonly string[] } | null;
}

const PROGRESS = 'step flow methods sentTo enrolment { secret uri qr } passkeyOptions';

async function mutate(window: Browser, name: string, more: string, input: object): Promise<Step> {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const { data } = await window.gql<Record<string, Step>>(
    `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Success { ${PROGRESS} ${more} } ... on Error { code } } }`,
    { input },
  );
  return data[name] as Step;
}

const start = (window: Browser) => mutate(window, 'startSignIn', '', { tenant: acme.slug });
const submit = (window: Browser, flow: string | null | undefined, input: object) =>
  mutate(window, 'submitSignInStep', 'backupCodes session { acr amr }', {
    tenant: acme.slug,
    flow,
    ...input,
  });

const CREATE = `mutation { createUser(input: { email: "made-${acme.slug}@example.com" }) {
  __typename ... on Error { code message } } }`;

test('step by step: who, by what, and in', async () => {
  const ada = await person(house, make, acme);
  const window = browser(house);
  const { step, flow } = await start(window);
  expect(step).toBe('IDENTIFY');
  expect(await submit(window, flow, { email: ada.email })).toMatchObject({
    step: 'PASSWORD',
    flow,
  });
  expect(await submit(window, flow, { password: 'wrong' })).toMatchObject({
    __typename: 'InvalidCredentialsError',
    code: 'INVALID_CREDENTIALS',
  });
  expect(await submit(window, flow, { password: PASSWORD })).toMatchObject({
    step: 'DONE',
    flow: null,
    session: { acr: 'pwd', amr: ['pwd'] },
  });
  expect(window.cookies.has(`__Host-s-${acme.slug}`)).toBe(true);
  expect(await submit(window, flow, { password: PASSWORD })).toMatchObject({
    code: 'SIGN_IN_EXPIRED',
  });
});

test('by REST each step answers all that it answers over GraphQL, under the same names', async () => {
  const window = browser(house);
  const answer = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', path, headers, body: JSON.stringify(body) };
    const { status, text } = await send(house.url, request);
    return { status, body: JSON.parse(text) as Step & Record<string, unknown> };
  };
  const started = await answer('/v1/sign-in', { tenant: acme.slug });
  expect(started.status).toBe(200);
  const { __typename, ...overGraphQL } = await start(window);
  expect(Object.keys(started.body).sort()).toEqual(Object.keys(overGraphQL).sort());
  expect(started.body).toMatchObject({ step: 'IDENTIFY', methods: [], enrolment: null });

  const strict = await make.tenant();
  await run(strict, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'REQUIRED' });
  const { email } = await person(house, make, strict);
  const { flow } = (await answer('/v1/sign-in', { tenant: strict.slug })).body;
  const credentials = { tenant: strict.slug, flow, email, password: PASSWORD };
  const { body } = await answer('/v1/sign-in/steps', credentials);
  expect(body).toMatchObject({ step: 'ENROL', enrolment: { secret: expect.any(String) } });
});

test('what sign-ins have in common is an interface of the graph', async () => {
  const window = browser(house);
  const { data } = await window.gql<{ startSignIn: Step }>(
    `mutation ($input: StartSignInInput!) { startSignIn(input: $input) { ... on SignInProgress { step flow } } }`,
    { input: { tenant: acme.slug } },
  );
  expect(data.startSignIn).toEqual({ step: 'IDENTIFY', flow: expect.any(String) });
});

test('T28 the flow of one tenant goes on in no other', async () => {
  const other = await make.tenant();
  const window = browser(house);
  const { flow } = await start(window);
  const answer = await mutate(window, 'submitSignInStep', '', {
    tenant: other.slug,
    flow,
    email: 'a@example.com',
  });
  expect(answer.code).toBe('SIGN_IN_EXPIRED');
  expect((await mutate(window, 'startSignIn', '', { tenant: 'nobody' })).code).toBe(
    'TENANT_NOT_OPEN',
  );
});

test('an administrator without a second factor is told what is missing, sets one up, and may', async () => {
  const admin = await person(house, make, acme);
  await make.assign(acme, await make.builtIn(acme, 'admin'), admin);
  const window = await signedIn(house, acme, admin);
  const before = window.cookies.get(`__Host-s-${acme.slug}`);
  expect((await window.gql(CREATE)).code).toBe('STEP_UP_REQUIRED');
  const { flow } = await mutate(window, 'startStepUp', '', { mfa: true });
  const { step, enrolment } = await submit(window, flow, { password: PASSWORD });
  expect(step).toBe('ENROL');
  const secret = enrolment?.secret ?? '';
  expect((await submit(window, flow, { code: '000000' })).code).toBe('INVALID_CODE');
  const done = await submit(window, flow, { code: totp(secret, house.clock.ms()) });
  expect(done.backupCodes).toHaveLength(10);
  expect(done.session).toEqual({ acr: 'mfa', amr: ['pwd', 'otp', 'mfa'] });
  // C02: the same session under a new token.
  expect(window.cookies.get(`__Host-s-${acme.slug}`)).not.toBe(before);
  const { data } = await window.gql<{ createUser: { __typename: string } }>(CREATE);
  expect(data.createUser.__typename).toBe('CreateUserSuccess');
});

test('B01 a second factor is asked for once there is one, and a code is good once', async () => {
  await run(acme, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'REQUIRED' });
  const bob = await person(house, make, acme);
  const window = browser(house);
  const first = await start(window);
  const { enrolment, flow } = await submit(window, first.flow, {
    email: bob.email,
    password: PASSWORD,
  });
  const secret = enrolment?.secret ?? '';
  expect((await submit(window, flow, { code: totp(secret, house.clock.ms()) })).step).toBe('DONE');
  await run(acme, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'OPTIONAL' });

  const again = browser(house);
  const second = await start(again);
  const owed = await submit(again, second.flow, { email: bob.email, password: PASSWORD });
  expect(owed).toMatchObject({ step: 'MFA', methods: ['TOTP', 'BACKUP_CODE'] });
  expect((await submit(again, owed.flow, { code: totp(secret, house.clock.ms()) })).code).toBe(
    'INVALID_CODE',
  );
  expect(
    (await submit(again, owed.flow, { code: totp(secret, house.clock.ms(), 1) })).session?.acr,
  ).toBe('mfa');
});

test('B07 what is sensitive asks for a sign-in of the last minutes', async () => {
  const carol = await person(house, make, acme);
  const window = await signedIn(house, acme, carol);
  house.clock.advance(16 * 60_000);
  const answer = await window.gql(
    'mutation { enrolFactor(input: { kind: TOTP, name: "phone" }) { __typename } }',
  );
  expect(answer.code).toBe('STEP_UP_REQUIRED');
});
