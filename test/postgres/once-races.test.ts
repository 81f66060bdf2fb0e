/**
 * A15, B01, T08, T30, X13: what people hold in their hands (a link in a mail, a code, the challenge
 * of a passkey) is good once, also when two processes are handed it by twenty requests at a time.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { Authenticator } from '../kit/authenticator.ts';
import { browser } from '../kit/browser.ts';
import { PUBLIC_URL } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { PASSWORD } from '../kit/people.ts';
import { until } from '../kit/until.ts';
import { report, scaled } from '../operations/faults.ts';
import { houseOf } from '../operations/server-process.ts';
import { newAddress, openPair } from './pair.ts';

const { home, first, second } = await openPair({ PUBLIC_URL, TRUSTED_PROXIES: '127.0.0.1/32' });
const [here, there] = [houseOf(first), houseOf(second)];
const make = makers(here);
const ROUNDS = scaled(5, 500);
/** So many people wait for their mail at a time: it is sent by jobs. */
const GROUP = 50;
const LIMIT = scaled(120_000, 1_800_000);
const NEXT = 'a wholly different phrase';

interface Answer {
  readonly __typename: string;
  readonly code?: string;
  readonly step?: string;
  readonly flow?: string | null;
  readonly passkeyOptions?: never;
  readonly factorId?: string;
  readonly creationOptions?: never;
}

let asked = 0;

/** Every request comes from an address of its own, as those of a botnet do. */
async function ask(
  name: string,
  input: object,
  selection = '',
  window = browser(asked % 2 ? here : there),
): Promise<Answer> {
  asked += 1;
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const { data, code } = await window.gql<Record<string, Answer> | null>(
    `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Success { ${selection || '__typename'} } ... on Error { code } } }`,
    { input },
    newAddress(),
  );
  return data?.[name] ?? { __typename: '', code: code ?? '' };
}

/**
 * Twenty at once, ten at each process: one is answered `won`, the others one of `lost`, or are sent away
 * where too many wait for a hash.
 */
async function race(won: string, lost: string[], once: () => Promise<Answer>): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 20 }, once));
  const said = answers.map(({ __typename, code, step }) => code ?? step ?? __typename);
  expect(said.filter((answer) => answer === won)).toHaveLength(1);
  expect([won, ...lost, 'UNAVAILABLE']).toEqual(expect.arrayContaining(said));
}

async function letters(): Promise<Map<string, string>> {
  const folder = join(home.env.DATA_DIR, 'mail');
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.eml'));
  const found = new Map<string, string>();
  for (const file of files.sort()) {
    const raw = await readFile(join(folder, file));
    const to = /^To: (.*?)\r$/m.exec(raw.toString())?.[1] ?? '';
    found.set(to, (await simpleParser(raw)).text ?? '');
  }
  return found;
}

/** Rounds in groups: what each person was sent, and then the race for it. */
async function rounds(
  prepare: (n: number) => Promise<string>,
  wanted: RegExp,
  round: (email: string, found: string) => Promise<void>,
): Promise<void> {
  for (let done = 0; done < ROUNDS; done += GROUP) {
    const group = Array.from({ length: Math.min(GROUP, ROUNDS - done) }, (_, n) => done + n);
    const people: string[] = [];
    for (const n of group) people.push(await prepare(n));
    const mail = await until(
      async () => {
        const got = await letters();
        return people.every((email) => wanted.test(got.get(email) ?? '')) && got;
      },
      { timeout: 60_000, what: 'mail for everybody' },
    );
    for (const email of people) await round(email, wanted.exec(mail.get(email) ?? '')?.[1] ?? '');
  }
}

test(
  'A15 X13 T30 an invitation is accepted once',
  async ({ task }) => {
    const tenant = await make.tenant();
    const prepare = async (n: number) => {
      const email = `invited-${n}@${tenant.slug}.example.com`;
      await run(tenant, 'inviteUser', 'user { id }', { email });
      return email;
    };
    await rounds(prepare, /invitation\?token=([\w-]+)/, async (_, token) => {
      const input = { tenant: tenant.slug, token, newPassword: NEXT };
      await race('AcceptInvitationSuccess', ['LINK_NOT_VALID'], () =>
        ask('acceptInvitation', input),
      );
    });
    report(task, 'X13 invitations', { races: ROUNDS, 'at once': 20, 'successes each': 1 });
  },
  LIMIT,
);

/** Somebody with a password, who was invited; answers their id. */
async function invited(tenant: MadeTenant, email: string): Promise<string> {
  const { user } = await run<{ user: { id: string } }>(tenant, 'createUser', 'user { id }', {
    email,
  });
  return user.id;
}

test(
  'A15 X13 T30 a link to a new password is good for one',
  async ({ task }) => {
    const tenant = await make.tenant();
    const prepare = async (n: number) => {
      const email = `forgot-${n}@${tenant.slug}.example.com`;
      const id = await invited(tenant, email);
      await run(tenant, 'requirePasswordReset', 'linkSent', { id });
      return email;
    };
    await rounds(prepare, /reset\?token=([\w-]+)/, async (_, token) => {
      const input = { tenant: tenant.slug, token, newPassword: NEXT };
      await race('ResetPasswordSuccess', ['LINK_NOT_VALID'], () => ask('resetPassword', input));
    });
    report(task, 'X13 reset links', { races: ROUNDS, 'at once': 20, 'successes each': 1 });
  },
  LIMIT,
);

test(
  'B01 B09 X13 the challenge of a passkey lets one of twenty answers in',
  async ({ task }) => {
    const tenant = await make.tenant();
    const device = await withPasskey(tenant);
    for (let n = 0; n < ROUNDS; n += 1) {
      const started = await ask('startSignIn', { tenant: tenant.slug }, 'flow passkeyOptions');
      const passkey = device.get(started.passkeyOptions ?? (undefined as never));
      const input = { tenant: tenant.slug, flow: started.flow, passkey };
      await race('DONE', ['INVALID_CODE', 'SIGN_IN_EXPIRED'], () =>
        ask('submitSignInStep', input, 'step'),
      );
    }
    report(task, 'X13 passkey challenges', { races: ROUNDS, 'at once': 20, 'successes each': 1 });
  },
  LIMIT,
);

/** Signs somebody in by password and registers a passkey of theirs; answers their device. */
async function withPasskey(tenant: MadeTenant): Promise<Authenticator> {
  const email = `owner@${tenant.slug}.example.com`;
  await run(tenant, 'inviteUser', 'user { id }', { email });
  const mail = await until(async () => (await letters()).get(email), { what: 'the invitation' });
  const token = /invitation\?token=([\w-]+)/.exec(mail)?.[1] ?? '';
  await ask('acceptInvitation', { tenant: tenant.slug, token, newPassword: PASSWORD });
  const window = browser(here);
  const { flow } = await ask('startSignIn', { tenant: tenant.slug }, 'flow', window);
  const shown = { tenant: tenant.slug, flow, email, password: PASSWORD };
  expect((await ask('submitSignInStep', shown, 'step', window)).step).toBe('DONE');
  const device = new Authenticator(PUBLIC_URL, { synced: true });
  const wish = { kind: 'PASSKEY', name: 'Key' };
  const made = await ask('enrolFactor', wish, 'factorId creationOptions', window);
  const credential = device.create(made.creationOptions ?? (undefined as never));
  const kept = await ask('confirmFactor', { id: made.factorId, credential }, '', window);
  expect(kept.__typename).toBe('ConfirmFactorSuccess');
  return device;
}
