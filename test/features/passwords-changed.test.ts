/** A new password of one's own: what came meanwhile stays, and who has proved the mailbox gets in. */
import { expect, test } from 'vitest';
import { changePassword } from '#features/passwords/passwords.commands.ts';
import { endSessions } from '#features/sessions/sessions.commands.ts';
import type { Context } from '#kernel/context.ts';
import { call } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { mutationDocument } from '../kit/mutate.ts';
import { overtaken } from '../kit/overtaken.ts';
import { PASSWORD, type Person, person, signedIn } from '../kit/people.ts';
import { send } from '../kit/wire.ts';
import { NEXT, openSelfService } from './self-served.ts';

const { house, make, acme, reset, resetToken, canSignIn } = await openSelfService();
const { as, liveSessions } = factorsOf(house, acme);
const input = { currentPassword: PASSWORD, newPassword: 'of whoever knew the old one' };
const wrong = { code: 'WRONG_PASSWORD' };

/** In a session of theirs. */
async function inSession(who: Person): Promise<Context> {
  house.clock.advance(1000);
  await make.session(acme, who);
  const [session] = (await liveSessions(who)).slice(-1);
  return as(who, { signedIn: { sessionId: session?.id ?? '' } });
}

test('A07 a change takes the current password, at every door', async () => {
  const [ada, bob] = [
    await person(house, make, acme),
    await person(house, make, acme, { password: 'of bob and of nobody else' }),
  ];
  const window = await signedIn(house, acme, ada);
  const { newPassword } = input;
  const tries = [{}, { currentPassword: null }, { currentPassword: '' }].map((one) => ({
    ...one,
    newPassword,
  }));
  const wrongs = ['wrong', newPassword, bob.password, PASSWORD.toUpperCase(), `${PASSWORD} `];
  for (const one of wrongs) tries.push({ currentPassword: one, newPassword });
  const codes: unknown[] = [];
  for (const one of tries) {
    const document = mutationDocument('changePassword');
    const { code, data } = await window.gql<Record<string, { code: string }> | null>(document, {
      input: one,
    });
    codes.push(code ?? data?.['changePassword']?.code);
    const headers = { 'content-type': 'application/json', 'x-signet-csrf': '1' };
    const cookie = [...window.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const { status } = await send(house.url, {
      method: 'POST',
      path: '/v1/viewer/password',
      headers: { ...headers, cookie },
      body: JSON.stringify(one),
    });
    expect([400, 422]).toContain(status);
    await window.get(`/t/${acme.slug}/account/password`);
    const { currentPassword = '' } = one as { currentPassword?: string | null };
    const fields = currentPassword === null ? { newPassword } : { currentPassword, newPassword };
    expect((await window.post(`/t/${acme.slug}/account/password`, fields)).status).toBe(422);
  }
  expect(codes).toEqual([
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
    ...['', ...wrongs].map(() => 'WRONG_PASSWORD'),
  ]);
  expect(await canSignIn(ada.email, newPassword)).toBe(false);
  expect(await canSignIn(ada.email, PASSWORD)).toBe(true);
});

test('A17 T08 a reset that comes while the old password is looked at stays', async () => {
  const ada = await person(house, make, acme);
  const token = await resetToken(ada.email);
  const late = overtaken(await inSession(ada), () => reset(token));
  await expect(call(late, changePassword, input)).rejects.toMatchObject(wrong);
  expect(await canSignIn(ada.email, NEXT)).toBe(true);
  expect(await canSignIn(ada.email, input.newPassword)).toBe(false);
});

test('C06 a session that ends meanwhile changes nothing', async () => {
  const ada = await person(house, make, acme);
  const ctx = await inSession(ada);
  const late = overtaken(ctx, () =>
    ctx.db.transaction(() => endSessions(ctx, ada.uuid, 'FACTORS_CHANGED'), {
      tenantId: acme.uuid,
    }),
  );
  await expect(call(late, changePassword, input)).rejects.toMatchObject(wrong);
  expect(await canSignIn(ada.email, PASSWORD)).toBe(true);
  expect(await call(await inSession(ada), changePassword, input)).toMatchObject({ sessions: 1 });
  expect(await canSignIn(ada.email, input.newPassword)).toBe(true);
});

test('of two changes at once one is made', async () => {
  const ada = await person(house, make, acme);
  const ctx = await inSession(ada);
  const outcomes = await Promise.all(
    [1, 2, 3].map((n) =>
      call(ctx, changePassword, { ...input, newPassword: `${NEXT} ${n}` }).then(
        () => 'OK',
        (error: { code?: string }) => error.code,
      ),
    ),
  );
  expect(outcomes.sort()).toEqual(['OK', 'WRONG_PASSWORD', 'WRONG_PASSWORD']);
});

test('T22 whoever was guessed at gets in by a reset, and by no other way', async () => {
  const ada = await person(house, make, acme);
  const token = await resetToken(ada.email);
  await canSignIn(ada.email, 'wrong');
  const full = "UPDATE rate_limits SET points = 100 WHERE key LIKE 'password-account:%'";
  await house.services.db.query(full);
  expect(await canSignIn(ada.email, PASSWORD)).toBe(false);
  expect((await reset(token, 'short')).code).toBe('INVALID_INPUT');
  expect((await reset('of nobody', NEXT)).code).toBe('LINK_NOT_VALID');
  expect(await canSignIn(ada.email, PASSWORD)).toBe(false);
  expect((await reset(token)).code).toBeUndefined();
  expect(await canSignIn(ada.email, NEXT)).toBe(true);
});

test('A10 a reset forgives what was guessed at the address and in the name of who is signed in', async () => {
  const ada = await person(house, make, acme);
  const guess = async () =>
    call(await inSession(ada), changePassword, { ...input, currentPassword: 'wrong' }).catch(
      ({ code }: { code: string }) => code,
    );
  await guess();
  await house.services.db.query('UPDATE rate_limits SET points = 100 WHERE key = $1', [
    `password-account:${acme.uuid} user ${ada.uuid}`,
  ]);
  expect(await guess()).toBe('RATE_LIMITED');
  expect((await reset(await resetToken(ada.email))).code).toBeUndefined();
  const shown = { currentPassword: NEXT, newPassword: 'one more phrase of many words' };
  expect(await call(await inSession(ada), changePassword, shown)).toMatchObject({ sessions: 0 });
});
