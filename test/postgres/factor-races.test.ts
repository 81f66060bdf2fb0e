/** B01, T08, X13: what is good once is good once, when two instances are asked at the same time. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  makeBackupCodes,
  storeBackupCodes,
  verifyBackupCode,
} from '#features/mfa/backup-codes.commands.ts';
import { verifyCode } from '#features/mfa/one-time-codes.commands.ts';
import { passkeyOptions, verifyPasskey } from '#features/mfa/passkeys.commands.ts';
import { verifyTotp } from '#features/mfa/totp.commands.ts';
import type { Context } from '#kernel/context.ts';
import { Unavailable } from '#kernel/errors.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { alone, passkeysIn } from '../kit/passkeys.ts';
import { asked, otherThan, phonesOf } from '../kit/phones.ts';
import { totp } from '../kit/totp.ts';
import { report, scaled } from '../operations/faults.ts';

const house = await openHouse({ instances: 2 });
const { clock } = house;
const make = makers(house);
const acme = await make.tenant();
const nobody = { tenantId: acme.uuid, kind: 'anonymous' } as const;
const contexts = await Promise.all(house.instances.map((one) => contextOf(one, nobody)));
const ROUNDS = scaled(20, 500);
const LIMIT = scaled(60_000, 900_000);
/** Rounds of one user: an account bears a hundred wrong answers an hour, and a round has nineteen. */
const A_USER = 5;
const spendGuess = async () => true;

/** Twenty at once, ten at each instance; how many were right. One that is sent away was not. */
async function race(ask: (ctx: Context) => Promise<{ ok: boolean }>): Promise<number> {
  const sentAway = (error: unknown) => {
    if (error instanceof Unavailable) return { ok: false };
    throw error;
  };
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      call(contexts[n % 2] as Context, ask, undefined).catch(sentAway),
    ),
  );
  return answers.filter(({ ok }) => ok).length;
}

async function rounds(once: (round: number) => Promise<number>): Promise<Map<number, number>> {
  const seen = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const right = await once(round);
    seen.set(right, (seen.get(right) ?? 0) + 1);
  }
  return seen;
}

const once = new Map([[1, ROUNDS]]);

test(
  'B01 T08 T09 a code of an authenticator app',
  async ({ task }) => {
    let user = await make.user(acme);
    let secret = '';
    const seen = await rounds(async (round) => {
      if (round % A_USER === 0) {
        user = await make.user(acme);
        const seed = randomBytes(20);
        await make.factors(acme, [{ user, secret: seed.toString('base64') }]);
        secret = base32(seed);
      }
      clock.advance(60_000);
      const guess = { userId: user.uuid, code: totp(secret, clock.ms()), spendGuess };
      return race((ctx) => verifyTotp(ctx, guess));
    });
    report(task, 'B01 TOTP', { races: ROUNDS, 'spent twice': ROUNDS - (seen.get(1) ?? 0) });
    expect(seen).toEqual(once);
  },
  LIMIT,
);

test(
  'B01 T08 X13 a backup code',
  async ({ task }) => {
    let user = await make.user(acme);
    let codes: readonly string[] = [];
    const seen = await rounds(async (round) => {
      if (round % A_USER === 0) {
        user = await make.user(acme);
        const made = await makeBackupCodes();
        await call(contexts[0] as Context, (ctx) => storeBackupCodes(ctx, user.uuid, made), 0);
        codes = made.codes;
      }
      const guess = { userId: user.uuid, code: codes[round % A_USER] ?? '', spendGuess };
      return race((ctx) => verifyBackupCode(ctx, guess));
    });
    report(task, 'X13 backup codes', { races: ROUNDS, 'spent twice': ROUNDS - (seen.get(1) ?? 0) });
    expect(seen).toEqual(once);
  },
  LIMIT,
);

test(
  'B01 B04 T07 T08 X13 a code that was sent: ten answers are looked at, one is right',
  async ({ task }) => {
    const { send, withPhone, forgetSpacing } = await phonesOf(house, make, acme);
    const seen = await rounds(async () => {
      const phone = await withPhone();
      const right = await send(asked(phone));
      const once = await race((ctx) => verifyCode(ctx, asked(phone), right));
      await forgetSpacing();
      const wrong = otherThan(await send(asked(phone)));
      const reasons: string[] = [];
      await race(async (ctx) => {
        const verdict = await verifyCode(ctx, asked(phone), wrong);
        reasons.push(verdict.ok ? 'right' : verdict.reason);
        return verdict;
      });
      expect(reasons.filter((reason) => reason === 'WRONG')).toHaveLength(10);
      return once;
    });
    report(task, 'X13 sent codes', { races: ROUNDS, 'spent twice': ROUNDS - (seen.get(1) ?? 0) });
    expect(seen).toEqual(once);
  },
  LIMIT,
);

test(
  'B01 B09 X13 the challenge of a passkey',
  async ({ task }) => {
    const { withPasskey } = await passkeysIn(house, make, acme);
    const { device } = await withPasskey({ synced: true });
    const seen = await rounds(async () => {
      const one = { ...alone(), flowId: randomUUID() };
      const options = await call(contexts[0] as Context, (ctx) => passkeyOptions(ctx, one), 0);
      const response = device.get(options);
      return race((ctx) => verifyPasskey(ctx, one, response));
    });
    report(task, 'X13 passkeys', { races: ROUNDS, 'spent twice': ROUNDS - (seen.get(1) ?? 0) });
    expect(seen).toEqual(once);
  },
  LIMIT,
);

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = bits.match(/.{5}/g) ?? [];
  return digits
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('');
}
