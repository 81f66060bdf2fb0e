/** Codes of an authenticator app: their window, their single use, and where their seed is not. */
import { expect, test } from 'vitest';
import { confirmTotp, enrolTotp, verifyTotp } from '#features/mfa/totp.commands.ts';
import type { Context } from '#kernel/context.ts';
import { auditLog } from '../kit/audit-row.ts';
import { call, contextOf } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeUser, makers } from '../kit/make.ts';
import { everythingStored, rows } from '../kit/stored.ts';
import { base32Bytes, totp } from '../kit/totp.ts';

const house = await openHouse();
const { clock } = house;
const make = makers(house);
const acme = await make.tenant({ name: 'Acme: Ltd & Söhne' });
const { as, addApp } = factorsOf(house, acme);
/** Who signs in is nobody yet. */
const ctx = await contextOf(house, { tenantId: acme.uuid, kind: 'anonymous' });
const within = <T>(fn: (ctx: Context) => Promise<T>) => call(ctx, fn, undefined as never);
const spendGuess = async () => true;

const enrol = (user: MadeUser, name = 'Phone') => within((c) => enrolTotp(c, user.uuid, name));
const verify = (user: MadeUser, code: string) =>
  within((c) => verifyTotp(c, { userId: user.uuid, code, spendGuess }));
const confirm = async (user: MadeUser, factorId: string, code: string) =>
  (await within((c) => confirmTotp(c, user.uuid, { factorId, code, shown: [], made: null }))).ok;
const right = { ok: true, factorId: expect.any(String), amr: ['otp'] };
const wrong = { ok: false, reason: 'WRONG' };
const used = { ok: false, reason: 'USED' };

/** Long after whatever was accepted before. */
function later(): void {
  clock.advance(600_000);
}

/** A user with an app whose first code was shown a while ago. */
async function withApp(): Promise<{ user: MadeUser; secret: string; factorId: string }> {
  const user = await make.user(acme);
  const { secret, factorId } = await enrol(user);
  expect(await confirm(user, factorId, totp(secret, clock.ms()))).toBe(true);
  later();
  return { user, secret, factorId };
}

test('the app of the specification agrees with ours (RFC 6238, appendix B)', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  expect(base32Bytes(secret).toString()).toBe('12345678901234567890');
  for (const [seconds, digits] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [20_000_000_000, '353130'],
  ] as const)
    expect(totp(secret, seconds * 1000)).toBe(digits);
});

test('enrolling shows the seed, its URI and its picture, and counts for nothing before the first code', async () => {
  const user = await make.user(acme, { email: 'ada+1@example.com' });
  const { secret, uri, qr, factorId } = await enrol(user);
  expect(base32Bytes(secret)).toHaveLength(20);
  const url = new URL(uri);
  expect([url.protocol, url.host]).toEqual(['otpauth:', 'totp']);
  expect(decodeURIComponent(url.pathname)).toBe('/Acme  Ltd & Söhne:ada+1@example.com');
  expect(url.searchParams.get('issuer')).toBe('Acme  Ltd & Söhne');
  expect(url.searchParams.get('secret')).toBe(secret);
  expect(qr).toMatch(/^<svg [^>]*>.*<\/svg>\s*$/s);
  const code = totp(secret, clock.ms());
  expect(await verify(user, code)).toEqual(wrong);
  expect(await confirm(user, factorId, '000000' === code ? '111111' : '000000')).toBe(false);
  expect(await confirm(user, factorId, '12345')).toBe(false);
  const stranger = await make.user(acme);
  expect(await confirm(stranger, factorId, code)).toBe(false);
  expect(await confirm(user, factorId, `${code.slice(0, 3)} ${code.slice(3)}`)).toBe(true);
  expect(await confirm(user, factorId, code)).toBe(false);
  // The code that confirmed it is used up.
  expect(await verify(user, code)).toEqual(used);
  later();
  expect(await verify(user, totp(secret, clock.ms()))).toEqual(right);
});

test('C06 A14 K02 confirmed within a sign-in: sessions end, its owner is told, the log says who', async () => {
  const user = await make.user(acme);
  await make.session(acme, user);
  const { factorId, secret } = await enrol(user);
  await confirm(user, factorId, totp(secret, clock.ms()));
  const live = 'SELECT 1 FROM sessions WHERE user_id = $1 AND ended_at IS NULL';
  expect(await rows(house, acme.uuid, live, [user.uuid])).toEqual([]);
  const told = 'SELECT template FROM messages WHERE user_id = $1';
  expect(await rows(house, acme.uuid, told, [user.uuid])).toEqual([{ template: 'factor-added' }]);
  const event = (await auditLog(house, acme.uuid)).at(-1);
  expect(event).toMatchObject({
    type: 'mfa.confirm',
    result: 'SUCCESS',
    actor_kind: 'user',
    actor_id: user.id,
    details: { kind: 'TOTP', sessions: 1 },
  });
});

test('of factors that wait there is one of a kind, and it waits an hour', async () => {
  const user = await make.user(acme);
  const first = await enrol(user);
  const second = await enrol(user);
  const shown = ({ factorId, secret }: typeof first) =>
    confirm(user, factorId, totp(secret, clock.ms()));
  expect(await shown(first)).toBe(false);
  clock.advance(3_600_000);
  expect(await shown(second)).toBe(false);
});

