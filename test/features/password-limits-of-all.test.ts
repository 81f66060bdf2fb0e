/** Passwords that may be wrong in a minute in all tenants together (A10, T22): a house with a low limit. */
import { expect, test } from 'vitest';
import { anonymous } from '../kit/as.ts';
import { Authenticator } from '../kit/authenticator.ts';
import { browser } from '../kit/browser.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { passkeysIn } from '../kit/passkeys.ts';
import { person, signIn } from '../kit/people.ts';

const env = { TRUSTED_PROXIES: '127.0.0.1', RATE_LIMIT_PASSWORDS_PER_MINUTE: '12' };
const house = await openHouse({ env });
const make = makers(house);
const stranger = anonymous(house);
const tenants = [await make.tenant(), await make.tenant(), await make.tenant()] as const;
const [acme] = tenants;
const START = `mutation ($input: StartSignInInput!) { startSignIn(input: $input) {
  ... on StartSignInSuccess { flow passkeyOptions } } }`;
const SUBMIT = `mutation ($input: SubmitSignInStepInput!) { submitSignInStep(input: $input) {
  ... on SubmitSignInStepSuccess { step } ... on Error { code } } }`;

test('A10 T22 many tenants, accounts and addresses have one limit together; passkeys go on', async () => {
  const people = await Promise.all(
    tenants.map(async (tenant) => ({ tenant, who: await person(house, make, tenant) })),
  );
  const right = () =>
    Promise.all(people.map(({ tenant, who }) => signIn(browser(house), tenant, who)));
  for (let n = 0; n < 5; n += 1)
    expect((await right()).map(({ status }) => status)).toEqual([303, 303, 303]);

  let evaluated = 0;
  for (let n = 0; n < 20; n += 1) {
    const window = browser(house);
    const login = `/t/${tenants[n % 3]?.slug}/login`;
    await window.get(login);
    const fields = { email: `nobody-${n}@example.com`, password: 'wrong' };
    const { status, headers } = await window.post(login, fields, {
      'x-forwarded-for': `192.0.2.${n}`,
    });
    if (status === 401) evaluated += 1;
    else expect([status, Number(headers['retry-after']) > 0]).toEqual([429, true]);
  }
  expect(evaluated).toBe(12);
  expect((await right()).map(({ status }) => status)).toEqual([429, 429, 429]);

  const { register } = await passkeysIn(house, make, acme);
  const device = new Authenticator(PUBLIC_URL);
  const user = await make.user(acme);
  await register(user, device);
  const input = { tenant: acme.slug };
  const { data } = await stranger.gql<{ startSignIn: { flow: string; passkeyOptions: never } }>(
    START,
    { input },
  );
  const { flow, passkeyOptions } = data?.startSignIn ?? {};
  const passkey = device.get(passkeyOptions as never);
  const done = await stranger.gql(SUBMIT, { input: { ...input, flow, passkey } });
  expect(done.data).toEqual({ submitSignInStep: { step: 'DONE' } });

  await house.services.db.query(
    "UPDATE rate_limits SET expire = 0 WHERE key LIKE 'password-all:%'",
  );
  await expect
    .poll(async () => (await right()).map(({ status }) => status), { timeout: 5000 })
    .toEqual([303, 303, 303]);
});
