/** People and their own factors: who may change them, what that ends, and who is told. */
import { expect, test } from 'vitest';
import { confirmFactor, removeFactor } from '#features/mfa/confirmations.commands.ts';
import { enrolFactor, regenerateBackupCodes, sendFactorCode } from '#features/mfa/mfa.commands.ts';
import { continueSignIn } from '#features/sign-in/sign-in.commands.ts';
import { tenantRulesOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { Context } from '#kernel/context.ts';
import { encodeId, newId } from '#kernel/ids.ts';
import { auditLog } from '../kit/audit-row.ts';
import type { Browser } from '../kit/browser.ts';
import { call, contextOf } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutationDocument, type Refused } from '../kit/mutate.ts';
import { overtaken } from '../kit/overtaken.ts';
import { person, signedIn } from '../kit/people.ts';
import { everythingStored } from '../kit/stored.ts';
import { base32Bytes, totp } from '../kit/totp.ts';

const house = await openHouse();
const { clock } = house;
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const { as, addApp, messagesTo, liveSessions } = factorsOf(house, acme);

interface Enrolled {
  readonly factorId: string;
  readonly secret: string;
}
interface Confirmed {
  readonly factor: { readonly id: string };
  readonly backupCodes: readonly string[] | null;
}

async function ask<T>(
  window: Browser,
  mutation: string,
  input: object,
  selection = '__typename',
): Promise<T & Refused> {
  const { data, code } = await window.gql<Record<string, T & Refused>>(
    mutationDocument(mutation, selection),
    { input },
  );
  return code ? ({ code } as T & Refused) : (data[mutation] as T & Refused);
}

/** As the person's browser does. */
async function addAppIn(window: Browser): Promise<Confirmed & Enrolled & Refused> {
  const input = { kind: 'TOTP', name: 'Phone' };
  const made = await ask<Enrolled>(window, 'enrolFactor', input, 'factorId secret uri qr');
  const answer = { id: made.factorId, code: totp(made.secret, clock.ms()) };
  const selection = 'factor { id kind name confirmedAt } backupCodes';
  return { ...made, ...(await ask<Confirmed>(window, 'confirmFactor', answer, selection)) };
}

test('C06 A14 the first factor ends the other sessions, brings backup codes, and its owner is told', async () => {
  const ada = await person(house, make, acme, { displayName: 'Ada' });
  const [here, there] = [await signedIn(house, acme, ada), await signedIn(house, acme, ada)];
  expect((await there.gql('{ viewer { session { id } } }')).code).toBeUndefined();
  const made = await addAppIn(here);
  expect(made.factor).toMatchObject({ kind: 'TOTP', confirmedAt: clock.now().toISOString() });
  expect(made.backupCodes).toHaveLength(10);
  expect(await liveSessions(ada)).toHaveLength(1);
  const own = `{ viewer { session { id } backupCodesLeft
    factors { totalCount nodes { id kind name lastUsedAt } } } }`;
  expect((await here.gql(own)).data).toMatchObject({
    viewer: {
      session: {},
      backupCodesLeft: 10,
      factors: {
        totalCount: 1,
        nodes: [{ id: made.factor.id, kind: 'TOTP', name: 'Phone', lastUsedAt: null }],
      },
    },
  });
  expect(await messagesTo(ada)).toEqual(['factor-added']);
  const log = (await auditLog(house, acme.uuid)).filter(({ type }) => type.startsWith('mfa.'));
  expect(log.map(({ type, result, details }) => [type, result, details])).toEqual([
    ['mfa.enrol', 'SUCCESS', { kind: 'TOTP' }],
    ['mfa.confirm', 'SUCCESS', { kind: 'TOTP', sessions: 1 }],
  ]);
  for (const { targets } of log)
    expect(targets.map(({ type }) => type).sort()).toEqual(['factor', 'user']);
});

test('B05 B10 neither seed nor backup code stands anywhere once they were shown', async () => {
  const eve = await person(house, make, acme);
  const { secret, backupCodes } = await addAppIn(await signedIn(house, acme, eve));
  const everywhere = [...(await everythingStored(house)), ...house.log].join('\n');
  const seed = base32Bytes(secret);
  const forms = [secret, seed.toString('hex'), seed.toString('base64url'), ...(backupCodes ?? [])];
  expect(forms).toHaveLength(13);
  expect(forms.filter((form) => everywhere.includes(form))).toEqual([]);
});

const id = encodeId('factor', newId());
/** Everything that changes one's own factors. */
const ATTEMPTS: Readonly<Record<string, (ctx: Context) => Promise<unknown>>> = {
  enrol: (ctx) => call(ctx, enrolFactor, { kind: 'TOTP', name: 'x' }),
  'send a code': (ctx) => call(ctx, sendFactorCode, { id }),
  confirm: (ctx) => call(ctx, confirmFactor, { id, code: '123456' }),
  remove: (ctx) => call(ctx, removeFactor, { id }),
  'new backup codes': (ctx) => call(ctx, regenerateBackupCodes, {}),
};

