/** How often passwords may be guessed: one bucket an account, an address, a tenant and a deployment (A10, T22, T23). */
import { expect, test } from 'vitest';
import { changePassword } from '#features/passwords/passwords.commands.ts';
import { anonymous } from '../kit/as.ts';
import { browser, type Page } from '../kit/browser.ts';
import { call } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { PASSWORD, person, signIn } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const stranger = anonymous(house);

/** What is counted of a kind, by key. */
async function counted(bucket: string, tenant?: MadeTenant): Promise<number[]> {
  const found = await rows<{ points: number }>(
    house,
    tenant?.uuid ?? '00000000-0000-0000-0000-000000000000',
    'SELECT points FROM rate_limits WHERE key LIKE $1',
    [`password-${bucket}:${tenant?.uuid ?? ''}%`],
  );
  return found.map(({ points }) => points);
}

const submit = (fields: string) => `submitSignInStep(input: { ${fields} }) { __typename }`;

async function flowOf({ slug }: MadeTenant): Promise<string> {
  const { data } = await stranger.gql<{ startSignIn: { flow: string } }>(
    `mutation { startSignIn(input: { tenant: "${slug}" }) { ... on StartSignInSuccess { flow } } }`,
  );
  return data?.startSignIn.flow ?? '';
}

test('T22 letter case, spaces, headers, fields and doors open no second bucket', async () => {
  const acme = await make.tenant();
  const { email } = await person(house, make, acme);
  const login = `/t/${acme.slug}/login`;
  const before = (await counted('address'))[0] ?? 0;
  const window = browser(house);
  await window.get(login);
  const [local, host] = email.split('@') as [string, string];
  const spellings = [email, email.toUpperCase(), ` ${email} `, `${local}@ＥＸＡＭＰＬＥ.com`];
  for (const spelling of spellings)
    expect((await window.post(login, { email: spelling, password: 'x' })).status).toBe(401);
  expect(host).toBe('example.com');
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-client-ip', 'x-user-id'])
    await window.post(
      login,
      { email, password: 'x', tenant: 'other', n: name },
      { [name]: '8.8.8.8' },
    );
  const flow = await flowOf(acme);
  const input = { tenant: acme.slug, flow, email: email.toUpperCase(), password: 'x' };
  await stranger.rest('POST', '/v1/sign-in/steps', { body: input });
  await stranger.persisted('SubmitSignInStep', { input });
  expect([await counted('account', acme), await counted('address')]).toEqual([[11], [before + 11]]);
  // What is no page and no field is refused before anything is looked at.
  const path = [`/${login}`, `/t//${acme.slug}/login`, `/T/${acme.slug}/login`, `${login}/`];
  for (const spelling of path) {
    const page: Page = await window.post(spelling, { email, password: 'x' });
    expect([spelling, page.status]).toEqual([spelling, 404]);
  }
  for (const more of [{ account: 'other' }, { email: ['a@example.com', email] }]) {
    const { status } = await stranger.rest('POST', '/v1/sign-in/steps', {
      body: { ...input, ...more },
    });
    expect([400, 422]).toContain(status);
  }
  expect(await counted('account', acme)).toEqual([11]);
});

test('T23 I02 each alias of one document is a guess, and batches are none', async () => {
  const acme = await make.tenant();
  const { email } = await person(house, make, acme);
  const flow = await flowOf(acme);
  const one = submit(`tenant: "${acme.slug}", flow: "${flow}", email: "${email}", password: "x"`);
  const aliases = (count: number) =>
    `mutation { ${Array.from({ length: count }, (_, n) => `a${n}: ${one}`).join(' ')} }`;
  const guessed = async () => (await counted('account', acme))[0] ?? 0;
  await stranger.gql(aliases(20));
  expect(await guessed()).toBe(20);
  expect((await stranger.gql(aliases(1000))).code).toMatch(/^(GRAPHQL_|TOO_COSTLY)/);
  const batch = JSON.stringify(
    Array.from({ length: 10 }, () => ({ query: `mutation { ${one} }` })),
  );
  const headers = { 'content-type': 'application/json' };
  const answer = await send(house.url, { method: 'POST', path: '/graphql', headers, body: batch });
  expect(answer.status).toBe(400);
  expect(await guessed()).toBe(20);
  for (let n = 0; n < 5; n += 1) await stranger.gql(aliases(20));
  const { errors } = await stranger.gql(aliases(20));
  expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(
    new Set(['RATE_LIMITED']),
  );
});

test('T22 what a stranger calls themselves uses up nothing of a person who is signed in', async () => {
  const acme = await make.tenant();
  const ada = await person(house, make, acme);
  const window = browser(house);
  await window.get(`/t/${acme.slug}/login`);
  for (let n = 0; n < 5; n += 1)
    await signIn(window, acme, { email: `user ${ada.uuid}`, password: 'x' });
  const ctx = await factorsOf(house, acme).as(ada);
  const input = { currentPassword: 'wrong', newPassword: 'a wholly different phrase' };
  await expect(call(ctx, changePassword, input)).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
  expect((await counted('account', acme)).sort()).toEqual([1, 5]);
});

test('T05 who is over a limit of their own uses up nothing of the tenant and of all', async () => {
  const acme = await make.tenant();
  const ada = await person(house, make, acme);
  const wrong = { email: ada.email, password: 'wrong' };
  await signIn(browser(house), acme, wrong);
  const full = 'UPDATE rate_limits SET points = 100 WHERE key LIKE $1';
  await rows(house, acme.uuid, full, [`password-account:${acme.uuid}%`]);
  const before = [await counted('tenant', acme), await counted('all'), await counted('address')];
  for (let n = 0; n < 5; n += 1)
    expect((await signIn(browser(house), acme, wrong)).status).toBe(429);
  const after = [await counted('tenant', acme), await counted('all'), await counted('address')];
  expect(after).toEqual(before);
  expect(before[0]).toEqual([1]);
  const bob = await person(house, make, acme);
  expect((await signIn(browser(house), acme, { ...bob, password: PASSWORD })).status).toBe(303);
  expect(await counted('tenant', acme)).toEqual([1]);
});
