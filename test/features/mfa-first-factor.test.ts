/** The first factor, set up in a sign-in that asks for one: whoever comes second adds nothing. */
import { expect, test } from 'vitest';
import { makeBackupCodes } from '#features/mfa/backup-codes.commands.ts';
import { backupCodesLeft } from '#features/mfa/mfa.queries.ts';
import { confirmTotp, enrolTotp } from '#features/mfa/totp.commands.ts';
import type { Context } from '#kernel/context.ts';
import { call, contextOf } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeUser, makers } from '../kit/make.ts';
import { totp } from '../kit/totp.ts';

const house = await openHouse();
const { clock } = house;
const make = makers(house);
const acme = await make.tenant();
const { as, addApp } = factorsOf(house, acme);
/** Who signs in is nobody yet. */
const ctx = await contextOf(house, { tenantId: acme.uuid, kind: 'anonymous' });
const within = <T>(fn: (ctx: Context) => Promise<T>) => call(ctx, fn, undefined as never);

const enrol = (user: MadeUser) => within((c) => enrolTotp(c, user.uuid, 'Phone'));
const nothing = { ok: false, backupCodes: null };
const stored = (user: MadeUser) => within((c) => backupCodesLeft(c, user.uuid));

test('B07 T08 a sign-in adds the first factor and none beside it, with backup codes for who has none', async () => {
  const user = await make.user(acme);
  const made = await makeBackupCodes();
  const first = await enrol(user);
  await addApp(await as(user));
  const late = { factorId: first.factorId, code: totp(first.secret, clock.ms()), made, shown: [] };
  expect(await within((c) => confirmTotp(c, user.uuid, late))).toEqual(nothing);
  const { factorId, secret } = await enrol(user);
  const beside = { factorId, code: totp(secret, clock.ms()), made, shown: [] };
  expect(await within((c) => confirmTotp(c, user.uuid, beside))).toEqual(nothing);
  const other = await make.user(acme);
  const own = await enrol(other);
  const right = { factorId: own.factorId, code: totp(own.secret, clock.ms()), made, shown: [] };
  const wrong = { ...right, code: right.code === '000000' ? '111111' : '000000' };
  expect(await within((c) => confirmTotp(c, other.uuid, wrong))).toEqual(nothing);
  expect(await stored(other)).toBe(0);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => within((c) => confirmTotp(c, other.uuid, right))),
  );
  expect(answers.filter(({ ok }) => ok)).toEqual([{ ok: true, backupCodes: made.codes }]);
  expect(await stored(other)).toBe(10);
});