test.each(Object.entries(ATTEMPTS))(
  'B07 %s: who signed in a while ago, or by a password beside a factor, shows more first',
  async (_what, attempt) => {
    const bob = await make.user(acme);
    const refused = (missing: object) => ({ code: 'STEP_UP_REQUIRED', missing });
    const stale = await as(bob, { signedIn: { authTime: new Date(clock.ms() - 901_000) } });
    await expect(attempt(stale)).rejects.toMatchObject(refused({ maxAge: 900 }));
    const scopes = ['mfa:read', 'mfa:write'];
    const key = await contextOf(house, { tenantId: acme.uuid, kind: 'api-key', scopes });
    await expect(attempt(key)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    // A password alone is enough for the first factor, and for nothing after it.
    const weak = await as(bob, { signedIn: { acr: 'pwd', amr: ['pwd'] } });
    await addApp(weak);
    await expect(attempt(weak)).rejects.toMatchObject(refused({ acr: 'mfa' }));
    const strong = await attempt(await as(bob)).catch((error: { code?: string }) => error.code);
    expect(strong).not.toBe('STEP_UP_REQUIRED');
  },
);

test('B07 T08 a password alone changes nothing beside a factor that came a moment before', async () => {
  const user = await make.user(acme);
  const weakly = { signedIn: { acr: 'pwd', amr: ['pwd'] } } as const;
  const theirs = await call(await as(user), enrolFactor, { kind: 'TOTP', name: 'Theirs' });
  const code = totp(theirs.totp?.secret ?? '', clock.ms());
  let own = '';
  const addOwn = async () => {
    const [added] = await make.factors(acme, [{ user }]);
    own = added?.id ?? '';
  };
  const attempts: readonly [string, (ctx: Context) => Promise<unknown>][] = [
    [
      'WRONG_ANSWER',
      (ctx) => call(ctx, confirmFactor, { id: encodeId('factor', theirs.factorId), code }),
    ],
    ['VERSION_MISMATCH', (ctx) => call(ctx, regenerateBackupCodes, {})],
  ];
  for (const [refusal, attempt] of attempts) {
    const late = overtaken(await as(user, weakly), addOwn);
    await expect(attempt(late)).rejects.toMatchObject({ code: refusal });
    await expect(attempt(await as(user, weakly))).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
    });
    await call(await as(user), removeFactor, { id: own });
  }
  const mine = await call(await as(user), enrolFactor, { kind: 'TOTP', name: 'Mine' });
  const id = encodeId('factor', mine.factorId);
  const shown = totp(mine.totp?.secret ?? '', clock.ms());
  const confirming = async () => call(await as(user), confirmFactor, { id, code: shown });
  const removal = call(overtaken(await as(user, weakly), confirming), removeFactor, { id });
  await expect(removal).rejects.toMatchObject({ code: 'FACTOR_NOT_FOUND' });
  await call(await as(user), removeFactor, { id });
});

test('A12 B08 a second factor that comes while its owner signs in by the password is asked for', async () => {
  const ada = await person(house, make, acme);
  const stranger = await contextOf(house, { tenantId: acme.uuid, kind: 'anonymous' });
  const shown = { token: null, input: { email: ada.email, password: ada.password } };
  const signIn = (ctx: Context) =>
    call(ctx, async () => continueSignIn(ctx, await tenantRulesOf(ctx), shown), undefined);
  const late = overtaken(stranger, async () => addApp(await as(ada)));
  await expect(signIn(late)).rejects.toMatchObject({ code: 'SIGN_IN_EXPIRED' });
  expect(await liveSessions(ada)).toEqual([]);
  expect(await signIn(stranger)).toMatchObject({ next: 'MFA', started: null });
});

test('B07 where the tenant does without second factors, none is demanded', async () => {
  const user = await make.user(acme);
  const waived = { signedIn: { acr: 'pwd', amr: ['pwd'], waived: true } } as const;
  await addApp(await as(user, waived));
  const { codes } = await call(await as(user, waived), regenerateBackupCodes, {});
  expect(codes).toHaveLength(10);
});

test("T04 nobody changes another person's factors by naming them", async () => {
  const [ada, mallory] = [await make.user(acme), await make.user(acme)];
  const app = await addApp(await as(ada));
  const theirs = await as(mallory);
  const pending = await call(await as(ada), enrolFactor, { kind: 'TOTP', name: 'Second' });
  const code = totp(pending.totp?.secret ?? '', clock.ms());
  const waiting = encodeId('factor', pending.factorId);
  const missing = { code: 'FACTOR_NOT_FOUND' };
  await expect(call(theirs, removeFactor, { id: app.id })).rejects.toMatchObject(missing);
  await expect(call(theirs, confirmFactor, { id: waiting, code })).rejects.toMatchObject(missing);
  await expect(call(theirs, sendFactorCode, { id: waiting })).rejects.toMatchObject(missing);
  expect((await call(await as(ada), confirmFactor, { id: waiting, code })).factor.name).toBe(
    'Second',
  );
});

test('what is repeated under the same Idempotency-Key is told again, and changes nothing', async () => {
  const user = await make.user(acme);
  const first = await as(user, { idempotencyKey: 'enrol-1' });
  const input = { kind: 'TOTP', name: 'Phone' };
  const enrolled = await call(first, enrolFactor, input);
  const again = await as(user, { idempotencyKey: 'enrol-1' });
  expect(await call(again, enrolFactor, input)).toEqual(enrolled);
  const code = totp(enrolled.totp?.secret ?? '', clock.ms());
  const answer = { id: encodeId('factor', enrolled.factorId), code };
  const confirm = async (key: string) =>
    call(await as(user, { idempotencyKey: key }), confirmFactor, answer);
  const confirmed = await confirm('confirm-1');
  expect(confirmed.backupCodes).toHaveLength(10);
  expect(await confirm('confirm-1')).toEqual(confirmed);
  await expect(confirm('confirm-2')).rejects.toMatchObject({ code: 'FACTOR_NOT_FOUND' });
  expect(await messagesTo(user)).toEqual(['factor-added']);
});
