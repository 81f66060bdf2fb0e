/** How often codes are sent and guessed, and what becomes of them when the gateway does not take them. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { addConfirmed } from '#features/mfa/factors.store.ts';
import { enrolAddress, sendCode, verifyCode } from '#features/mfa/one-time-codes.commands.ts';
import { SmsNotSent } from '#kernel/sms/sms-not-sent.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeUser, makers } from '../kit/make.ts';
import { asked, otherThan, phonesOf } from '../kit/phones.ts';
import { rows } from '../kit/stored.ts';

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

test('B04 T07 an account bears a hundred guesses, however many challenges there are', async () => {
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

test('B11 a recipient is sent one code in 30 seconds and five an hour in all, whoever asks', async () => {
  await forgetSpacing();
  const phone = await withPhone();
  const stranger = await make.user(acme);
  const input = { kind: 'SMS', name: 'Not mine', address: phone.number } as const;
  const theirs = await within((c) => enrolAddress(c, stranger.uuid, input));
  const enrolling = asked({ user: stranger }, { purpose: 'ENROL' });
  // To a number that nobody has shown to be theirs: spaced apart, and part of the five.
  await send(enrolling, theirs);
  await expect(send(enrolling, theirs)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await forgetSpacing();
  await send(asked(phone));
  const [row] = await db.query<{ key: string }>(
    "SELECT key FROM rate_limits WHERE key LIKE 'code-spacing:%'",
  );
  const refused = { code: 'RATE_LIMITED', retryAfter: expect.any(Number) };
  for (const flowId of [null, randomUUID()])
    await expect(send(asked(phone, { flowId }))).rejects.toMatchObject(refused);
  const key = row?.key.slice('code-spacing:'.length) ?? '';
  expect(key).toMatch(/^[\w-]{43}$/);
  const spacing = { name: 'code-spacing', counted: 'shared', points: 1, seconds: 31 } as const;
  for (let n = 1; n < 4; n += 1) {
    await limits.reset(spacing, key);
    await send(asked(phone));
  }
  await limits.reset(spacing, key);
  await expect(send(asked(phone))).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    retryAfter: expect.toSatisfy((seconds: number) => seconds > 3000),
  });
  // Nor does the one that is left over of those to enrol come on top.
  await forgetSpacing();
  await expect(send(enrolling, theirs)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test('B11 whoever is alone with their number is sent all five, and none to enrol after them', async () => {
  const phone = await withPhone();
  const stranger = await make.user(acme);
  for (let n = 0; n < 5; n += 1) {
    await forgetSpacing();
    await send(asked(phone));
  }
  const input = { kind: 'SMS', name: 'Not mine', address: phone.number } as const;
  const theirs = await within((c) => enrolAddress(c, stranger.uuid, input));
  const enrolling = asked({ user: stranger }, { purpose: 'ENROL' });
  await expect(send(enrolling, theirs)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test.each(['SMS', 'EMAIL'] as const)(
  'T05 whoever adds the address of somebody else uses up no %s code that they sign in with',
  async (kind) => {
    const [owner, stranger] = [await make.user(acme), await make.user(acme)];
    const address = kind === 'SMS' ? '+4915112340000' : owner.email;
    const own = { userId: owner.uuid, kind, name: 'Own', secret: Buffer.from(address) };
    await within((c) => c.db.transaction(() => addConfirmed(c, own)));
    const theirs = await within((c) =>
      enrolAddress(c, stranger.uuid, { kind, name: 'Not mine', address }),
    );
    const enrolling = asked({ user: stranger }, { purpose: 'ENROL', kind });
    for (let n = 0; n < 2; n += 1) {
      await within((c) => sendCode(c, enrolling, theirs));
      await forgetSpacing();
    }
    const third = within((c) => sendCode(c, enrolling, theirs));
    await expect(third).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const sendOwn = () => within((c) => sendCode(c, asked({ user: owner }, { kind })));
    for (let n = 0; n < 3; n += 1) {
      expect((await sendOwn()).sentTo).toContain('•••');
      await forgetSpacing();
    }
    await expect(sendOwn()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const messages = await rows(
      house,
      acme.uuid,
      "SELECT 1 FROM messages WHERE user_id = $1 AND template = 'sign-in-code'",
      [owner.uuid],
    );
    expect(messages).toHaveLength(kind === 'EMAIL' ? 3 : 0);
  },
);

/** Whoever adds one number after another, none of them theirs. */
let numbers = 0;
async function textStrangers(user: MadeUser): Promise<string> {
  numbers += 1;
  const address = `+4915200${String(numbers).padStart(6, '0')}`;
  const input = { kind: 'SMS', name: 'Not mine', address } as const;
  const factorId = await within((c) => enrolAddress(c, user.uuid, input));
  return send(asked({ user }, { purpose: 'ENROL' }), factorId).then(
    () => 'SENT',
    (error: { code: string }) => error.code,
  );
}
const times = async (count: number, fn: () => Promise<string>) => {
  const outcomes: string[] = [];
  for (let n = 0; n < count; n += 1) outcomes.push(await fn());
  return outcomes.filter((one) => one === 'SENT').length;
};

