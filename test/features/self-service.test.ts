/** Self-service by the API: what links lead to, and who hears of it (A05, A06, A13-A17). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Caller } from '../kit/as.ts';
import { browser } from '../kit/browser.ts';
import { factorsOf } from '../kit/factors.ts';
import { lettersTo, letterTo, nothingUnderWay } from '../kit/mailbox.ts';
import { run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { PASSWORD, person, signedIn, signIn } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';
import { totp } from '../kit/totp.ts';
import { NEXT, openSelfService } from './self-served.ts';

const { house, make, acme, stranger, openTenant, ask, reset, accept, canSignIn, ...served } =
  await openSelfService();
const { resetToken, invited } = served;

/** From the top of every list of leaked passwords. */
const COMMON =
  '123456 password qwerty iloveyou 12345678 football monkey dragon letmein sunshine princess welcome shadow superman michael master jordan harley ranger trustno1'.split(
    ' ',
  );

test('A05 common passwords are refused at reset, invitation and change; the link stays good', async () => {
  const ada = await person(house, make, acme);
  const token = await resetToken(ada.email);
  const bob = await invited('bob@example.com');
  const window = await signedIn(house, acme, ada);
  const change = { gql: window.gql } as unknown as Caller;
  for (const newPassword of COMMON) {
    const answers = [
      await reset(token, newPassword),
      await accept(bob.token, newPassword),
      await mutate(change, 'changePassword', { currentPassword: PASSWORD, newPassword }),
    ];
    for (const { code, fields } of answers) {
      expect([newPassword, code]).toEqual([newPassword, 'INVALID_INPUT']);
      expect(fields?.map(({ path }) => path)).toContain('newPassword');
      expect(fields?.map(({ message }) => message).join()).toContain('common');
    }
  }
  expect((await reset(token)).code).toBeUndefined();
  expect((await accept(bob.token)).code).toBeUndefined();
});

test('A06 a new password holds none of the names of its owner', async () => {
  const { token } = await invited('bartholomew@example.com');
  const answer = await accept(token, 'Bartholomew Acme 1');
  expect(answer.fields?.[0]?.message).toContain('names');
});

test('A13 answers are the same, and what is asked stands in no queue as text', async () => {
  const ada = await person(house, make, acme);
  const unknown = 'unheard-of@example.com';
  for (const mutation of ['requestPasswordReset', 'register']) {
    const answers = [];
    for (const email of [ada.email, unknown]) {
      const { status, text } = await stranger.gql(
        `mutation($i: ${mutation === 'register' ? 'RegisterInput' : 'RequestPasswordResetInput'}!) {
          ${mutation}(input: $i) { __typename ... on Error { code } } }`,
        { i: { tenant: acme.slug, email } },
      );
      answers.push([status, text]);
    }
    expect(answers[0]).toEqual(answers[1]);
  }
  const orders = await house.services.db.query<{ line: string }>(
    'SELECT row_to_json(j)::text AS line FROM pgboss.job j',
  );
  expect(orders.length).toBeGreaterThan(3);
  for (const { line } of orders) expect(line).not.toMatch(/unheard-of|user-\d+@/);
  expect(house.log.join()).not.toContain(unknown);
});

test('A14 both addresses hear of a change, and the new one is asked to confirm', async () => {
  const ada = await person(house, make, acme);
  const email = `new-${ada.email}`;
  await run(acme, 'updateUser', 'user { id }', { id: ada.id, email: ada.email.toUpperCase() });
  expect(await lettersTo(house, ada.email)).toEqual([]);
  await run(acme, 'updateUser', 'user { id }', { id: ada.id, email });
  const subjects = async (address: string) =>
    (await lettersTo(house, address)).map(({ subject }) => subject).sort();
  const changed = 'The e-mail address of your account at Acme was changed';
  expect(await subjects(ada.email)).toEqual([changed]);
  expect(await subjects(email)).toEqual(['Confirm your e-mail address for Acme', changed]);
  const { token } = await letterTo(house, email, 'Confirm');
  const { code, ...verified } = await mutate(
    stranger,
    'verifyEmail',
    { tenant: acme.slug, token },
    'email',
  );
  expect([code, verified]).toEqual([undefined, { email }]);
  const window = await signedIn(house, acme, { ...ada, email });
  const change = { gql: window.gql } as unknown as Caller;
  const input = { currentPassword: PASSWORD, newPassword: NEXT };
  expect((await mutate(change, 'changePassword', input)).code).toBeUndefined();
  expect(await subjects(email)).toContain('Your password for Acme was changed');
});

