/** The SDK in the pages of people: signing in, and calling by the cookie of the session. */
import { expect, test } from 'vitest';
import {
  type ClientOptions,
  createClient,
  enrolFactor,
  getOwnSession,
  getViewer,
  InvalidCredentialsError,
  isSignetError,
  signOut,
  startSignIn,
  startStepUp,
  submitSignInStep,
} from '../../sdk/generated/sdk.ts';
import { type Browser, browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { PASSWORD, type Person, person } from '../kit/people.ts';
import { clientOf, failure, json } from './told-fetch.ts';

const house = await openHouse();
const make = makers(house);
const [acme, beta] = [await make.tenant(), await make.tenant()];

/** What a page of the tenant has. */
function pageOf(window: Browser, tenant: string) {
  const { fetch } = window;
  return createClient({ url: house.url, session: true, tenant, fetch, retry: { attempts: 1 } });
}

async function signIn(window: Browser, tenant: string, { email }: Person, password = PASSWORD) {
  const client = pageOf(window, tenant);
  const { flow } = await startSignIn(client, { input: { tenant } });
  const input = { tenant, flow: flow ?? '', email, password };
  return submitSignInStep(client, { input });
}

test('people sign in, call by their session, show again who they are, and sign out', async () => {
  const ada = await person(house, make, acme);
  const window = browser(house);
  const client = pageOf(window, acme.slug);
  await expect(getViewer(client)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
  await expect(signIn(window, acme.slug, ada, 'wrong')).rejects.toBeInstanceOf(
    InvalidCredentialsError,
  );
  const done = await signIn(window, acme.slug, ada);
  expect(done).toMatchObject({ step: 'DONE', flow: null, session: { acr: 'pwd' } });
  expect((await getViewer(client)).account).toMatchObject({ email: ada.email });

  house.clock.advance(16 * 60_000);
  const stale = await enrolFactor(client, { input: { kind: 'TOTP', name: 'phone' } }).catch(
    (e) => e,
  );
  expect(isSignetError(stale, 'STEP_UP_REQUIRED')).toBe(true);
  const { flow, step } = await startStepUp(client, { input: {} });
  expect(step).toBe('PASSWORD');
  const input = { tenant: acme.slug, flow: flow ?? '', password: PASSWORD };
  expect((await submitSignInStep(client, { input })).session?.sessionId).toBe(
    done.session?.sessionId,
  );
  const { secret } = await enrolFactor(client, { input: { kind: 'TOTP', name: 'phone' } });
  expect(secret).toMatch(/^[A-Z2-7]+$/);

  await signOut(client, { input: {} });
  expect([...window.cookies.keys()]).toEqual([]);
  await expect(getViewer(client)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a session that has ended does not keep its owner from signing in', async () => {
  const ada = await person(house, make, acme);
  const window = browser(house);
  await signIn(window, acme.slug, ada);
  house.clock.advance(13 * 3_600_000);
  expect((await signIn(window, acme.slug, ada)).step).toBe('DONE');
});

test('who is signed in at two tenants is in each the one whom its pages mean', async () => {
  const [ada, bob] = [await person(house, make, acme), await person(house, make, beta)];
  const window = browser(house);
  await signIn(window, acme.slug, ada);
  await signIn(window, beta.slug, bob);
  for (const [tenant, { email }] of [
    [acme, ada],
    [beta, bob],
  ] as const)
    expect((await getViewer(pageOf(window, tenant.slug))).account?.email).toBe(email);
  const { fetch } = window;
  const vague = createClient({ url: house.url, session: true, fetch });
  await expect(getViewer(vague)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('without a credential strangers ask what they may', async () => {
  const client = createClient({ url: house.url });
  expect(await startSignIn(client, { input: { tenant: acme.slug } })).toMatchObject({
    step: 'IDENTIFY',
    enrolment: null,
  });
  await expect(getOwnSession(client)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a call in the background says so', async () => {
  const answer = () => json({ data: { viewer: { session: null } } });
  const { client, sent } = clientOf([answer(), answer()]);
  await getOwnSession(client, {}, { background: true });
  await getOwnSession(client);
  expect(sent.map(({ headers }) => headers.get('x-signet-background'))).toEqual(['1', null]);
});

test('what is refused by session is asked once more, as nobody, with the same key', async () => {
  const bySession = { apiKey: undefined, session: true } as Partial<ClientOptions>;
  const variables = { input: { tenant: 'acme' } };
  const started = json({ data: { startSignIn: { step: 'IDENTIFY' } } });
  const { client, sent } = clientOf([failure('UNAUTHENTICATED', 401), started], bySession);
  expect(await startSignIn(client, variables)).toEqual({ step: 'IDENTIFY' });
  expect(sent.map(({ headers }) => headers.get('x-signet-csrf'))).toEqual(['1', '1']);
  expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([null, null]);
  expect(new Set(sent.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
  const refused = [failure('UNAUTHENTICATED', 401), failure('UNAUTHENTICATED', 401)];
  await expect(startSignIn(clientOf(refused, bySession).client, variables)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

test.each([
  [
    'the page is of another origin',
    'https://app.example.com',
    true,
    /pages of https:\/\/id\.example\.com/,
  ],
  ['it is not true', 'https://id.example.com', 'acme', /session must be true/],
])('a session is refused where it cannot work: %s', (_what, origin, session, message) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'location');
  Object.defineProperty(globalThis, 'location', { value: new URL(origin), configurable: true });
  try {
    const make = () =>
      createClient({ url: 'https://id.example.com', session } as unknown as ClientOptions);
    expect(make).toThrow(message);
  } finally {
    if (before) Object.defineProperty(globalThis, 'location', before);
    else Reflect.deleteProperty(globalThis, 'location');
  }
});
