/** What counts as using a session, and which of several a request means (C03, D05, T36). */
import { expect, test } from 'vitest';
import { type Browser, browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { PASSWORD, person, signedIn } from '../kit/people.ts';
import { subscribe } from '../kit/sse.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const [acme, beta] = [await make.tenant(), await make.tenant()];

const BACKGROUND = { 'x-signet-background': '1' };
const VIEWER = '{ viewer { now actor { id } tenant { slug } session { idleExpiresAt } } }';
const hours = (n: number) => house.clock.advance(n * 3_600_000);
const cookies = (window: Browser) =>
  [...window.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

interface Viewer {
  readonly viewer: {
    readonly now: string;
    readonly actor: { readonly id: string };
    readonly tenant: { readonly slug: string };
    readonly session: { readonly idleExpiresAt: string };
  };
}

test('C03 what asks in the background does not keep a session alive', async () => {
  const window = await signedIn(house, acme, await person(house, make, acme));
  const end = async (headers = {}) =>
    (await window.gql<Viewer>(VIEWER, {}, headers)).data.viewer.session.idleExpiresAt;
  const first = await end();
  hours(6);
  expect(await end(BACKGROUND)).toBe(first);
  const path = `/t/${acme.slug}/session/refresh`;
  const headers = { cookie: cookies(window), 'x-signet-csrf': '1' };
  const asked = await send(house.url, {
    method: 'POST',
    path,
    headers: { ...headers, ...BACKGROUND },
  });
  expect(JSON.parse(asked.text)).toMatchObject({ idleExpiresAt: first });

  // What asked in the background a moment ago takes nothing away from what a person does.
  const used = await end();
  expect(Date.parse(used) - Date.parse(first)).toBe(6 * 3_600_000);
  hours(11);
  expect(await end(BACKGROUND)).toBe(used);
  hours(1.1);
  expect((await window.gql(VIEWER, {}, BACKGROUND)).code).toBe('UNAUTHENTICATED');
});

test('C03 a stream that stays open does not keep a session alive', async () => {
  const ada = await person(house, make, acme);
  await make.assign(acme, await make.builtIn(acme, 'admin'), ada);
  const window = await signedIn(house, acme, ada);
  const stream = await subscribe<object>(
    house,
    { door: 'public', secret: '' },
    'subscription { auditEvents { type } }',
    {},
    { cookie: cookies(window), 'x-signet-csrf': '1' },
  );
  const seen = async (n: number) =>
    until(async () => {
      await make.user(acme);
      return stream.received.length >= n;
    });
  await seen(1);
  hours(11);
  await seen(stream.received.length + 2);
  hours(1.1);
  await make.user(acme);
  await stream.ended();
  expect((await window.gql(VIEWER)).code).toBe('UNAUTHENTICATED');
});

test('viewer.now is the time that sessions are measured by', async () => {
  const window = await signedIn(house, acme, await person(house, make, acme));
  hours(1);
  const { data } = await window.gql<Viewer>(VIEWER);
  expect(data.viewer.now).toBe(house.clock.now().toISOString());
});

test('D05 of several sessions X-Tenant-ID means one, by id or by slug, and no other', async () => {
  const [ada, bob] = [await person(house, make, acme), await person(house, make, beta)];
  const window = await signedIn(house, acme, ada);
  const other = await signedIn(house, beta, bob);
  for (const [name, value] of other.cookies) window.cookies.set(name, value);
  const ask = (tenant?: string) =>
    window.gql<Viewer>(VIEWER, {}, tenant === undefined ? {} : { 'x-tenant-id': tenant });
  expect((await ask()).code).toBe('FORBIDDEN');
  for (const tenant of [acme.id, acme.slug])
    expect((await ask(tenant)).data.viewer).toMatchObject({
      actor: { id: ada.id },
      tenant: { slug: acme.slug },
    });
  for (const tenant of [beta.id, beta.slug])
    expect((await ask(tenant)).data.viewer).toMatchObject({
      actor: { id: bob.id },
      tenant: { slug: beta.slug },
    });
  const third = await make.tenant();
  for (const tenant of [third.id, third.slug, 'nobody', 'x y', ''])
    expect([tenant, (await ask(tenant)).code]).toEqual([tenant, 'UNAUTHENTICATED']);
});

test('who is signed in elsewhere signs in here as anybody does', async () => {
  const window = await signedIn(house, beta, await person(house, make, beta));
  const ada = await person(house, make, acme);
  const here = { 'x-tenant-id': acme.slug };
  const started = await window.gql<{ startSignIn: { flow: string } }>(
    `mutation { startSignIn(input: { tenant: "${acme.slug}" }) { ... on SignInProgress { flow } } }`,
    {},
    here,
  );
  const input = {
    tenant: acme.slug,
    flow: started.data.startSignIn.flow,
    email: ada.email,
    password: PASSWORD,
  };
  await window.gql(
    'mutation ($input: SubmitSignInStepInput!) { submitSignInStep(input: $input) { __typename } }',
    { input },
    here,
  );
  expect((await window.gql<Viewer>(VIEWER, {}, here)).data.viewer.actor.id).toBe(ada.id);
  expect([...window.cookies.keys()]).toContain(`__Host-s-${beta.slug}`);
});

test('T36 a cookie whose session has ended is refused once, and then forgotten', async () => {
  const window = await signedIn(house, acme, await person(house, make, acme));
  hours(13);
  const anybody = () => window.gql('{ __typename }', {}, { 'x-tenant-id': acme.slug });
  expect((await anybody()).code).toBe('UNAUTHENTICATED');
  expect([...window.cookies.keys()]).not.toContain(`__Host-s-${acme.slug}`);
  expect((await anybody()).status).toBe(200);
  expect((await browser(house).gql('{ __typename }')).status).toBe(200);
});
