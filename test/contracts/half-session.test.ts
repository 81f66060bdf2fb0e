/**
 * B08, T06: who has shown a password and owes a second factor, or a new password, is nobody yet.
 * Everything of the schema is asked with what such a browser holds; only the step that is owed answers.
 */
import { expect, test } from 'vitest';
import { type Browser, browser, type Page } from '../kit/browser.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person, signIn } from '../kit/people.ts';
import { asOwner } from '../kit/stored.ts';
import { totp } from '../kit/totp.ts';
import { send } from '../kit/wire.ts';
import { fieldDocuments } from './fields.ts';
import { furnish } from './fixtures.ts';
import { operationCases, requestOf } from './routes.ts';

const house = await openHouse();
const make = makers(house);
const { tenant, ids } = await furnish(make, 'half-mark');
await run(tenant, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'REQUIRED' });
const { as, addApp } = factorsOf(house, tenant);

interface Half {
  readonly window: Browser;
  readonly page: Page;
  /** The token of the sign-in that is under way. */
  readonly flow: string;
}

/** An owner who stopped at this step, so that nothing but the step stands between them and everything. */
async function stoppedAt(step: 'ENROL' | 'MFA' | 'CHANGE_PASSWORD'): Promise<Half> {
  const ada = await person(house, make, tenant);
  await make.assign(tenant, await make.builtIn(tenant, 'owner'), ada);
  const app = step === 'ENROL' ? null : await addApp(await as(ada));
  const mustChange = `UPDATE passwords SET must_change = true WHERE user_id = '${ada.uuid}'`;
  if (step === 'CHANGE_PASSWORD') await asOwner(house, tenant.uuid, mustChange);
  const window = browser(house);
  let page = await signIn(window, tenant, ada);
  if (app && step === 'CHANGE_PASSWORD') {
    const code = totp(app.secret, house.clock.ms(), 1);
    page = await window.post(`/t/${tenant.slug}/login`, { code });
  }
  return { window, page, flow: window.cookies.get(`__Host-flow-${tenant.slug}`) as string };
}

const HALVES = {
  ENROL: await stoppedAt('ENROL'),
  MFA: await stoppedAt('MFA'),
  CHANGE_PASSWORD: await stoppedAt('CHANGE_PASSWORD'),
} as const;
const SHOWN = {
  ENROL: ['Set up an authenticator app', 'name="enrolling"'],
  MFA: ['Confirm that it is you', 'name="code"'],
  CHANGE_PASSWORD: ['Change your password', 'name="newPassword"'],
} as const;
const STEPS = Object.keys(HALVES) as (keyof typeof HALVES)[];

type Headers = Readonly<Record<string, string>>;

/** What the browser holds, as it holds it, and put where a whole session's token would be. */
const credentialsOf = ({ window, flow }: Half): Readonly<Record<string, Headers>> => ({
  'its own cookies': {
    cookie: [...window.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    'x-signet-csrf': '1',
  },
  'the flow as a session': {
    cookie: `__Host-s-${tenant.slug}=${flow}`,
    'x-signet-csrf': '1',
  },
  'the flow as a token': { authorization: `Bearer ${flow}` },
});

/** Step, name, headers. */
const CREDENTIALS = STEPS.flatMap((step) =>
  Object.entries(credentialsOf(HALVES[step])).map(([name, headers]): [string, string, Headers] => [
    step,
    name,
    headers,
  ]),
);

const accepting = (kind: string): Record<string, string> =>
  kind === 'subscription' ? { accept: 'text/event-stream' } : {};

test.each(STEPS)('at %s it is half a session', (step) => {
  const { window, page, flow } = HALVES[step];
  expect(page.status).toBe(200);
  for (const text of SHOWN[step]) expect(page.text).toContain(text);
  expect(flow).toMatch(/^[\w-]{43}$/);
  expect([...window.cookies.keys()]).not.toContain(`__Host-s-${tenant.slug}`);
});

test.each(CREDENTIALS)('B08 T06 at %s every field refuses %s', async (_step, _name, headers) => {
  const wrong: string[] = [];
  for (const field of fieldDocuments()) {
    if (field.audience === 'public') continue;
    const { text } = await send(house.url, {
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json', ...accepting(field.kind), ...headers },
      body: JSON.stringify({ query: field.document, variables: field.variables(ids) }),
    });
    if (!text.includes('"UNAUTHENTICATED"')) wrong.push(`${field.name}: ${text.slice(0, 200)}`);
  }
  expect(wrong).toEqual([]);
});

test.each(CREDENTIALS)('B08 T06 at %s every route refuses %s', async (_step, _name, headers) => {
  const wrong: string[] = [];
  for (const one of operationCases()) {
    if (!one.route || one.platformOnly || one.audience === 'public') continue;
    const { method, path, body, headers: own } = requestOf(one.route, one.variables(ids));
    const { status, text } = await send(house.url, {
      method,
      path,
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...own, ...headers },
      body: body ? JSON.stringify(body) : null,
    });
    if (status !== 401) wrong.push(`${method} ${path}: ${status} ${text.slice(0, 200)}`);
  }
  expect(wrong).toEqual([]);
});

test.each(STEPS)('B08 the pages ask whoever stands at %s to sign in', async (step) => {
  const { window } = HALVES[step];
  for (const path of ['account', 'account/profile', 'account/email', 'account/password', 'mfa']) {
    const page = await window.get(`/t/${tenant.slug}/${path}`);
    expect([path, page.status, page.location]).toEqual([path, 303, `/t/${tenant.slug}/login`]);
  }
  expect(
    (await window.post(`/t/${tenant.slug}/session/refresh`, {}, { 'x-signet-csrf': '1' })).status,
  ).toBe(401);
});
