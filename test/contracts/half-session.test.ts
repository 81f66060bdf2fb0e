/**
 * B08, T06: who has shown a password and owes a second factor is nobody yet. Everything of the schema
 * is asked with what such a browser holds; only the step that is owed answers.
 */
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person, signIn } from '../kit/people.ts';
import { send } from '../kit/wire.ts';
import { fieldDocuments } from './fields.ts';
import { furnish } from './fixtures.ts';
import { operationCases, requestOf } from './routes.ts';

const house = await openHouse();
const make = makers(house);
const { tenant, ids } = await furnish(make, 'half-mark');
await run(tenant, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'REQUIRED' });
const ada = await person(house, make, tenant);
await make.assign(tenant, await make.builtIn(tenant, 'owner'), ada);

const window = browser(house);
const asked = await signIn(window, tenant, ada);
const flow = window.cookies.get(`__Host-flow-${tenant.slug}`) as string;

/** What the browser holds, as it holds it, and put where a whole session's token would be. */
const CREDENTIALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'its own cookies': {
    cookie: [...window.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    'x-signet-csrf': '1',
  },
  'the flow as a session': {
    cookie: `__Host-s-${tenant.slug}=${flow}`,
    'x-signet-csrf': '1',
  },
  'the flow as a token': { authorization: `Bearer ${flow}` },
};

const accepting = (kind: string): Record<string, string> =>
  kind === 'subscription' ? { accept: 'text/event-stream' } : {};

test('it is half a session', () => {
  expect(asked.status).toBe(200);
  expect(asked.text).toContain('name="code"');
  expect(flow).toMatch(/^[\w-]{43}$/);
  expect([...window.cookies.keys()]).not.toContain(`__Host-s-${tenant.slug}`);
});

test.each(Object.entries(CREDENTIALS))('B08 T06 every field refuses %s', async (_name, headers) => {
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

test.each(Object.entries(CREDENTIALS))('B08 T06 every route refuses %s', async (_name, headers) => {
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

test('B08 the pages ask it to sign in', async () => {
  const page = await window.get(`/t/${tenant.slug}/account`);
  expect([page.status, page.location]).toEqual([303, `/t/${tenant.slug}/login`]);
  expect(
    (await window.post(`/t/${tenant.slug}/session/refresh`, {}, { 'x-signet-csrf': '1' })).status,
  ).toBe(401);
});
