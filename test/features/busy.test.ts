/** While too many wait for hashing, nobody's answer is looked at, so nobody's is counted (X19, A10, B04). */
import { expect, test } from 'vitest';
import {
  makeBackupCodes,
  storeBackupCodes,
  verifyBackupCode,
} from '#features/mfa/backup-codes.commands.ts';
import { checkQueue, processQueue, type Queue } from '#kernel/crypto/hashing-queue.ts';
import { Unavailable } from '#kernel/errors.ts';
import { browser } from '../kit/browser.ts';
import { call } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { PASSWORD, person, signIn } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';
import { totp } from '../kit/totp.ts';
import { NEXT, openSelfService } from './self-served.ts';

const { house, make, acme, reset, resetToken } = await openSelfService();
const { as, demand } = factorsOf(house, acme);
const login = `/t/${acme.slug}/login`;

/** Runs `attempt` while no more is let into the queues. */
async function busy<T>(attempt: () => Promise<T>): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ends: Promise<void>[] = [];
  for (const queue of [processQueue, checkQueue]) ends.push(...(await filled(queue, promise)));
  try {
    return await attempt();
  } finally {
    resolve();
    await Promise.all(ends);
  }
}

/** What runs and waits in it until `end`: all that it takes. */
async function filled(queue: Queue, end: Promise<void>): Promise<Promise<void>[]> {
  const letIn: Promise<void>[] = [];
  for (;;) {
    const piece = queue.run(() => end);
    // A refusal comes at once, and anything else not before the end.
    const refused = await Promise.race([
      piece.then(
        () => false,
        (error: unknown) => error instanceof Unavailable,
      ),
      turnOfTheLoop(),
    ]);
    if (refused) return letIn;
    letIn.push(piece);
  }
}

const turnOfTheLoop = () => new Promise<false>((resolve) => setImmediate(resolve, false));

const counted = async (like: string) =>
  (
    await rows<{ points: number }>(
      house,
      acme.uuid,
      'SELECT points FROM rate_limits WHERE key LIKE $1 AND points > 0',
      [like],
    )
  ).reduce((sum, { points }) => sum + Number(points), 0);

test('X19 A10 right passwords that nobody looked at are no wrong ones', async () => {
  const ada = await person(house, make, acme);
  const window = browser(house);
  await window.get(login);
  const fields = { email: ada.email, password: PASSWORD };
  const before = await counted('password-%');
  const statuses = await busy(async () => {
    const all: number[] = [];
    for (let n = 0; n < 105; n += 1) all.push((await window.post(login, fields)).status);
    return all;
  });
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect(await counted('password-%')).toBe(before);
  expect((await window.post(login, fields)).status).toBe(303);
}, 60_000);

test('X19 B04 a backup code that nobody looked at is no guess', async () => {
  const ada = await person(house, make, acme);
  const made = await makeBackupCodes();
  const ctx = await as(ada);
  await call(ctx, (c) => storeBackupCodes(c, ada.uuid, made), undefined as never);
  let spent = 0;
  const guess = {
    userId: ada.uuid,
    code: made.codes[0] ?? '',
    spendGuess: async () => {
      spent += 1;
      return true;
    },
  };
  const refused = busy(() => call(ctx, verifyBackupCode, guess));
  await expect(refused).rejects.toBeInstanceOf(Unavailable);
  expect([spent, await counted(`factor-failures:%${ada.uuid}`)]).toEqual([0, 0]);
  expect(await call(ctx, verifyBackupCode, guess)).toMatchObject({ ok: true });
});

test('X19 B04 the first code of an app that nobody looked at is no guess', async () => {
  const ada = await person(house, make, acme);
  await demand('REQUIRED');
  const window = browser(house);
  const page = await signIn(window, acme, ada);
  const secret = /<code>([A-Z2-7]+)<\/code>/.exec(page.text)?.[1] ?? '';
  const guesses = () =>
    rows(house, acme.uuid, 'SELECT guesses FROM sign_in_flows WHERE user_id = $1', [ada.uuid]);
  const answer = () =>
    window.post(login, { enrolling: 'yes', code: totp(secret, house.clock.ms()) });
  expect((await busy(answer)).status).toBe(503);
  expect(await guesses()).toEqual([{ guesses: 0 }]);
  expect((await answer()).text.match(/<li><code>/g)).toHaveLength(10);
  await demand('OPTIONAL');
});

test('X19 T30 a link that nobody looked at the password of is not tried', async () => {
  const ada = await person(house, make, acme);
  const token = await resetToken(ada.email);
  expect((await busy(() => reset(token))).code).toBe('UNAVAILABLE');
  expect(await counted(`link-tries:%${ada.uuid}%`)).toBe(0);
  expect((await reset(token)).code).toBeUndefined();
  expect((await signIn(browser(house), acme, { ...ada, password: NEXT })).status).toBe(303);
});