test('B11 a user has five codes an hour and twenty a day sent, to however many numbers', async () => {
  const [user, other] = [await make.user(acme), await make.user(acme)];
  const hour = { name: 'code-user', counted: 'shared', points: 5, seconds: 3600 } as const;
  expect(await times(6, () => textStrangers(user))).toBe(5);
  for (const left of [5, 5, 5, 0]) {
    await limits.reset(hour, `${acme.uuid} ${user.uuid}`);
    expect(await times(6, () => textStrangers(user))).toBe(left);
  }
  expect(await textStrangers(other)).toBe('SENT');
  const phone = await withPhone();
  expect(await send(asked(phone))).toMatch(/^\d{6}$/);
});

test('B11 what a recipient is not sent costs the user nothing', async () => {
  const phone = await withPhone();
  await send(asked(phone));
  for (let n = 0; n < 6; n += 1)
    await expect(send(asked(phone))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  const [hour] = await db.query<{ points: number }>(
    'SELECT points FROM rate_limits WHERE key = $1',
    [`code-user:${acme.uuid} ${phone.user.uuid}`],
  );
  expect(hour?.points).toBe(1);
});

test('B11 the users of a tenant have a thousand an hour sent; those of another are not held up', async () => {
  const busy = await phonesOf(house, make, await make.tenant());
  const phone = await busy.withPhone();
  await busy.send(asked(phone));
  const full = "UPDATE rate_limits SET points = 1000 WHERE key LIKE 'code-tenant:%' AND points = 1";
  await db.query(full);
  await busy.forgetSpacing();
  const next = await busy.withPhone();
  await expect(busy.send(asked(next))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(await send(asked(await withPhone()))).toMatch(/^\d{6}$/);
});

test('B04 T07 an account bears 100 wrong answers in 30 days; a right one forgives none', async () => {
  const phone = await withPhone();
  const key = `${acme.uuid} ${phone.user.uuid}`;
  const lasting = {
    name: 'factor-failures',
    counted: 'shared',
    points: 100,
    seconds: 30 * 86_400,
  } as const;
  const code = await send(asked(phone));
  await verify(asked(phone), otherThan(code));
  expect((await verify(asked(phone), code)).ok).toBe(true);
  expect((await limits.consume(lasting, key, 98)).remaining).toBe(1);
  const flow = asked(phone, { flowId: randomUUID() });
  await forgetSpacing();
  const right = await send(flow);
  expect(await verify(flow, otherThan(right))).toEqual(wrong);
  await expect(verify(flow, right)).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    retryAfter: expect.toSatisfy((seconds: number) => seconds > 2_500_000),
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