test('A15 X13 a link is good once, also when 20 come together, and half an hour', async () => {
  const ada = await person(house, make, acme);
  const token = await resetToken(ada.email);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => reset(token, `${NEXT} ${n}`)),
  );
  const codes = answers.map(({ code }) => code ?? 'OK').sort();
  // Hashing is bounded: some may not have come that far.
  expect(codes.filter((code) => code === 'OK')).toHaveLength(1);
  expect(new Set(codes)).toEqual(new Set(['LINK_NOT_VALID', 'OK']));
  const eve = await person(house, make, acme);
  const late = await resetToken(eve.email);
  house.clock.advance(30 * 60_000);
  expect((await reset(late)).code).toBe('LINK_NOT_VALID');
  expect(await canSignIn(eve.email, PASSWORD)).toBe(true);
});

test('A16 a reset leaves second factors as they were, and asks for them', async () => {
  const ada = await person(house, make, acme);
  const own = factorsOf(house, acme);
  const { secret } = await own.addApp(await own.as(ada));
  const text = 'SELECT to_jsonb(f) AS line FROM factors f WHERE user_id = $1';
  const before = await rows(house, acme.uuid, text, [ada.uuid]);
  expect((await reset(await resetToken(ada.email))).code).toBeUndefined();
  expect(await rows(house, acme.uuid, text, [ada.uuid])).toEqual(before);
  const window = browser(house);
  const page = await signIn(window, acme, { email: ada.email, password: NEXT });
  expect(page.status).toBe(200);
  expect(window.cookies.has(`__Host-s-${acme.slug}`)).toBe(false);
  house.clock.advance(60_000);
  const done = await window.post(`/t/${acme.slug}/login`, {
    code: totp(secret, house.clock.ms()),
  });
  expect(done.status).toBe(303);
});

test('A17 an administrator takes a password away and cannot choose another', async () => {
  const ada = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  const answer = await mutate(
    acme,
    'requirePasswordReset',
    { id: ada.id },
    'linkSent endedSessions',
  );
  expect(answer).toEqual({ linkSent: true, endedSessions: 1 });
  expect(await canSignIn(ada.email, PASSWORD)).toBe(false);
  expect((await window.get(`/t/${acme.slug}/account`)).location).toBe(`/t/${acme.slug}/login`);
  const { token } = await letterTo(house, ada.email, 'Choose a new password');
  expect((await reset(token)).code).toBeUndefined();
  expect(await canSignIn(ada.email, NEXT)).toBe(true);
  const sdl = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
  const takers = [...sdl.matchAll(/input (\w+) \{[^}]*\b(?:newP|p)assword: /g)].map(
    ([, name]) => name,
  );
  expect(takers.sort()).toEqual([
    'AcceptInvitationInput',
    'ChangePasswordInput',
    'ResetPasswordInput',
    'SubmitSignInStepInput',
  ]);
});

test('K02 each flow leaves its event, by whom it was and about whom', async () => {
  const tenant = await openTenant('Log');
  const ada = await person(house, make, tenant);
  const token = await resetToken(ada.email, tenant);
  await reset(token, NEXT, tenant);
  await reset(token, NEXT, tenant);
  await ask('register', { email: ada.email }, tenant);
  await ask('register', { email: 'new@example.com' }, tenant);
  await nothingUnderWay(house);
  await house.services.refusals.flush();
  const { data } = await tenant.gql<{ auditEvents: { nodes: Event[] } }>(
    '{ auditEvents(first: 100) { nodes { type result reason actor { kind id } targets { id } } } }',
  );
  const event = (type: string, result: string) =>
    data?.auditEvents.nodes.find((one) => one.type === type && one.result === result);
  const targets = [{ id: ada.id }];
  const nobody = { kind: 'anonymous', id: null };
  expect(event('password.request-reset', 'SUCCESS')).toMatchObject({ actor: nobody, targets });
  expect(event('password.reset', 'SUCCESS')).toMatchObject({
    actor: { kind: 'user', id: ada.id },
    targets,
  });
  expect(event('password.reset', 'REFUSED')).toMatchObject({ reason: 'LINK_NOT_VALID' });
  expect(event('user.register', 'REFUSED')).toMatchObject({ reason: 'EMAIL_TAKEN', targets });
  expect(event('user.register', 'SUCCESS')).toMatchObject({ actor: nobody });
  expect(event('user.create', 'SUCCESS')).toBeDefined();
  expect(JSON.stringify(data)).not.toContain('@');
});

interface Event {
  readonly type: string;
  readonly result: string;
  readonly reason: string | null;
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly targets: readonly { readonly id: string }[];
}
