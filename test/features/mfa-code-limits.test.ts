/** How often codes are sent and guessed, and what becomes of them when the gateway does not take them. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { enrolAddress, sendCode, verifyCode } from '#features/mfa/one-time-codes.commands.ts';
import { SmsNotSent } from '#kernel/sms/sms-not-sent.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { asked, otherThan, phonesOf } from '../kit/phones.ts';

const house = await openHouse();
const { db, limits } = house.services;
const make = makers(house);
const acme = await make.tenant();
const { within, withPhone, send, verify, forgetSpacing } = await phonesOf(house, make, acme);

const wrong = { ok: false, reason: 'WRONG' };
const spent = { ok: false, reason: 'SPENT' };

test('B04 T07 of fifty guesses at once ten are looked at, and the right code after them is not', async () => {
  const phone = await withPhone();
  const code = await send(asked(phone));
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => verify(asked(phone), otherThan(code))),
  );
  expect(answers.filter((answer) => !answer.ok && answer.reason === 'WRONG')).toHaveLength(10);
  expect(answers.filter((answer) => !answer.ok && answer.reason === 'SPENT')).toHaveLength(40);
  expect(await verify(asked(phone), code)).toEqual(spent);
});

test('B04 T07 an account bears a hundred guesses an hour, however many challenges there are', async () => {
  const phone = await withPhone();
  let looked = 0;
  for (let round = 0; round < 12; round += 1) {
    const one = asked(phone, { flowId: randomUUID() });
    await db.query("DELETE FROM rate_limits WHERE key LIKE 'code-%'");
    const code = await send(one);
    const guess = (n: number) =>
      within((c) => verifyCode(c, one, otherThan(code)), { address: `192.0.2.${n}` }).then(
        (verdict) => !verdict.ok && verdict.reason,
        (error: { code?: string }) => error.code,
      );
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, n) => guess(n)));
    looked += outcomes.filter((outcome) => outcome === 'WRONG').length;
  }
  expect(looked).toBe(100);
});

test('what is no code is wrong, and is not counted', async () => {
  const phone = await withPhone();
  const code = await send(asked(phone));
  for (let n = 0; n < 5; n += 1)
    for (const typed of ['', '12345', '1234567', 'abcdef', '１２３４５６'])
      expect(await verify(asked(phone), typed)).toEqual(wrong);
  expect(await verify(asked(phone), code)).toMatchObject({ ok: true });
});

test('B11 a recipient is sent one code in 30 seconds and five an hour, whoever asks', async () => {
  await forgetSpacing();
  const phone = await withPhone();
  const stranger = await make.user(acme);
  const input = { kind: 'SMS', name: 'Not mine', address: phone.number } as const;
  const theirs = await within((c) => enrolAddress(c, stranger.uuid, input));
  const enrolling = asked({ user: stranger }, { purpose: 'ENROL' });
  await send(asked(phone));
  const [row] = await db.query<{ key: string }>(
    "SELECT key FROM rate_limits WHERE key LIKE 'code-spacing:%'",
  );
  const refused = { code: 'RATE_LIMITED', retryAfter: expect.any(Number) };
  for (const flowId of [null, randomUUID()])
    await expect(send(asked(phone, { flowId }))).rejects.toMatchObject(refused);
  await expect(send(enrolling, theirs)).rejects.toMatchObject(refused);
  const key = row?.key.slice('code-spacing:'.length) ?? '';
  expect(key).toMatch(/^[\w-]{43}$/);
  const spacing = { name: 'code-spacing', counted: 'shared', points: 1, seconds: 31 } as const;
  for (let n = 1; n < 5; n += 1) {
    await limits.reset(spacing, key);
    await send(asked(phone));
  }
  await limits.reset(spacing, key);
  await expect(send(asked(phone))).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    retryAfter: expect.toSatisfy((seconds: number) => seconds > 3000),
  });
});

test('a gateway that takes nothing is told as it is, and nothing of the message with it', async () => {
  const phone = await withPhone();
  const sms = { send: () => Promise.reject(new SmsNotSent('the gateway of SMS_URL answered 500')) };
  const sending = within((c) => sendCode(c, asked(phone)), { sms });
  await expect(sending).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfter: 30 });
  expect(house.log.some((line) => line.includes('a text message was not sent'))).toBe(true);
  expect(house.log.join('')).not.toContain(phone.number);
});

test('where no text messages can be sent, none are offered', async () => {
  const phone = await withPhone();
  const refused = { code: 'FACTOR_KIND_NOT_OFFERED' };
  const sending = within((c) => sendCode(c, asked(phone)), { sms: null });
  await expect(sending).rejects.toMatchObject(refused);
  const input = { kind: 'SMS', name: 'Phone', address: '+4915112345678' } as const;
  const enrolling = within(async (c) => enrolAddress(c, phone.user.uuid, input), { sms: null });
  await expect(enrolling).rejects.toMatchObject(refused);
});
