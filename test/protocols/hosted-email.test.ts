/** Moving one's account to another address, on the hosted pages: by whom, and whose it becomes (A13, A14, T15, T30). */
import { expect, test } from 'vitest';
import { type Browser, browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { lettersTo, letterTo } from '../kit/mailbox.ts';
import { makers, run } from '../kit/make.ts';
import { mutate, mutationDocument, type Refused } from '../kit/mutate.ts';
import { PASSWORD, type Person, person, signedIn, signIn } from '../kit/people.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const at = (page: string) => `/t/${acme.slug}/${page}`;

async function accountOf(window: Browser): Promise<object> {
  const { data } = await window.gql<{ viewer: { account: object } }>(
    '{ viewer { account { email emailVerified } } }',
  );
  return data.viewer.account;
}

async function attempt(window: Browser, mutation: string, input: object): Promise<Refused> {
  const { data, code } = await window.gql<Record<string, Refused> | null>(
    mutationDocument(mutation),
    { input },
  );
  return code ? { code } : (data?.[mutation] as Refused);
}

/** The path of the link that went to the address, once somebody asked for it. */
async function asked(window: Browser, email: string) {
  await attempt(window, 'requestEmailChange', { email });
  const { link, token } = await letterTo(house, email, 'Your new e-mail address for Acme');
  const { pathname, search } = new URL(link ?? '');
  return { token, path: pathname + search };
}

test('A14 an address moves by the link that went there; both addresses are told', async () => {
  const ada = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  const email = `new-${ada.email}`;
  await window.get(at('account/email'));
  const sent = await window.post(at('account/email'), { email: email.toUpperCase() });
  expect(sent.notice).toContain('Look into the mail of that address');
  expect(await accountOf(window)).toMatchObject({ email: ada.email });
  const wish = 'Another e-mail address was asked for at Acme';
  expect((await lettersTo(house, ada.email)).map(({ subject }) => subject)).toEqual([wish]);
  const { link, token } = await letterTo(house, email, 'Your new e-mail address for Acme');
  const { pathname, search } = new URL(link ?? '');
  const shown = await window.get(pathname + search);
  expect(shown.text).toContain(
    `Does ${email} belong to you? It takes the place of ${ada.email}: from then on you sign in with it.`,
  );
  expect(await accountOf(window)).toMatchObject({ email: ada.email });
  const done = await window.post(pathname, { token });
  expect([done.status, done.notice]).toEqual([200, 'Thank you. Your e-mail address is confirmed.']);
  expect(await accountOf(window)).toMatchObject({ email, emailVerified: true });
  const changed = 'The e-mail address of your account at Acme was changed';
  for (const address of [ada.email, email])
    expect((await lettersTo(house, address)).map(({ subject }) => subject)).toContain(changed);
  expect((await signIn(browser(house), acme, ada)).status).toBe(401);
  expect((await signIn(browser(house), acme, { ...ada, email })).status).toBe(303);
  expect((await window.post(pathname, { token })).status).toBe(410);
  const { data } = await acme.gql<{ auditEvents: { nodes: { actor: { id: string } }[] } }>(
    '{ auditEvents(filter: { type: "user.update" }, first: 50) { nodes { details actor { id } } } }',
  );
  const own = data?.auditEvents.nodes.filter(({ actor }) => actor?.id === ada.id);
  expect(own).toMatchObject([{ details: { fields: ['email'] } }]);
});

test('T15 whoever opens the link elsewhere signs in to that account first, and comes back', async () => {
  const ada = await person(house, make, acme);
  const email = `new-${ada.email}`;
  const { path, token } = await asked(await signedIn(house, acme, ada), email);
  const phone = browser(house);
  const led = await phone.get(path);
  expect([led.status, led.location]).toEqual([303, at(`login?to=verify%3Ftoken%3D${token}`)]);
  expect(led.text).not.toContain(ada.email);
  await phone.get(led.location ?? '');
  const fields = { to: `verify?token=${token}`, email: ada.email, password: PASSWORD };
  const back = await phone.post(at('login'), fields);
  expect(back.location).toBe(path);
  expect((await phone.get(path)).text).toContain(`takes the place of ${ada.email}`);
  expect((await phone.post(at('verify'), { token })).status).toBe(200);
  expect(await accountOf(phone)).toMatchObject({ email, emailVerified: true });
  for (const to of [
    `verify?token=${token}&x=1`,
    'verify?token=x',
    'account?x',
    '//evil.example?',
  ]) {
    const other = browser(house);
    await other.get(at('login'));
    const landed = await other.post(at('login'), { ...fields, email, to });
    expect([to, landed.location]).toEqual([to, at('account')]);
  }
});

test('T30 nobody gives their account to the reader of an address who only clicks', async () => {
  const [mallory, bob] = [await person(house, make, acme), await person(house, make, acme)];
  const window = await signedIn(house, acme, mallory);
  const email = 'somebody-new@example.com';
  const { token, path } = await asked(window, email);
  const refused = { code: 'LINK_WANTS_SIGN_IN' };
  const input = { tenant: acme.slug, token };
  expect(await mutate(acme, 'verifyEmail', input)).toMatchObject(refused);
  const his = await signedIn(house, acme, bob);
  expect(await attempt(his, 'verifyEmail', input)).toMatchObject(refused);
  const rest = await acme.rest<{ code: string }>('POST', '/v1/email-verifications', {
    body: input,
  });
  expect([rest.status, rest.body.code]).toEqual([403, refused.code]);
  const page = await his.get(path);
  expect([page.status, page.notice]).toEqual([
    403,
    'This link is for another account than the one that you are signed in to. Sign out, then follow it again and sign in to that account.',
  ]);
  expect(page.text).not.toContain(mallory.email);
  const stranger = browser(house);
  await stranger.get(at('login'));
  expect((await stranger.post(at('verify'), { token })).location).toContain(at('login?to='));
  expect(await accountOf(window)).toMatchObject({ email: mallory.email });
  expect((await attempt(window, 'verifyEmail', input)).code).toBeUndefined();
});

test('A13 whether an address is taken is told to whoever asked and reads its mail only', async () => {
  const [ada, bob] = [await person(house, make, acme), await person(house, make, acme)];
  const window = await signedIn(house, acme, ada);
  const { token, path } = await asked(window, bob.email);
  const taken = await attempt(window, 'verifyEmail', { tenant: acme.slug, token });
  expect(taken.code).toBe('EMAIL_TAKEN');
  await window.get(path);
  const page = await window.post(at('verify'), { token });
  expect([page.status, page.notice]).toEqual([
    409,
    'Another account has this address. Sign in with that one, or use another address.',
  ]);
  expect(await accountOf(window)).toMatchObject({ email: ada.email });
});

test('T30 a password, or another address, ends what was asked before', async () => {
  const cases: ((who: Person, window: Browser) => Promise<unknown>)[] = [
    (_, window) =>
      attempt(window, 'changePassword', {
        currentPassword: PASSWORD,
        newPassword: 'another horse, another battery',
      }),
    (who) => run(acme, 'updateUser', 'user { id }', { id: who.id, email: `moved-${who.email}` }),
    (who) => run(acme, 'suspendUser', 'user { id }', { id: who.id }),
  ];
  for (const end of cases) {
    const who = await person(house, make, acme);
    const window = await signedIn(house, acme, who);
    const email = `asked-${who.email}`;
    await attempt(window, 'requestEmailChange', { email });
    const { token } = await letterTo(house, email, 'Your new e-mail address');
    await end(who, window);
    const late = await mutate(acme, 'verifyEmail', { tenant: acme.slug, token });
    expect(late.code).toBe('LINK_NOT_VALID');
  }
});
