/**
 * A code by e-mail beside a password that the same mailbox resets is one mailbox and no two factors:
 * administration wants more, and leads to it (A12, B07, NIST SP 800-63B-4 section 3.1.3.1).
 */
import { expect, test } from 'vitest';
import { confirmFactor, removeFactor } from '#features/mfa/confirmations.commands.ts';
import { addConfirmed } from '#features/mfa/factors.store.ts';
import { enrolFactor, regenerateBackupCodes, sendFactorCode } from '#features/mfa/mfa.commands.ts';
import { encodeId } from '#kernel/ids.ts';
import { type Browser, browser } from '../kit/browser.ts';
import { call, contextOf } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { letters, nothingUnderWay } from '../kit/mailbox.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { PASSWORD, type Person, person } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';
import { totp } from '../kit/totp.ts';

const house = await openHouse();
const make = makers(house);

interface Step {
  readonly code?: string;
  readonly step?: string;
  readonly flow?: string;
  readonly methods?: readonly string[];
  readonly enrolment?: { readonly secret: string } | null;
  readonly session?: { readonly acr: string; readonly amr: readonly string[] } | null;
}

/** One sign-in, or one step-up, in this browser. */
function stepsOf(tenant: MadeTenant, window: Browser) {
  let flow: string | undefined;
  const ask = async (name: string, input: object, more = ''): Promise<Step> => {
    const type = name.charAt(0).toUpperCase() + name.slice(1);
    const { data } = await window.gql<Record<string, Step>>(
      `mutation ($input: ${type}Input!) { ${name}(input: $input) {
        ... on ${type}Success { step flow methods enrolment { secret } ${more} } ... on Error { code } } }`,
      { input },
    );
    const step = data[name] as Step;
    flow = step.flow ?? flow;
    return step;
  };
  const give = (input: object) =>
    ask('submitSignInStep', { tenant: tenant.slug, flow, ...input }, 'session { acr amr }');
  return {
    start: () => ask('startSignIn', { tenant: tenant.slug }),
    stepUp: (input: object = { mfa: true }) => ask('startStepUp', input),
    give,
    /** Asks for a code by mail and gives it. */
    async giveMailed({ email }: Person): Promise<Step> {
      await house.services.db.query("DELETE FROM rate_limits WHERE key LIKE '%spacing:%'");
      await give({ method: 'EMAIL' });
      await nothingUnderWay(house);
      const letter = (await letters(house)).filter(({ to }) => to === email).at(-1);
      return give({ code: /\b\d{6}\b/.exec(letter?.text ?? '')?.[0] ?? '', method: 'EMAIL' });
    },
    giveApp: (secret: string) => {
      house.clock.advance(60_000);
      return give({ code: totp(secret, house.clock.ms()), method: 'TOTP' });
    },
  };
}

async function withMailFactor(tenant: MadeTenant, isAdmin: boolean) {
  const who = await person(house, make, tenant);
  if (isAdmin) await make.assign(tenant.operator, await make.builtIn(tenant, 'owner'), who);
  const ctx = await contextOf(house, { tenantId: tenant.uuid });
  const id = await call(
    ctx,
    (c) =>
      c.db.transaction(() =>
        addConfirmed(c, {
          userId: who.uuid,
          kind: 'EMAIL',
          name: 'Mail',
          secret: Buffer.from(who.email),
        }),
      ),
    undefined as never,
  );
  const window = browser(house);
  return { who, window, factor: encodeId('factor', id), steps: stepsOf(tenant, window) };
}

const CREATE = (n: string) => `mutation { createGroup(input: { name: "g-${n}" }) { __typename } }`;
const mailed = { acr: 'pwd', amr: ['pwd', 'otp', 'email'] };

test('A12 an administrator is signed in by a mailed code, and is led to another factor to administrate', async () => {
  const tenant = await make.tenant();
  const { who, window, steps } = await withMailFactor(tenant, true);
  const { start, stepUp, give, giveMailed, giveApp } = steps;
  await start();
  expect(await give({ email: who.email, password: PASSWORD })).toMatchObject({
    step: 'MFA',
    methods: ['EMAIL'],
  });
  expect(await giveMailed(who)).toMatchObject({ step: 'DONE', session: mailed });
  expect((await window.gql(CREATE('a'))).code).toBe('STEP_UP_REQUIRED');
  await stepUp();
  expect(await give({ password: PASSWORD })).toMatchObject({ step: 'MFA', methods: ['EMAIL'] });
  const { step, enrolment } = await giveMailed(who);
  expect(step).toBe('ENROL');
  const secret = enrolment?.secret ?? '';
  expect(await giveApp(secret)).toMatchObject({ step: 'DONE', session: { acr: 'mfa' } });
  expect((await window.gql(CREATE('b'))).code).toBeUndefined();
  // From now on a mailed code is not offered where two factors are asked for, and not taken.
  await stepUp();
  expect(await give({ password: PASSWORD })).toMatchObject({
    step: 'MFA',
    methods: ['TOTP', 'BACKUP_CODE'],
  });
  expect(await give({ method: 'EMAIL', code: '123456' })).toMatchObject({ code: 'INVALID_CODE' });
  expect(await giveApp(secret)).toMatchObject({ step: 'DONE', session: { acr: 'mfa' } });
});

