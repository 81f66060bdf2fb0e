/** One's own account: names, e-mail address, sessions; on the pages and over the API (B07, C07, D04, T05). */
import { expect, test } from 'vitest';
import { type Browser, browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { letterTo } from '../kit/mailbox.ts';
import { makers } from '../kit/make.ts';
import { mutate, mutationDocument, type Refused } from '../kit/mutate.ts';
import { PASSWORD, type Person, person, signedIn } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const at = (page: string) => `/t/${acme.slug}/${page}`;
const ACCOUNT =
  '{ viewer { account { email emailVerified displayName givenName familyName locale } } }';

async function accountOf(window: Browser): Promise<object> {
  const { data } = await window.gql<{ viewer: { account: object } }>(ACCOUNT);
  return data.viewer.account;
}

async function attempt(window: Browser, mutation: string, input: object): Promise<Refused> {
  const { data, code } = await window.gql<Record<string, Refused> | null>(
    mutationDocument(mutation),
    { input },
  );
  return code ? { code } : (data?.[mutation] as Refused);
}

async function eventsOf(type: string, who: Person): Promise<object[]> {
  const { data } = await acme.gql<{ auditEvents: { nodes: { actor: { id: string } }[] } }>(
    `{ auditEvents(filter: { type: "${type}" }, first: 50) { nodes { result details actor { id } target { id } } } }`,
  );
  return (data?.auditEvents.nodes ?? []).filter(({ actor }) => actor?.id === who.id);
}

test('names and language are changed on the page; what is emptied is cleared', async () => {
  const ada = await person(house, make, acme, { displayName: 'Ada' });
  const window = await signedIn(house, acme, ada);
  const page = await window.get(at('account/profile'));
  expect(page.text).toContain('value="Ada"');
  const done = await window.post(at('account/profile'), {
    displayName: 'Ada Lovelace',
    givenName: ' Ada ',
    familyName: '',
    locale: 'de',
  });
  expect([done.status, done.notice]).toEqual([200, 'Saved.']);
  expect(await accountOf(window)).toMatchObject({
    displayName: 'Ada Lovelace',
    givenName: 'Ada',
    familyName: null,
    locale: 'de',
  });
  const found = await acme.gql<{ users: { nodes: object[] } }>(
    '{ users(filter: { search: "lovelace" }) { nodes { id } } }',
  );
  expect(found.data?.users.nodes).toEqual([{ id: ada.id }]);
  const wrong = await window.post(at('account/profile'), { displayName: 'x'.repeat(201) });
  expect(wrong.status).toBe(422);
  const event = {
    result: 'SUCCESS',
    details: { fields: ['displayName', 'familyName', 'givenName', 'locale'] },
    actor: { id: ada.id },
    target: { id: ada.id },
  };
  expect(await eventsOf('account.update', ada)).toEqual([event]);
  expect(await eventsOf('user.update', ada)).toEqual([event]);
});

test('D04 T05 nobody raises themselves by a field that is not theirs', async () => {
  const ada = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  const stored = () =>
    rows(house, acme.uuid, 'SELECT row_to_json(u)::text AS line FROM users u WHERE u.id = $1', [
      ada.uuid,
    ]);
  const before = await stored();
  const forbidden = {
    id: ada.id,
    tenantId: acme.id,
    email: 'x@example.com',
    emailVerified: true,
    status: 'SUSPENDED',
    attributes: { admin: true },
    roles: ['owner'],
    scopes: ['users:write'],
    isAdmin: true,
    mfaEnabled: false,
    createdAt: '2020-01-01T00:00:00Z',
    version: 1,
  };
  for (const [field, value] of Object.entries(forbidden)) {
    const answer = await attempt(window, 'updateAccount', { [field]: value });
    expect([field, answer.code]).toEqual([field, 'BAD_USER_INPUT']);
    await window.get(at('account/profile'));
    await window.post(at('account/profile'), { [field]: String(value) });
  }
  const after = await stored();
  const without = (lines: unknown) =>
    JSON.stringify(lines).replace(/\\"(version|updated_at)\\":[^,]*/g, '');
  expect(without(after)).toBe(without(before));
  expect((await mutate(acme, 'updateAccount', { displayName: 'x' })).code).toBe('FORBIDDEN');
});

test('B07 the address wants a sign-in of late, with the second factor of whoever has one', async () => {
  const ada = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  await make.factors(acme, [{ user: ada }]);
  const ask = () => attempt(window, 'requestEmailChange', { email: 'x@example.com' });
  expect((await ask()).code).toBe('STEP_UP_REQUIRED');
  expect((await window.get(at('account/email'))).location).toBe(
    at('mfa?to=account%2Femail&acr=mfa'),
  );
  const bob = await person(house, make, acme);
  const other = await signedIn(house, acme, bob);
  house.clock.advance(16 * 60_000);
  const asked = await other.get(at('account/email'));
  expect(asked.location).toBe(at('mfa?to=account%2Femail'));
  await other.get(asked.location ?? '');
  const done = await other.post(at('mfa'), { to: 'account/email', password: PASSWORD });
  expect(done.location).toBe(at('account/email'));
  expect((await other.get(at('account/email'))).status).toBe(200);
});

test('one who asks for the address that they have verifies it', async () => {
  const ada = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  await attempt(window, 'requestEmailChange', { email: ada.email });
  const { token } = await letterTo(house, ada.email, 'Confirm your e-mail address');
  expect((await mutate(acme, 'verifyEmail', { tenant: acme.slug, token })).code).toBeUndefined();
  expect(await accountOf(window)).toMatchObject({ email: ada.email, emailVerified: true });
});

test('C07 each session ends by its button, and all of them by one', async () => {
  const ada = await person(house, make, acme);
  const [here, there] = [await signedIn(house, acme, ada), await signedIn(house, acme, ada)];
  const page = await here.get(at('account'));
  expect(page.text.match(/this browser/g)).toHaveLength(1);
  const ids = [...page.text.matchAll(/name="id" value="(session_\w+)"/g)].map((one) => one[1]);
  expect(ids).toHaveLength(1);
  const gone = async (window: Browser) =>
    until(async () => (await window.gql(ACCOUNT)).code === 'UNAUTHENTICATED');
  await here.post(at('account/sessions'), { id: ids[0] ?? '' });
  await gone(there);
  expect((await here.post(at('account/sessions'), { id: ids[0] ?? '' })).status).toBe(303);
  expect((await here.post(at('account/sessions'), { id: 'nonsense' })).status).toBe(303);
  const again = await signedIn(house, acme, ada);
  await here.get(at('account'));
  await here.post(at('logout'), { everywhere: 'yes' });
  await gone(again);
});

test('D02 another person has no session here that one could end', async () => {
  const [ada, bob] = [await person(house, make, acme), await person(house, make, acme)];
  const [hers, his] = [await signedIn(house, acme, ada), await signedIn(house, acme, bob)];
  const { data } = await his.gql<{ viewer: { session: { id: string } } }>(
    '{ viewer { session { id } } }',
  );
  await hers.get(at('account'));
  await hers.post(at('account/sessions'), { id: data.viewer.session.id });
  house.clock.advance(2000);
  expect((await his.gql(ACCOUNT)).status).toBe(200);
});

test.each(['account', 'account/profile', 'account/email', 'account/password'])(
  'without a session %s leads to the way in',
  async (page) => {
    expect((await browser(house).get(at(page))).location).toBe(at('login'));
  },
);
