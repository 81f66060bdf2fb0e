/**
 * Bad input, whatever it is: a clear error with a stable code and the right status, nothing stored,
 * nothing of our inside told, and the server goes on.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callerOf, operator } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { send, type WireAnswer } from '../kit/wire.ts';
import { furnish, missingIds } from './fixtures.ts';
import { type Hostile, many } from './hostile.ts';
import { hostileDocuments } from './hostile-documents.ts';
import { hostileHttp } from './hostile-http.ts';
import { hostileRest } from './hostile-rest.ts';
import { createUser, hostileValues } from './hostile-values.ts';
import { type StoredState, storedState } from './stored-state.ts';

const house = await openHouse();
const production = await openHouse({ env: { NODE_ENV: 'production', HOST: '127.0.0.1' } });
const make = makers(house);
const acme = await furnish(make, 'acme-mark');
const list = await acme.tenant.gql<{ users: { edges: { cursor: string }[] } }>(
  '{ users { edges { cursor } } }',
);
const cursor = list.data?.users.edges[0]?.cursor ?? '';

let before: StoredState;
beforeAll(async () => {
  before = await storedState(house, [acme.tenant.uuid]);
});
afterAll(async () => {
  expect(await storedState(house, [acme.tenant.uuid])).toEqual(before);
  // What a client does wrong is no fault of ours to wake anybody for.
  const faults = house.log.filter((line) => /"level":"(error|fatal)"/.test(line));
  expect(faults.map((line) => line.slice(0, 300))).toEqual([]);
});

/** Stacks, paths, statements, names of our libraries and of what is stored. */
const INSIDE =
  /node_modules|\/src\/|\.ts:\d|\bat \w+ \(|prisma|pglite|postgres|\bSELECT\b|\bINSERT INTO\b|violates|relation "|tenant_id|signet_app|TypeError|undefined|invalid byte/i;

const catalogue = JSON.parse(
  readFileSync(new URL('../../schema/errors.json', import.meta.url), 'utf8'),
) as Record<string, object>;

async function expectRefusal(request: Hostile, headers: Record<string, string>): Promise<void> {
  const { method, path, body, status, code } = request;
  const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const answer = await send(house.url, {
    method,
    path,
    headers: { ...headers, ...request.headers },
    body: raw ? ((body as string | Buffer | undefined) ?? null) : JSON.stringify(body),
  });
  const told = codeOf(answer);
  expect(answer.status, answer.text.slice(0, 300)).toBe(status);
  expect([code].flat(), answer.text.slice(0, 300)).toContain(told);
  expect(Object.keys(catalogue)).toContain(told);
  expect(answer.text).not.toMatch(INSIDE);
  expect(answer.text.length).toBeLessThan(4_000);
  expect(answer.headers['x-request-id']).toMatch(/^req_/);
  expect(answer.text).not.toContain('"requestId":""');
}

function codeOf({ text }: WireAnswer): string | undefined {
  return /"code":"([A-Z_]+)"/.exec(text)?.[1];
}

const authorization = `Bearer ${acme.tenant.secret}`;

describe('GraphQL', () => {
  const requests = [...hostileHttp, ...hostileDocuments, ...hostileValues(acme.ids, cursor)];
  test.each(requests)('$name', (request) =>
    expectRefusal(request, {
      authorization,
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
    }),
  );
});

describe('REST', () => {
  test.each(hostileRest(acme.ids, cursor))('$name', (request) =>
    expectRefusal(request, {
      authorization,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    }),
  );
});

describe('half of a character, which no database keeps', () => {
  const scopes = ['users:read'];
  const halves: readonly (readonly [path: string, body: object])[] = [
    ['/graphql', createUser({ email: 'half@example.com', displayName: 'HALF' })],
    ['/graphql', createUser({ email: 'HALF@example.com' })],
    ['/graphql', createUser({ email: 'half@example.com', attributes: { a: 'HALF' } })],
    ['/v1/users', { email: 'half@example.com', familyName: 'HALF' }],
    ['/v1/groups', { name: 'HALF' }],
    ['/v1/groups', { name: 'half', description: 'HALF' }],
    ['/v1/roles', { name: 'HALF', scopes }],
    ['/v1/api-keys', { name: 'HALF', scopes }],
  ];
  test.each(halves)('%s %#', async (path, body) => {
    const answer = await send(house.url, {
      method: 'POST',
      path,
      headers: { authorization, 'content-type': 'application/json' },
      // JSON.stringify would never write it.
      body: JSON.stringify(body).replace('HALF', 'a\\ud800b'),
    });
    // Malformed JSON (RFC 7493 section 2.1) or a field that is not acceptable.
    expect(answer.text).toMatch(/"code":"(BAD_REQUEST|INVALID_INPUT)"/);
  });
});

test('D05 a tenant that is not there', async () => {
  const nowhere = operator(house, missingIds().tenant);
  const asked = await nowhere.gql('{ tenant { id } }');
  expect([asked.status, asked.code]).toEqual([404, 'NOT_FOUND']);
  const routed = await nowhere.rest<{ code: string }>('GET', '/v1/users');
  expect([routed.status, routed.body.code]).toEqual([404, 'NOT_FOUND']);
});

test('I12 a document that is refused is an error also for who reads application/json', async () => {
  const query = `{ ${many(100, (n) => `a${n}: viewer { scopes }`)} }`;
  const answer = await acme.tenant.gql(query, {}, { accept: 'application/json' });
  expect(answer.data ?? null).toBeNull();
  expect(answer.code).toMatch(/^(TOO_COSTLY|GRAPHQL_VALIDATION_FAILED)$/);
});

describe('in production', () => {
  const stranger = callerOf(production, { secret: null, door: 'public' });

  test('I05 a stranger learns no names from mistakes', async () => {
    for (const query of [
      '{ user { id } }',
      '{ viewr { scopes } }',
      '{ users(fist: 1) { nodes { id } } }',
      'mutation { createUsers { id } }',
    ]) {
      const answer = await stranger.gql(query);
      expect(answer.text).not.toMatch(/did you mean/i);
      expect(answer.text).not.toMatch(/"(viewer|users|createUser)"/);
    }
  });

  test('I05 a stranger cannot read the schema', async () => {
    for (const query of [
      '{ __schema { types { name } } }',
      '{ __type(name: "User") { fields { name } } }',
      '{ ... on Query { __schema { queryType { name } } } }',
      '{ viewer { __typename } a: __schema { types { name } } }',
    ]) {
      const answer = await stranger.gql(query);
      expect([query, answer.data ?? null]).toEqual([query, null]);
      expect(answer.text).not.toContain('ApiKey');
    }
  });

  test('I05 whoever has a credential can', async () => {
    const tenant = await makers(production).tenant();
    const answer = await tenant.gql('{ __schema { queryType { name } } }');
    expect(answer.data).toEqual({ __schema: { queryType: { name: 'Query' } } });
  });

  test('I05 there is no GraphiQL', async () => {
    const answer = await send(production.url, {
      path: '/graphql',
      headers: { accept: 'text/html' },
    });
    expect(answer.text).not.toMatch(/graphiql/i);
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});
