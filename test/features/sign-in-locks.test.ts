/** What wrong answers close, who sees it, and who opens it again. */
import { expect, test } from 'vitest';
import { verifyTotp } from '#features/mfa/totp.commands.ts';
import { unlockUser } from '#features/sign-in-locks/sign-in-locks.commands.ts';
import { anonymous } from '../kit/as.ts';
import { auditLog } from '../kit/audit-row.ts';
import { browser } from '../kit/browser.ts';
import { call } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { letterTo } from '../kit/mailbox.ts';
import { type MadeUser, makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { PASSWORD, person, signIn } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const { as, addApp } = factorsOf(house, acme);

interface Lock {
  readonly passwordsUntil: string | null;
  readonly secondFactorsUntil: string | null;
}
const OPEN: Lock = { passwordsUntil: null, secondFactorsUntil: null };
const lockOf = async (user: MadeUser) =>
  (await acme.rest<{ signInLock: Lock }>('GET', `/v1/users/${user.id}/sign-in-lock`)).body
    .signInLock;
const trySignIn = async (who: { email: string }, password: string) =>
  (await signIn(browser(house), acme, { email: who.email, password })).status;
const fill = (key: string) =>
  rows(house, acme.uuid, 'UPDATE rate_limits SET points = 100 WHERE key LIKE $1 RETURNING 1', [
    key,
  ]);

/** Somebody whose passwords and codes were guessed at until both are closed. */
async function locked() {
  const who = await person(house, make, acme);
  const app = await addApp(await as(who));
  await rows(house, acme.uuid, "DELETE FROM rate_limits WHERE key LIKE 'password-account:%'");
  expect(await trySignIn(who, 'wrong')).toBe(401);
  const guess = { userId: who.uuid, code: '000000', spendGuess: async () => true };
  const ctx = await as(who);
  await call(ctx, verifyTotp, guess);
  expect(await fill('password-account:%')).toHaveLength(1);
  expect(await fill(`factor-failures:%${who.uuid}`)).toHaveLength(1);
  expect(await trySignIn(who, PASSWORD)).toBe(429);
  await expect(call(ctx, verifyTotp, guess)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  return { who, app, guessAgain: () => call(ctx, verifyTotp, guess) };
}

test('A10 an administrator sees what is closed and until when, and opens it', async () => {
  const other = await person(house, make, acme);
  expect(await lockOf(other)).toEqual(OPEN);
  const { who, guessAgain } = await locked();
  const lock = await lockOf(who);
  const hour = Date.now() + 3_600_000;
  expect(Date.parse(lock.passwordsUntil ?? '')).toBeGreaterThan(hour - 60_000);
  expect(Date.parse(lock.passwordsUntil ?? '')).toBeLessThanOrEqual(hour);
  expect(Date.parse(lock.secondFactorsUntil ?? '')).toBeGreaterThan(hour);
  const many = await acme.gql<{ users: { nodes: { id: string; signInLock: Lock }[] } }>(
    '{ users { nodes { id signInLock { passwordsUntil secondFactorsUntil } } } }',
  );
  const found = new Map(many.data?.users.nodes.map(({ id, signInLock }) => [id, signInLock]));
  expect([found.get(who.id), found.get(other.id)]).toEqual([lock, OPEN]);

  const path = `/v1/users/${who.id}/unlock`;
  expect((await acme.rest<{ id: string }>('POST', path)).body.id).toBe(who.id);
  expect(await lockOf(who)).toEqual(OPEN);
  expect(await trySignIn(who, PASSWORD)).not.toBe(429);
  expect(await guessAgain()).toMatchObject({ ok: false, reason: 'WRONG' });
  expect((await acme.rest('POST', path)).status).toBe(200);
  const log = (await auditLog(house, acme.uuid)).filter(({ type }) => type === 'user.unlock');
  expect(log.map(({ result, severity, targets }) => [result, severity, targets])).toEqual(
    [1, 2].map(() => ['SUCCESS', 'NOTICE', [{ type: 'user', id: who.id }]]),
  );
});

test('unlocking is for whoever may change this user, and has shown two factors', async () => {
  const [owner, help] = [await person(house, make, acme), await make.user(acme)];
  await make.assign(acme.operator, await make.builtIn(acme, 'owner'), owner);
  await make.assign(acme, await make.role(acme, { scopes: ['users:read', 'users:write'] }), help);
  const helper = await as(help);
  const unlocking = (user: MadeUser, ctx = helper) => call(ctx, unlockUser, { id: user.id });
  await expect(unlocking(owner)).rejects.toMatchObject({ code: 'OUTRANKS_CALLER' });
  await expect(unlocking(help, await as(help, { signedIn: { acr: 'pwd' } }))).rejects.toMatchObject(
    {
      code: 'STEP_UP_REQUIRED',
    },
  );
  expect((await unlocking(await make.user(acme))).user.status).toBe('ACTIVE');
  const reader = await make.apiKey(acme, ['users:read']);
  expect((await mutate(reader, 'unlockUser', { id: help.id })).code).toBe('FORBIDDEN');
  const elsewhere = await make.user(await make.tenant());
  expect((await mutate(acme, 'unlockUser', { id: elsewhere.id })).code).toBe('USER_NOT_FOUND');
});

test('what an administrator resets stays closed to guesses, and is opened by the new password', async () => {
  const { who, guessAgain } = await locked();
  await run(acme, 'requirePasswordReset', 'linkSent', { id: who.id });
  expect((await lockOf(who)).passwordsUntil).not.toBeNull();
  expect(await trySignIn(who, PASSWORD)).toBe(429);
  const { token } = await letterTo(house, who.email, 'Choose a new password');
  const newPassword = 'a wholly different phrase';
  const stranger = anonymous(house);
  const input = { tenant: acme.slug, token, newPassword };
  expect((await mutate(stranger, 'resetPassword', input)).code).toBeUndefined();
  expect((await lockOf(who)).passwordsUntil).toBeNull();
  expect(await trySignIn(who, PASSWORD)).toBe(401);
  const window = browser(house);
  const page = await signIn(window, acme, { email: who.email, password: newPassword });
  expect([page.status, page.text.includes('name="code"')]).toEqual([200, true]);
  // The mailbox says nothing of the second factor: what was guessed of that stays counted.
  expect((await lockOf(who)).secondFactorsUntil).not.toBeNull();
  await expect(guessAgain()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});
