/** An account that is asked to move to another address: what ends the wish, and who hears of it (A14, T30). */
import { expect, test } from 'vitest';
import { requestEmailChange } from '#features/accounts/accounts.commands.ts';
import { verifyEmail } from '#features/self-service/self-service.commands.ts';
import type { Browser } from '../kit/browser.ts';
import { call } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { lettersTo, letterTo } from '../kit/mailbox.ts';
import { run } from '../kit/make.ts';
import { mutationDocument } from '../kit/mutate.ts';
import { overtaken } from '../kit/overtaken.ts';
import { PASSWORD, type Person, person, signedIn } from '../kit/people.ts';
import { openSelfService } from './self-served.ts';

const { house, make, acme, reset, resetToken } = await openSelfService();
const { as, liveSessions, addApp } = factorsOf(house, acme);
const at = (page: string) => `/t/${acme.slug}/${page}`;

/** The token of the link that goes to the address. */
async function asked(window: Browser, email: string): Promise<string> {
  await window.gql(mutationDocument('requestEmailChange'), { input: { email } });
  return (await letterTo(house, email, 'Your new e-mail address')).token;
}

/** In her name; answers the code of the refusal. */
async function follow(ada: Person, token: string, between?: () => Promise<unknown>) {
  const ctx = await as(ada);
  return call(between ? overtaken(ctx, between) : ctx, verifyEmail, { token }).then(
    () => 'MOVED',
    ({ code }: { code: string }) => code,
  );
}

/** What drives out whoever has stolen a session of hers. */
const ENDS: readonly (readonly [string, (ada: Person) => Promise<unknown>])[] = [
  [
    'signing out everywhere',
    async (ada) => {
      const window = await signedIn(house, acme, ada);
      await window.get(at('account'));
      await window.post(at('logout'), { everywhere: 'yes' });
    },
  ],
  ['a first second factor', async (ada) => addApp(await as(ada))],
  [
    'an administrator who ends her sessions',
    ({ id }) => run(acme, 'endUserSessions', '__typename', { userId: id }),
  ],
  [
    'an administrator who takes her factors away',
    async (ada) => {
      await make.factors(acme, [{ user: ada }]);
      await run(acme, 'revokeFactors', '__typename', { userId: ada.id });
    },
  ],
  [
    'an administrator who ends that session',
    async (ada) => {
      const { data } = await acme.gql<{ user: { sessions: { nodes: { id: string }[] } } }>(
        `{ user(id: "${ada.id}") { sessions(first: 9) { nodes { id } } } }`,
      );
      for (const { id } of data?.user.sessions.nodes ?? [])
        await run(acme, 'endSession', '__typename', { id });
    },
  ],
  ['a reset', async ({ email }) => reset(await resetToken(email))],
];

test.each(ENDS)('T30 %s ends what a stolen session has asked for', async (_, end) => {
  const ada = await person(house, make, acme);
  const token = await asked(await signedIn(house, acme, ada), `thief-${ada.email}`);
  await end(ada);
  expect(await follow(ada, token)).toBe('LINK_NOT_VALID');
});

test.each(ENDS)(
  'T30 T08 %s in the moment in which the link is followed ends it too',
  async (_, end) => {
    const ada = await person(house, make, acme);
    const token = await asked(await signedIn(house, acme, ada), `thief-${ada.email}`);
    expect(await follow(ada, token, () => end(ada))).toBe('LINK_NOT_VALID');
  },
);

test('T30 a session that gave way to newer ones, or was not used for long, moves nothing', async () => {
  const policy = (input: object) => run(acme, 'updateSignInPolicy', '__typename', input);
  const ada = await person(house, make, acme);
  await policy({ maxSessions: 1 });
  const token = await asked(await signedIn(house, acme, ada), `thief-${ada.email}`);
  await signedIn(house, acme, ada);
  expect(await follow(ada, token)).toBe('LINK_NOT_VALID');
  await policy({ maxSessions: 20, sessionIdleSeconds: 600 });
  const bob = await person(house, make, acme);
  const late = await asked(await signedIn(house, acme, bob), `thief-${bob.email}`);
  house.clock.advance(601_000);
  expect(await follow(bob, late)).toBe('LINK_NOT_VALID');
  await policy({ sessionIdleSeconds: 43_200 });
});

test('a session that goes on under a new cookie keeps what it has asked for', async () => {
  const ada = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  const token = await asked(window, `new-${ada.email}`);
  await window.get(at('mfa'));
  expect((await window.post(at('mfa'), { password: PASSWORD })).status).toBe(303);
  expect(await follow(ada, token)).toBe('MOVED');
});

test('A14 the present address hears of the wish, before anything has moved', async () => {
  const ada = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  await asked(window, `new-${ada.email}`);
  expect((await lettersTo(house, ada.email)).map(({ subject }) => subject)).toEqual([
    'Another e-mail address was asked for at Acme',
  ]);
});

/** In a session of theirs, by the password alone. */
async function inSession(who: Person) {
  house.clock.advance(1000);
  await make.session(acme, who);
  const [session] = (await liveSessions(who)).slice(-1);
  return as(who, { signedIn: { sessionId: session?.id ?? '', acr: 'pwd' } });
}

test.each([
  ['a reset', async (ada: Person) => reset(await resetToken(ada.email))],
  ['a first second factor', async (ada: Person) => addApp(await as(ada))],
  ['a factor that kept the session', async (ada: Person) => make.factors(acme, [{ user: ada }])],
])('T30 T08 %s that comes while a change is asked for keeps it away', async (_, between) => {
  const ada = await person(house, make, acme);
  const email = `moved-${ada.email}`;
  const late = overtaken(await inSession(ada), () => between(ada));
  await expect(call(late, requestEmailChange, { email })).rejects.toMatchObject({
    code: 'VERSION_MISMATCH',
  });
  expect(await lettersTo(house, email)).toEqual([]);
});
