/** Self-service under attack, and by administrators: whose link, how often, to whom (T22, T28-T30). */
import { expect, test } from 'vitest';
import { requestPasswordReset } from '#features/self-service/self-service.commands.ts';
import { preparePasswordReset } from '#features/self-service/self-service.jobs.ts';
import type { AskedOrder } from '#features/self-service/self-service.model.ts';
import { emailKey } from '#features/users/users.model.ts';
import type { Jobs } from '#kernel/jobs.ts';
import { callerOf } from '../kit/as.ts';
import { browser } from '../kit/browser.ts';
import { call, contextOf } from '../kit/context.ts';
import { letters, lettersTo, letterTo, nothingUnderWay } from '../kit/mailbox.ts';
import { run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { PASSWORD, person } from '../kit/people.ts';
import { asOwner } from '../kit/stored.ts';
import { NEXT, openSelfService } from './self-served.ts';

const { house, make, acme, other, openTenant, ask, reset, accept, canSignIn, resetToken, invited } =
  await openSelfService();

test('nobody resets or invites who may do more than they', async () => {
  const ada = await person(house, make, acme);
  await make.assign(acme, await make.builtIn(acme, 'owner'), ada);
  const low = await make.apiKey(acme, ['users:read', 'users:write']);
  for (const mutation of ['requirePasswordReset', 'resendInvitation'])
    expect((await mutate(low, mutation, { id: ada.id })).code).toBe('OUTRANKS_CALLER');
  expect(await canSignIn(ada.email, PASSWORD)).toBe(true);
});

test('an invitation is sent again until it was accepted; the newer ends the older', async () => {
  const email = 'carol@example.com';
  const carol = await invited(email);
  const resend = () =>
    mutate<{ linkSent: boolean }>(acme, 'resendInvitation', { id: carol.id }, 'linkSent');
  // As if half a minute had passed.
  await house.services.db.query('DELETE FROM rate_limits');
  expect(await resend()).toEqual({ linkSent: true });
  expect(await resend()).toEqual({ linkSent: false });
  const sent = (await lettersTo(house, email)).map(({ token }) => token);
  expect([sent.length, sent[0]]).toEqual([2, carol.token]);
  expect((await accept(carol.token)).code).toBe('LINK_NOT_VALID');
  expect((await accept(sent[1] ?? '')).code).toBeUndefined();
  expect((await resend()).code).toBe('ALREADY_JOINED');
  expect((await mutate(acme, 'inviteUser', { email: 'CAROL@example.com' })).code).toBe(
    'EMAIL_TAKEN',
  );
});

test('an invitation that is sent again at once leaves the first one good', async () => {
  const dan = await invited('dan@example.com');
  const again = await mutate(acme, 'resendInvitation', { id: dan.id }, 'linkSent');
  expect(again).toEqual({ linkSent: false });
  expect((await accept(dan.token)).code).toBeUndefined();
});

test('who asks too often ends no link that has arrived', async () => {
  const ada = await person(house, make, acme);
  const token = await resetToken(ada.email);
  for (let n = 0; n < 5; n += 1) await ask('requestPasswordReset', { email: ada.email });
  await ask('register', { email: ada.email });
  expect(await lettersTo(house, ada.email)).toHaveLength(2);
  expect((await reset(token)).code).toBeUndefined();
});

test('an order that fails is done again, and one that was done sends nothing more', async () => {
  const ada = await person(house, make, acme);
  const { services } = house;
  const orders: AskedOrder[] = [];
  const keep = {
    ...services.jobs,
    send: async (_: unknown, data: object) => void orders.push(data as AskedOrder),
  };
  const ctx = await contextOf(house, { tenantId: acme.uuid, kind: 'anonymous' });
  await call({ ...ctx, jobs: keep }, requestPasswordReset, { email: ada.email });
  const [order] = orders as [AskedOrder];
  expect(JSON.stringify(order)).not.toContain(ada.email);
  const prepare = (jobs: Jobs) =>
    preparePasswordReset.run({ ...services, jobs }, order, new AbortController().signal);
  const broken = { ...services.jobs, send: () => Promise.reject(new Error('no queue')) };
  await expect(prepare(broken)).rejects.toThrow('no queue');
  for (let n = 0; n < 3; n += 1) await prepare(services.jobs);
  const [letter, ...more] = await lettersTo(house, ada.email);
  expect(more).toEqual([]);
  expect((await reset(letter?.token ?? '')).code).toBeUndefined();
});

test('T22 an address is asked about ten times in half an hour, however it is written', async () => {
  for (const wish of ['register', 'requestPasswordReset']) {
    const codes = [];
    for (let n = 0; n < 6; n += 1)
      for (const email of ['Often@Example.com', 'often@EXAMPLE.COM'])
        codes.push((await ask(wish, { email })).code);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(2);
  }
  expect((await ask('requestPasswordReset', { email: 'often@example.com' }, other)).code).toBe(
    undefined,
  );
});

test('A15 T30 a forced reset ends every link by which a password could be chosen, but its own', async () => {
  const address = 'invited-and-reset@example.com';
  const { id, token } = await invited(address);
  const ada = await person(house, make, acme);
  const older = await resetToken(ada.email);
  for (const user of [id, ada.id])
    await acme.rest('POST', `/v1/users/${user}/require-password-reset`);
  expect((await ask('acceptInvitation', { token, newPassword: NEXT })).code).toBe('LINK_NOT_VALID');
  expect((await reset(older)).code).toBe('LINK_NOT_VALID');
  const fresh = await letterTo(house, address, 'Choose a new password');
  expect((await reset(fresh.token)).code).toBeUndefined();
  expect(await canSignIn(address, NEXT)).toBe(true);
});

test('a stranger who asks often keeps no forced reset from arriving, nor does one at once after it', async () => {
  const ada = await person(house, make, acme);
  await resetToken(ada.email);
  const force = () =>
    mutate<{ linkSent: boolean }>(acme, 'requirePasswordReset', { id: ada.id }, 'linkSent');
  await house.services.db.query(
    "UPDATE rate_limits SET points = 5 WHERE key LIKE 'mailed-hourly:%' OR key LIKE 'message-asked:%'",
  );
  expect(await force()).toEqual({ linkSent: true });
  const { token } = await letterTo(house, ada.email, 'Choose a new password');
  expect(await force()).toEqual({ linkSent: false });
  expect((await reset(token)).code).toBeUndefined();
});

test('T28 T30 D02 a token is its own user’s, for its own purpose and tenant', async () => {
  const [ada, bob] = [await person(house, make, acme), await person(house, make, acme)];
  const there = await person(house, make, other, { email: bob.email });
  const token = await resetToken(ada.email);
  const withEmail = await ask('resetPassword', { token, newPassword: NEXT, email: bob.email });
  expect(withEmail.message).toMatch(/email/);
  for (const [mutation, input, tenant] of [
    ['acceptInvitation', { newPassword: NEXT }, acme],
    ['verifyEmail', {}, acme],
    ['resetPassword', { newPassword: NEXT }, other],
  ] as const)
    expect((await ask(mutation, { token, ...input }, tenant)).code).toBe('LINK_NOT_VALID');
  const window = browser(house);
  await window.get(`/t/${acme.slug}/reset?token=${token}`);
  const page = await window.post(`/t/${acme.slug}/reset`, {
    token,
    email: bob.email,
    userId: bob.id,
    newPassword: NEXT,
  });
  expect(page.status).toBe(200);
  expect(await canSignIn(ada.email, NEXT)).toBe(true);
  expect(await canSignIn(bob.email, PASSWORD)).toBe(true);
  expect(await canSignIn(there.email, PASSWORD, other)).toBe(true);
});

test('X19 a link that is good makes us look at sixty passwords an hour, and no more', async () => {
  const [mine, other] = [await invited('tries@example.com'), await invited('calm@example.com')];
  const codes = await Promise.all(
    Array.from({ length: 70 }, () => accept(mine.token, 'too short').then(({ code }) => code)),
  );
  expect(codes.filter((code) => code === 'INVALID_INPUT')).toHaveLength(60);
  expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(10);
  expect((await accept(other.token)).code).toBeUndefined();
});

test('T22 a tenant is asked for so many registrations an hour; resets go on', async () => {
  const tenant = await openTenant('Busy');
  const first = await ask('register', { email: 'first@example.com' }, tenant);
  expect(first.code).toBeUndefined();
  const full = "UPDATE rate_limits SET points = 3000 WHERE key LIKE 'asked-tenant:%registration%'";
  await house.services.db.query(full);
  expect((await ask('register', { email: 'next@example.com' }, tenant)).code).toBe('RATE_LIMITED');
  const { code } = await ask('requestPasswordReset', { email: 'next@example.com' }, tenant);
  expect(code).toBeUndefined();
});

test('T29 H12 mail goes to the stored address only, however it was asked for', async () => {
  const kim = await person(house, make, acme, { email: 'kim@xn--exmple-cua.com' });
  await nothingUnderWay(house);
  const before = (await letters(house)).length;
  const tricks = [
    'kim@xn--exmple-cua.com,evil@evil.example',
    'kim@xn--exmple-cua.com;evil@evil.example',
    'evil@evil.example kim@xn--exmple-cua.com',
    '"evil@evil.example"@xn--exmple-cua.com',
    '"kim@xn--exmple-cua.com" <evil@evil.example>',
    'kim@xn--exmple-cua.com\r\nBcc: evil@evil.example',
    'kim@xn--exmple-cua.com\u0000@evil.example',
    'kim@xn--exmple-cua.com.',
    'kım@xn--exmple-cua.com',
    'kim@exaemple.com',
    'kim+evil@xn--exmple-cua.com',
  ];
  for (const email of tricks) {
    const { code } = await ask('requestPasswordReset', { email });
    expect([email, code]).toEqual([email, emailKey(email) ? undefined : 'INVALID_INPUT']);
  }
  await nothingUnderWay(house);
  expect((await letters(house)).length).toBe(before);
  // One and the same mailbox: the Kelvin sign, capitals, the domain as it is read.
  await ask('requestPasswordReset', { email: '\u212AIM@EXÄMPLE.com' });
  const sent = (await lettersTo(house, kim.email)).map(({ to }) => to);
  expect(sent).toEqual([kim.email]);
  expect((await letters(house)).map(({ to }) => to).join()).not.toContain('evil');
});

test('who belongs to another tenant is a stranger here; a tenant that is closed answers nobody', async () => {
  const ada = await person(house, make, acme);
  const key = callerOf(house, { secret: other.secret, door: 'public' });
  expect((await ask('requestPasswordReset', { email: ada.email }, acme, key)).code).toBe(undefined);
  expect(await lettersTo(house, ada.email)).toHaveLength(1);
  const closing = await make.tenant();
  await asOwner(
    house,
    closing.uuid,
    `UPDATE tenants SET status = 'SUSPENDED' WHERE id = '${closing.uuid}'`,
  );
  const answer = await ask('requestPasswordReset', { email: ada.email }, closing);
  expect(answer.code).toBe('TENANT_NOT_OPEN');
});

test('registration is closed unless the policy opens it', async () => {
  const tenant = await make.tenant();
  expect((await ask('register', { email: 'x@example.com' }, tenant)).code).toBe(
    'REGISTRATION_CLOSED',
  );
});

test('A01 a policy asks for longer passwords, never for shorter ones than the standard', async () => {
  const text = 'xkvq pmwz jyth brfn';
  const cases = [
    [{ mfa: 'OPTIONAL', passwordMinLength: 8 }, 15],
    [{ mfa: 'REQUIRED_FOR_ADMINS', passwordMinLength: null }, 15],
    [{ mfa: 'REQUIRED', passwordMinLength: null }, 8],
    [{ mfa: 'REQUIRED', passwordMinLength: 12 }, 12],
  ] as const;
  for (const [policy, least] of cases) {
    await run(acme, 'updateSignInPolicy', 'signInPolicy { version }', policy);
    const { token } = await invited(`a01-${policy.mfa}-${least}@example.com`.toLowerCase());
    expect((await accept(token, text.slice(0, least - 1))).code).toBe('INVALID_INPUT');
    expect((await accept(token, text.slice(0, least))).code).toBeUndefined();
  }
  await run(acme, 'updateSignInPolicy', 'signInPolicy { version }', {
    mfa: 'OPTIONAL',
    passwordMinLength: null,
  });
});
