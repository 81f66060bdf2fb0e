/** Codes by e-mail and by text message: whose they are, what for, how long and how often. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isCodeOf } from '#features/mfa/code-hashes.ts';
import { confirm } from '#features/mfa/factors.store.ts';
import { sweepFactors } from '#features/mfa/mfa.jobs.ts';
import {
  enrolAddress,
  matchCode,
  newCode,
  sendCode,
  verifyCode,
} from '#features/mfa/one-time-codes.commands.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { hurry } from '../kit/hurry.ts';
import { makers } from '../kit/make.ts';
import { asked, phonesOf } from '../kit/phones.ts';
import { everythingStored, rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const { clock } = house;
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const { within, withPhone, send, verify, forgetSpacing } = await phonesOf(house, make, acme);
const folder = (name: string) => join(house.home.env.DATA_DIR, name);

const right = (factorId: string, amr = ['sms']) => ({ ok: true, factorId, amr });
const wrong = { ok: false, reason: 'WRONG' };
const spent = { ok: false, reason: 'SPENT' };

test('a code reaches the phone, and is good once', async () => {
  const phone = await withPhone();
  const sent = await within((c) => sendCode(c, asked(phone)));
  expect(sent).toEqual({
    sentTo: `•••${phone.number.slice(-2)}`,
    expiresAt: new Date(clock.ms() + 600_000),
  });
  await forgetSpacing();
  const code = await send(asked(phone));
  expect(await verify(asked(phone), `${code.slice(0, 3)} ${code.slice(3)}`)).toEqual(
    right(phone.factorId),
  );
  expect(await verify(asked(phone), code)).toEqual(spent);
});

test('a code reaches the mailbox of the factor, in the language of its owner', async () => {
  const user = await make.user(acme, { locale: 'de-AT', displayName: 'Käthe' });
  const input = { kind: 'EMAIL', name: 'Mail', address: 'kaethe@example.org' } as const;
  const factorId = await within((c) => enrolAddress(c, user.uuid, input));
  const one = asked({ user }, { kind: 'EMAIL' });
  await expect(within((c) => sendCode(c, one))).rejects.toMatchObject({ code: 'FACTOR_NOT_FOUND' });
  await within((c) => confirm(c, user.uuid, factorId, null));
  expect(await within((c) => sendCode(c, one))).toMatchObject({ sentTo: 'k•••@example.org' });
  const mail = await until(() => {
    hurry('message.send');
    const [name] = readdirSync(folder('mail')).filter((file) => file.endsWith('.eml'));
    return name && readFileSync(join(folder('mail'), name), 'utf8');
  });
  expect(mail).toMatch(/^To: .*kaethe@example\.org/m);
  const code = /^ {4}(\d{6})\s*$/m.exec(mail)?.[1] ?? '';
  expect(await verify(one, code)).toEqual(right(factorId, ['otp', 'email']));
});

test('B02 a code is good for ten minutes', async () => {
  const phone = await withPhone();
  const code = await send(asked(phone));
  clock.advance(600_000);
  expect(await verify(asked(phone), code)).toEqual(spent);
  await forgetSpacing();
  const next = await send(asked(phone));
  clock.advance(599_999);
  expect(await verify(asked(phone), next)).toEqual(right(phone.factorId));
});

test('B01 T08 X13 the same code twenty times at once is good once', async () => {
  for (let round = 0; round < 5; round += 1) {
    const phone = await withPhone();
    const code = await send(asked(phone));
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(asked(phone), code)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  }
});

test('B03 T28 a code belongs to its user, its sign-in, its purpose and its kind', async () => {
  const [phone, theirs] = [await withPhone(), await withPhone()];
  const [flowId, another] = [randomUUID(), randomUUID()];
  const mine = asked(phone, { flowId });
  const code = await send(mine);
  for (const elsewhere of [
    asked(phone),
    asked(phone, { flowId: another }),
    asked(phone, { flowId, purpose: 'STEP_UP' }),
    asked(phone, { flowId, purpose: 'ENROL' }),
    asked(phone, { flowId, kind: 'EMAIL' }),
    asked(theirs, { flowId }),
  ])
    expect(await verify(elsewhere, code)).toEqual(spent);
  // Also when something waits for an answer there.
  await forgetSpacing();
  await send(asked(phone, { flowId: another }));
  expect(await verify(asked(phone, { flowId: another }), code)).toEqual(wrong);
  await send(asked(theirs, { flowId }));
  expect(await verify(asked(theirs, { flowId }), code)).toEqual(wrong);
  const tenant = await make.tenant();
  const foreign = await contextOf(house, { tenantId: tenant.uuid, kind: 'anonymous' });
  expect(await call(foreign, (c) => verifyCode(c, mine, code), undefined)).toEqual(spent);
  expect(await verify(mine, code)).toEqual(right(phone.factorId));
});

test('B03 a newer code ends the older, also when two are sent at once', async () => {
  const phone = await withPhone();
  const one = asked(phone);
  const older = await send(one);
  await forgetSpacing();
  const newer = await send(one);
  expect(await verify(one, older)).toEqual(wrong);
  expect(await verify(one, newer)).toEqual(right(phone.factorId));
  const user = await make.user(acme);
  const phones = [await withPhone(user), await withPhone(user)];
  const both = asked({ user });
  await Promise.all(phones.map(({ factorId }) => within((c) => sendCode(c, both, factorId))));
  const [stored] = await rows<{ n: number }>(
    house,
    acme.uuid,
    'SELECT count(*)::int AS n FROM challenges WHERE user_id = $1 AND used_at IS NULL',
    [user.uuid],
  );
  expect(stored?.n).toBe(1);
});

test('a code that confirms a factor is good for that factor only', async () => {
  const user = await make.user(acme);
  const enrol = (address: string) =>
    within((c) => enrolAddress(c, user.uuid, { kind: 'SMS', name: 'Phone', address }));
  const first = await enrol('+4915199000001');
  const one = asked({ user }, { purpose: 'ENROL' });
  const code = await send(one, first);
  const answer = await within((c) => matchCode(c, one, code));
  expect(answer).toMatchObject({ ok: true, challenge: { factorId: first } });
  // The other takes the place of the first, and ends what was asked for it.
  const second = await enrol('+4915199000002');
  expect(await within((c) => matchCode(c, one, code))).toEqual(spent);
  await expect(send(one, first)).rejects.toMatchObject({ code: 'FACTOR_NOT_FOUND' });
  const next = await send(one, second);
  expect(await within((c) => matchCode(c, one, next))).toMatchObject({ ok: true });
});

test('B06 codes have six digits, each as likely as any other, and keep their zeros', () => {
  const codes = Array.from({ length: 10_000 }, newCode);
  expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
  for (let place = 0; place < 6; place += 1) {
    const seen = new Array<number>(10).fill(0);
    for (const code of codes) seen[Number(code[place])] = (seen[Number(code[place])] as number) + 1;
    const chiSquare = seen.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    // Nine degrees of freedom: one honest run in a hundred thousand is above.
    expect(chiSquare).toBeLessThan(40);
  }
});

test('B05 B10 what is stored of a code is Argon2id; neither code nor number stands anywhere else', async () => {
  const phone = await withPhone();
  const code = await send(asked(phone));
  const [stored] = await rows<{ hash: string }>(
    house,
    acme.uuid,
    'SELECT hash FROM challenges WHERE user_id = $1',
    [phone.user.uuid],
  );
  expect(stored?.hash).toMatch(/^\$argon2id\$v=19\$m=4096,t=1,p=1\$/);
  expect(await isCodeOf(code, stored?.hash ?? '')).toBe(true);
  const everywhere = [...(await everythingStored(house)), ...house.log].join('\n');
  const forms = [phone.number, `"${code}"`, Buffer.from(phone.number).toString('hex')];
  expect(forms.filter((form) => everywhere.includes(form))).toEqual([]);
  for (const name of readdirSync(folder('sms')))
    expect(statSync(join(folder('sms'), name)).mode & 0o777).toBe(0o600);
  expect(statSync(folder('sms')).mode & 0o777).toBe(0o700);
});

test('what nobody answered or confirmed is swept, in every tenant; the rest stays', async () => {
  const count = async (table: string) =>
    (await rows<{ n: number }>(house, acme.uuid, `SELECT count(*)::int AS n FROM ${table}`))[0]?.n;
  const sweep = () => sweepFactors.run(house.services, {}, new AbortController().signal);
  clock.advance(3_600_001);
  await sweep();
  expect(await count('challenges')).toBe(0);
  const confirmed = await count('factors');
  const phone = await withPhone();
  await send(asked(phone));
  const input = { kind: 'EMAIL', name: 'Mail', address: 'late@example.org' } as const;
  await within((c) => enrolAddress(c, phone.user.uuid, input));
  clock.advance(600_000);
  await sweep();
  expect([await count('challenges'), await count('factors')]).toEqual([1, (confirmed ?? 0) + 2]);
  clock.advance(3_000_001);
  await sweep();
  expect([await count('challenges'), await count('factors')]).toEqual([0, (confirmed ?? 0) + 1]);
});
