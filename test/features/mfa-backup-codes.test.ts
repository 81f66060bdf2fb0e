/** Backup codes: ten on paper, each good once, new ones end the old. */
import { expect, test } from 'vitest';
import {
  makeBackupCodes,
  storeBackupCodes,
  verifyBackupCode,
} from '#features/mfa/backup-codes.commands.ts';
import type { Context } from '#kernel/context.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeUser, makers } from '../kit/make.ts';
import { everythingStored, rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const ctx = await contextOf(house, { tenantId: acme.uuid, kind: 'anonymous' });
const within = <T>(fn: (ctx: Context) => Promise<T>) => call(ctx, fn, undefined as never);
const spendGuess = async () => true;

async function codesOf(user: MadeUser): Promise<readonly string[]> {
  const made = await makeBackupCodes();
  await within((c) => storeBackupCodes(c, user.uuid, made));
  return made.codes;
}
const verify = (user: MadeUser, code: string) =>
  within((c) => verifyBackupCode(c, { userId: user.uuid, code, spendGuess }));
const right = { ok: true, factorId: null, amr: ['otp'] };
const wrong = { ok: false, reason: 'WRONG' };
const used = { ok: false, reason: 'USED' };

test('B01 ten codes of fifty bits, each good once', async () => {
  const user = await make.user(acme);
  const codes = await codesOf(user);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
  const [first = '', second = '', third = ''] = codes;
  expect(await verify(user, first)).toEqual(right);
  expect(await verify(user, first)).toEqual(used);
  expect(await verify(user, ` ${second.toUpperCase().replace('-', ' ')} `)).toEqual(right);
  const lookalike = third.replaceAll('0', 'O').replaceAll('1', 'l');
  expect(await verify(user, lookalike)).toEqual(right);
});

test('B01 T08 X13 the same code twenty times at once is good once', async () => {
  const user = await make.user(acme);
  for (const code of (await codesOf(user)).slice(0, 4)) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(user, code)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  }
});

test("a code is its user's, in its tenant", async () => {
  const [user, other] = [await make.user(acme), await make.user(acme)];
  const [code = ''] = await codesOf(user);
  await codesOf(other);
  expect(await verify(other, code)).toEqual(wrong);
  expect(await verify(await make.user(acme), code)).toEqual(wrong);
  const elsewhere = await make.tenant();
  const foreign = await contextOf(house, { tenantId: elsewhere.uuid, kind: 'anonymous' });
  const guess = { userId: user.uuid, code, spendGuess };
  expect(await call(foreign, verifyBackupCode, guess)).toEqual(wrong);
  expect(await verify(user, code)).toEqual(right);
});

test('B12 a new set ends the old one, also when two are made at once', async () => {
  const user = await make.user(acme);
  const [old = ''] = await codesOf(user);
  const [fresh = ''] = await codesOf(user);
  expect(await verify(user, old)).toEqual(wrong);
  expect(await verify(user, fresh)).toEqual(right);
  const sets = await Promise.all([codesOf(user), codesOf(user), codesOf(user)]);
  const good = await Promise.all(sets.map(([code = '']) => verify(user, code)));
  expect(good.filter(({ ok }) => ok)).toHaveLength(1);
  const [stored] = await rows<{ n: number }>(
    house,
    acme.uuid,
    'SELECT count(*)::int AS n FROM backup_codes WHERE user_id = $1',
    [user.uuid],
  );
  expect(stored?.n).toBe(10);
});

test('what is no code is wrong and costs no guess; what is one costs a guess before it is looked at', async () => {
  const user = await make.user(acme);
  const [code = ''] = await codesOf(user);
  let spent = 0;
  const count = async () => {
    spent += 1;
    return spent < 2;
  };
  const guess = (typed: string) =>
    within((c) => verifyBackupCode(c, { userId: user.uuid, code: typed, spendGuess: count }));
  for (const typed of ['', 'abc', 'uuuuu-uuuuu', `${code}0`, 'x'.repeat(100_000)])
    expect(await guess(typed)).toEqual(wrong);
  expect(spent).toBe(0);
  expect(await guess('00000-00000')).toEqual(wrong);
  expect(await guess(code)).toEqual({ ok: false, reason: 'SPENT' });
});

test('B05 B10 what is stored is Argon2id, and no code stands anywhere', async () => {
  const user = await make.user(acme);
  const codes = await codesOf(user);
  const hashes = await rows<{ hash: string }>(
    house,
    acme.uuid,
    'SELECT hash FROM backup_codes WHERE user_id = $1',
    [user.uuid],
  );
  for (const { hash } of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  const everywhere = [...(await everythingStored(house)), ...house.log].join('\n');
  const forms = codes.flatMap((code) => [
    code,
    code.replace('-', ''),
    Buffer.from(code.replace('-', '')).toString('base64').replace(/=+$/, ''),
    Buffer.from(code.replace('-', '')).toString('hex'),
  ]);
  expect(forms.filter((form) => everywhere.includes(form))).toEqual([]);
});
