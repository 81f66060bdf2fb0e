/** Nobody keeps from others the mail that they wait for, by asking for much of it (T22, T30, B11). */
import { expect, test } from 'vitest';
import { lettersTo, letterTo, nothingUnderWay } from '../kit/mailbox.ts';
import { run } from '../kit/make.ts';
import { mutate, mutationDocument } from '../kit/mutate.ts';
import { type Person, person, signedIn } from '../kit/people.ts';
import { openSelfService } from './self-served.ts';

const { house, make, acme, ask, reset, accept, resetToken, invited } = await openSelfService();

/** As if half a minute had passed. */
const spaced = () => house.services.db.query("DELETE FROM rate_limits WHERE key LIKE '%spacing:%'");

async function often(times: number, wish: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await wish();
    await nothingUnderWay(house);
    await spaced();
  }
}

const subjects = async (address: string) =>
  (await lettersTo(house, address)).map(({ subject }) => subject);
const RESET = 'Choose a new password for Acme';

/** Answers whether a link was sent. */
async function claim(member: Person) {
  const window = await signedIn(house, acme, member);
  return async (email: string) => {
    const { data } = await window.gql<{ requestEmailChange: { linkSent: boolean } }>(
      mutationDocument('requestEmailChange', 'linkSent'),
      { input: { email } },
    );
    return data.requestEmailChange.linkSent;
  };
}

test('T22 who registers with the address of somebody keeps no reset from them', async () => {
  const ada = await person(house, make, acme);
  await often(6, () => ask('register', { email: ada.email }));
  const codes = [];
  for (let n = 0; n < 20; n += 1) codes.push((await ask('register', { email: ada.email })).code);
  expect(codes.at(-1)).toBe('RATE_LIMITED');
  expect((await reset(await resetToken(ada.email))).code).toBeUndefined();
});

test('T22 who is sent no more resets has one that is good until there are more', async () => {
  const ada = await person(house, make, acme);
  await often(7, () => ask('requestPasswordReset', { email: ada.email }));
  expect(await subjects(ada.email)).toEqual(Array(5).fill(RESET));
  const { token } = await letterTo(house, ada.email, RESET);
  house.clock.advance(59 * 60_000);
  expect((await reset(token)).code).toBeUndefined();
});

test('T22 who may not ask about an address any more has been sent a link for as long', async () => {
  const ada = await person(house, make, acme);
  const before = Date.now();
  while ((await ask('requestPasswordReset', { email: ada.email })).code !== 'RATE_LIMITED');
  const [row] = await house.services.db.query<{ until: string }>(
    `SELECT max(expire)::text AS until FROM rate_limits
     WHERE key LIKE 'asked-about:%password-reset%' AND points > 10 AND expire > $1`,
    [before],
  );
  expect(Number(row?.until) - Date.now()).toBeLessThanOrEqual(1_800_000);
  const { token } = await letterTo(house, ada.email, RESET);
  house.clock.advance(29 * 60_000);
  expect((await reset(token)).code).toBeUndefined();
});

test('T30 who claims the address of somebody else keeps no reset from them, nor ends one', async () => {
  const [mallory, ada] = [await person(house, make, acme), await person(house, make, acme)];
  const old = await resetToken(ada.email);
  const claims = await claim(mallory);
  const sent: boolean[] = [];
  await often(6, async () => void sent.push(await claims(ada.email)));
  expect(sent).toEqual([true, true, true, true, true, false]);
  const fresh = await resetToken(ada.email);
  expect(fresh).not.toBe(old);
  expect((await reset(fresh)).code).toBeUndefined();
});

test('T30 members who claim one address have five links sent to it together, and keep their own', async () => {
  const members = await Promise.all([1, 2].map(() => person(house, make, acme)));
  const email = 'claimed@example.com';
  const sent: boolean[] = [];
  for (const member of members) {
    const claims = await claim(member);
    await often(3, async () => void sent.push(await claims(email)));
  }
  expect(sent).toEqual([true, true, true, true, true, false]);
  expect(await lettersTo(house, email)).toHaveLength(5);
  const { token } = await letterTo(house, email, 'Your new e-mail address');
  const [, last] = members;
  const window = await signedIn(house, acme, last as Person);
  const moved = await mutate({ gql: window.gql } as never, 'verifyEmail', {
    tenant: acme.slug,
    token,
  });
  expect(moved.code).toBeUndefined();
});

test('T30 who claims the address of somebody invited keeps no invitation from them, nor ends it', async () => {
  await run(acme, 'updateSignInPolicy', '__typename', { registration: 'INVITATION' });
  const claims = await claim(await person(house, make, acme));
  const email = 'bob-invited@example.com';
  const bob = await invited(email);
  await often(6, () => claims(email));
  const again = () => ask('register', { email });
  await often(6, again);
  const invitations = (await lettersTo(house, email)).filter(({ subject }) =>
    subject.startsWith('You are invited'),
  );
  expect(invitations).toHaveLength(6);
  expect((await accept(bob.token)).code).toBe('LINK_NOT_VALID');
  expect((await accept(invitations.at(-1)?.token ?? '')).code).toBeUndefined();
  await run(acme, 'updateSignInPolicy', '__typename', { registration: 'OPEN' });
});