test('T06 the password alone adds no factor beside the mailed code', async () => {
  const tenant = await make.tenant();
  const { who, steps } = await withMailFactor(tenant, true);
  const { start, give } = steps;
  await start();
  await give({ email: who.email, password: PASSWORD });
  expect(await give({ code: '000000' })).toMatchObject({ code: 'INVALID_CODE' });
  expect(await give({})).toMatchObject({ step: 'MFA', enrolment: null });
});

test.each(['REQUIRED', 'REQUIRED_FOR_ADMINS'] as const)(
  'under %s a mailed code is enough for people, and not for administrators',
  async (mfa) => {
    const tenant = await make.tenant();
    await factorsOf(house, tenant).demand(mfa);
    const member = await withMailFactor(tenant, false);
    await member.steps.start();
    await member.steps.give({ email: member.who.email, password: PASSWORD });
    expect(await member.steps.giveMailed(member.who)).toMatchObject({
      step: 'DONE',
      session: mailed,
    });
    const admin = await withMailFactor(tenant, true);
    await admin.steps.start();
    await admin.steps.give({ email: admin.who.email, password: PASSWORD });
    const { step, enrolment } = await admin.steps.giveMailed(admin.who);
    expect(step).toBe('ENROL');
    const secret = enrolment?.secret ?? '';
    expect(await admin.steps.giveApp(secret)).toMatchObject({
      step: 'DONE',
      session: { acr: 'mfa' },
    });
    const again = stepsOf(tenant, browser(house));
    await again.start();
    const asked = await again.give({ email: admin.who.email, password: PASSWORD });
    expect(asked).toMatchObject({ step: 'MFA', methods: ['TOTP', 'BACKUP_CODE'] });
    const { as } = factorsOf(house, tenant);
    const [app] = (
      await admin.window.gql<{ viewer: { factors: { nodes: { id: string; kind: string }[] } } }>(
        '{ viewer { factors { nodes { id kind } } } }',
      )
    ).data.viewer.factors.nodes.filter(({ kind }) => kind === 'TOTP');
    const removing = call(await as(admin.who), removeFactor, { id: app?.id ?? '' });
    await expect(removing).rejects.toMatchObject({ code: 'FACTOR_REQUIRED' });
  },
);

test('B07 who has only a mailed code changes their factors by it, and never needs another to do so', async () => {
  const tenant = await make.tenant();
  const { who, factor, steps } = await withMailFactor(tenant, false);
  const { stepUp, start, give, giveMailed } = steps;
  const { as } = factorsOf(house, tenant);
  const pwd = await as(who, { signedIn: { acr: 'pwd', amr: ['pwd'] } });
  const regenerating = (ctx = pwd) => call(ctx, regenerateBackupCodes, {});
  await expect(regenerating()).rejects.toMatchObject({
    code: 'STEP_UP_REQUIRED',
    missing: { maxAge: 900 },
  });
  await start();
  await give({ email: who.email, password: PASSWORD });
  await giveMailed(who);
  await stepUp({});
  await give({ password: PASSWORD });
  expect(await giveMailed(who)).toMatchObject({ step: 'DONE', session: mailed });
  const shown = await as(who, { signedIn: { acr: 'pwd', amr: mailed.amr } });
  await expect(regenerating(shown)).rejects.toMatchObject({ code: 'NO_FACTOR' });
  await call(shown, removeFactor, { id: factor });
  const { addApp } = factorsOf(house, tenant);
  await addApp(pwd);
  await expect(regenerating(shown)).rejects.toMatchObject({ missing: { acr: 'mfa' } });
});

test('A12 B12 a mailbox alone comes to no backup codes, which would pass for two factors', async () => {
  const tenant = await make.tenant();
  const { who, window, steps } = await withMailFactor(tenant, true);
  await steps.start();
  await steps.give({ email: who.email, password: PASSWORD });
  expect(await steps.giveMailed(who)).toMatchObject({ step: 'DONE', session: mailed });
  const account = `/t/${tenant.slug}/account`;
  expect((await window.get(account)).text).not.toContain('value="codes"');
  const asked = await window.post(`${account}/factors`, { add: 'codes' });
  expect(asked.text).not.toContain('<li><code>');
  expect(asked.notice).toContain('Add an authenticator app or a passkey first');
  const stored = () =>
    rows(house, tenant.uuid, 'SELECT 1 FROM backup_codes WHERE user_id = $1', [who.uuid]);
  expect(await stored()).toEqual([]);
  // They come with the first factor that is more than the mailbox, and go with the last.
  const { as, addApp } = factorsOf(house, tenant);
  const app = await addApp(await as(who));
  expect(app.backupCodes).toHaveLength(10);
  await call(await as(who), removeFactor, { id: app.id });
  expect(await stored()).toEqual([]);
});

test('no backup codes come with a first factor by e-mail', async () => {
  const tenant = await make.tenant();
  const who = await person(house, make, tenant);
  const ctx = await factorsOf(house, tenant).as(who);
  const made = await call(ctx, enrolFactor, { kind: 'EMAIL', name: 'Mail' });
  const id = encodeId('factor', made.factorId);
  await call(ctx, sendFactorCode, { id });
  await nothingUnderWay(house);
  const letter = (await letters(house)).filter(({ to }) => to === who.email).at(-1);
  const code = /\b\d{6}\b/.exec(letter?.text ?? '')?.[0] ?? '';
  expect((await call(ctx, confirmFactor, { id, code })).backupCodes).toBeNull();
});