test('B02 a code is good in its step and the two beside it', async () => {
  const { user, secret } = await withApp();
  for (const [steps, expected] of [
    [-2, wrong],
    [2, wrong],
    [-1, right],
    [0, right],
    [1, right],
  ] as const) {
    later();
    expect([steps, await verify(user, totp(secret, clock.ms(), steps))]).toEqual([steps, expected]);
  }
});

test('B02 the window ends with the second', async () => {
  const { user, secret } = await withApp();
  const start = Math.ceil(clock.ms() / 30_000) * 30_000;
  const code = totp(secret, start);
  clock.set(new Date(start - 30_001));
  expect(await verify(user, code)).toEqual(wrong);
  clock.set(new Date(start + 60_000));
  expect(await verify(user, code)).toEqual(wrong);
  clock.set(new Date(start + 59_999));
  expect(await verify(user, code)).toEqual(right);
});

test('B01 T09 a step is accepted once, and no older one after it', async () => {
  const { user, secret } = await withApp();
  const at = (steps: number) => totp(secret, clock.ms(), steps);
  expect(await verify(user, at(0))).toEqual(right);
  expect(await verify(user, at(0))).toEqual(used);
  expect(await verify(user, at(-1))).toEqual(used);
  expect(await verify(user, at(1))).toEqual(right);
  expect(await verify(user, at(0))).toEqual(used);
});

test('B01 T08 the same code twenty times at once is accepted once', async () => {
  const { user, secret } = await withApp();
  for (let round = 0; round < 5; round += 1) {
    later();
    const code = totp(secret, clock.ms());
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(user, code)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  }
});

test('what is no code is simply wrong, and costs no guess', async () => {
  const { user } = await withApp();
  let spent = 0;
  const count = async () => {
    spent += 1;
    return true;
  };
  for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６', '-1.5e3', '0x1234', '\0'])
    expect([
      code,
      await within((c) => verifyTotp(c, { userId: user.uuid, code, spendGuess: count })),
    ]).toEqual([code, wrong]);
  expect(spent).toBe(0);
});

test('B04 a sign-in that has no guesses left is not looked at, not even with the right code', async () => {
  const { user, secret } = await withApp();
  const code = totp(secret, clock.ms());
  const none = { userId: user.uuid, code, spendGuess: async () => false };
  expect(await within((c) => verifyTotp(c, none))).toEqual({ ok: false, reason: 'SPENT' });
  expect(await verify(user, code)).toEqual(right);
});

test('B04 T07 a hundred guesses for an account, whoever asks from wherever', async () => {
  const { user, secret } = await withApp();
  const code = totp(secret, clock.ms());
  const other = code === '000000' ? '111111' : '000000';
  const outcomes = await Promise.all(
    Array.from({ length: 130 }, async (_, n) => {
      const from = { ...ctx, address: `192.0.2.${n}` };
      const guess = { userId: user.uuid, code: other, spendGuess };
      return call(from, verifyTotp, guess).then(
        (verdict) => (verdict.ok ? 'right' : verdict.reason),
        (error: { code?: string }) => error.code,
      );
    }),
  );
  expect(outcomes.filter((one) => one === 'WRONG')).toHaveLength(100);
  expect(outcomes.filter((one) => one === 'RATE_LIMITED')).toHaveLength(30);
  await expect(verify(user, code)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  const elsewhere = await withApp();
  expect(await verify(elsewhere.user, totp(elsewhere.secret, clock.ms()))).toEqual(right);
});

test('a right code costs no guess', async () => {
  const { user, secret } = await withApp();
  for (let n = 0; n < 110; n += 1) {
    clock.advance(30_000);
    expect(await verify(user, totp(secret, clock.ms()))).toEqual(right);
  }
});

test('B05 B10 the seed stands nowhere in the database and in no line of the log', async () => {
  const { secret } = await withApp();
  const seed = base32Bytes(secret);
  const everywhere = [...(await everythingStored(house)), ...house.log].join('\n');
  const forms = [
    secret,
    secret.toLowerCase(),
    seed.toString('hex'),
    seed.toString('base64').replace(/=+$/, ''),
    seed.toString('base64url'),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
  expect(forms.filter((form) => everywhere.includes(form))).toEqual([]);
});

test('B05 what is sealed opens for its tenant, user and factor only', async () => {
  const [one, other] = [await withApp(), await withApp()];
  await rows(
    house,
    acme.uuid,
    'UPDATE factors SET secret = (SELECT secret FROM factors WHERE id = $1) WHERE id = $2',
    [one.factorId, other.factorId],
  );
  await expect(verify(other.user, totp(one.secret, clock.ms()))).rejects.toThrow();
  expect(await verify(one.user, totp(one.secret, clock.ms()))).toEqual(right);
});

test('a person has at most five apps; nobody has one in a tenant that is not theirs', async () => {
  const { user } = await withApp();
  for (let n = 1; n < 5; n += 1) {
    await addApp(await as(user), `App ${n}`);
  }
  await expect(enrol(user, 'One more')).rejects.toMatchObject({ code: 'TOO_MANY_FACTORS' });
  const elsewhere = await make.tenant();
  const stranger = await make.user(elsewhere);
  await expect(enrol(stranger)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
});
