/** X12, X13: two processes take what is good once, or what there may be five of, at the same time. */
import { expect, test } from 'vitest';
import { hashPassword } from '#features/passwords/password-hashes.ts';
import { DEFAULT_HASH_COST } from '#features/passwords/passwords.model.ts';
import { openDatabase } from '#kernel/db/database.ts';
import { type Browser, browser, type Page } from '../kit/browser.ts';
import { type MadeTenant, type MadeUser, makers, run } from '../kit/make.ts';
import { PASSWORD, signIn } from '../kit/people.ts';
import { totp } from '../kit/totp.ts';
import { report, scaled } from '../operations/faults.ts';
import { houseOf } from '../operations/server-process.ts';
import { newAddress, openPair } from './pair.ts';

const { home, first, second } = await openPair({ TRUSTED_PROXIES: '127.0.0.1/32' });
const [here, there] = [houseOf(first), houseOf(second)];
const make = makers(here);
const hash = await hashPassword(PASSWORD, DEFAULT_HASH_COST);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const db = await openDatabase(
  {
    databaseUrl: home.env.DATABASE_URL as string,
    dataDir: '',
    databasePoolSize: 2,
    databasePooling: 'session',
  },
  silent,
  { migrate: false },
);
const LIMIT = scaled(60_000, 2_700_000);

interface Who extends MadeUser {
  readonly password: string;
}

/** A user with a password, put there by hand: the servers are processes of their own. */
async function person(tenant: MadeTenant): Promise<Who> {
  const user = await make.user(tenant);
  await db.inTenant(tenant.uuid, () =>
    db.query(
      'INSERT INTO passwords (tenant_id, user_id, hash, set_at) VALUES ($1, $2, $3, now())',
      [tenant.uuid, user.uuid, hash],
    ),
  );
  return { ...user, password: PASSWORD };
}

const windows = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    browser(n % 2 === 0 ? here : there, new Map(), '', newAddress()),
  );
/** Whoever is sent away because too many wait for a hash comes again. */
async function comeIn(window: Browser, tenant: MadeTenant, who: Who): Promise<Page> {
  const page = await signIn(window, tenant, who);
  return page.status === 503 ? comeIn(window, tenant, who) : page;
}

const isIn = async (window: Browser) =>
  (await window.gql('{ viewer { session { id } } }')).status === 200;

test(
  'C08 X12 of fifty sign-ins at once exactly five stay',
  async ({ task }) => {
    const tenant = await make.tenant();
    await run(tenant, 'updateSignInPolicy', 'signInPolicy { version }', { maxSessions: 5 });
    const users = scaled(2, 50);
    for (let n = 0; n < users; n += 1) {
      const who = await person(tenant);
      const all = windows(50);
      const pages = await Promise.all(all.map((window) => comeIn(window, tenant, who)));
      expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 303));
      const live = await Promise.all(all.map(isIn));
      expect(live.filter(Boolean)).toHaveLength(5);
    }
    report(task, 'X12', { users, 'sign-ins each': 50, 'sessions each': 5 });
  },
  LIMIT,
);

interface Enrolled {
  /** base32 */
  readonly secret: string;
  readonly backupCode: string;
}

/** Signs in where a second factor is asked for, and sets one up. */
async function enrol(tenant: MadeTenant, who: Who): Promise<Enrolled> {
  const window = browser(here, new Map(), '', newAddress());
  const page = await signIn(window, tenant, who);
  const secret = /<code>([A-Z2-7]+)<\/code>/.exec(page.text)?.[1];
  if (!secret) throw new Error(`no secret to set up: ${page.text}`);
  const done = await window.post(`/t/${tenant.slug}/login`, {
    enrolling: 'yes',
    code: totp(secret, Date.now()),
  });
  const backupCode = /<code>([0-9a-z]{5}-[0-9a-z]{5})<\/code>/.exec(done.text)?.[1];
  if (!backupCode) throw new Error(`no backup codes: ${done.text}`);
  return { secret, backupCode };
}

/** One of them is let in by this code; answers the others. */
async function race(
  all: readonly Browser[],
  tenant: MadeTenant,
  code: string,
): Promise<readonly Browser[]> {
  const path = `/t/${tenant.slug}/login`;
  const pages = await Promise.all(all.map((window) => window.post(path, { code })));
  const statuses = pages.map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([303, ...Array(19).fill(401)]);
  return all.filter((_, n) => statuses[n] !== 303);
}

test(
  'B01 X13 one code of an authenticator app or of paper lets one of twenty sign-ins pass',
  async ({ task }) => {
    const tenant = await make.tenant();
    await run(tenant, 'updateSignInPolicy', 'signInPolicy { version }', { mfa: 'REQUIRED' });
    const rounds = scaled(3, 500);
    for (let n = 0; n < rounds; n += 1) {
      const who = await person(tenant);
      const { secret, backupCode } = await enrol(tenant, who);
      const all = windows(21);
      const asked = await Promise.all(all.map((window) => comeIn(window, tenant, who)));
      expect(asked.every(({ text }) => text.includes('name="code"'))).toBe(true);
      const rest = await race(all.slice(0, 20), tenant, totp(secret, Date.now(), 1));
      await race([...rest, ...all.slice(20)], tenant, backupCode);
    }
    report(task, 'X13', { races: 2 * rounds, 'at once': 20, 'successes each': 1 });
  },
  LIMIT,
);

test(
  'B04 T07 of fifty answers to one sign-in at most ten are looked at',
  async ({ task }) => {
    const tenant = await make.tenant();
    await run(tenant, 'updateSignInPolicy', 'signInPolicy { version }', { mfa: 'REQUIRED' });
    const who = await person(tenant);
    const { secret } = await enrol(tenant, who);
    const window = browser(here, new Map(), '', newAddress());
    await signIn(window, tenant, who);
    const path = `/t/${tenant.slug}/login`;
    const right = totp(secret, Date.now(), 1);
    const wrong = Array.from({ length: 50 }, (_, n) =>
      `${(Number(right) + n + 1) % 1_000_000}`.padStart(6, '0'),
    );
    const answers = await Promise.all(
      wrong.map((code, n) => window.at(n % 2 ? here : there).post(path, { code })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    // Had one been left, the right one would pass now.
    expect((await window.post(path, { code: right })).status).toBe(401);
    const [flow] = await db.inTenant(tenant.uuid, () =>
      db.query<{ guesses: number }>(
        'SELECT guesses FROM sign_in_flows WHERE user_id = $1 AND ended_at IS NULL',
        [who.uuid],
      ),
    );
    expect(flow?.guesses).toBe(10);
    report(task, 'T07', { answers: 50, evaluated: flow?.guesses ?? 0 });
  },
  LIMIT,
);
