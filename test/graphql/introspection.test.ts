/** What strangers learn: nothing of the schema in production, no internals ever (I05, T25, H04, A11). */
import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { loadConfig } from '#kernel/config.ts';
import { createLog } from '#kernel/log.ts';
import { ensureSecrets } from '#kernel/secrets.ts';
import { start } from '../../src/app/start.ts';
import { anonymous, type Caller, callerOf } from '../kit/as.ts';
import { createHome } from '../kit/homes.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { subscribe } from '../kit/sse.ts';
import { send } from '../kit/wire.ts';

const production = await openHouse({ env: { NODE_ENV: 'production' } });
const development = await openHouse({
  env: { NODE_ENV: 'development', PUBLIC_URL: 'http://localhost:4000' },
});
const acme = await makers(production).tenant();
const stranger = anonymous(production);

const QUESTIONS = [
  getIntrospectionQuery(),
  '{ __schema { types { name } } }',
  '{ __type(name: "User") { fields { name } } }',
  '{ __typename x: __schema { queryType { name } } }',
  '{ ... { ... { __type(name: "Query") { name } } } }',
  '{ ... on Query { __schema { queryType { name } } } }',
  '{ ...f } fragment f on Query { __schema { queryType { name } } }',
  'query ($yes: Boolean = false) { __schema @include(if: $yes) { queryType { name } } }',
  'mutation { __schema { queryType { name } } }',
];

test('I05 T25 in production the schema is for callers only, however it is asked for', async () => {
  for (const document of QUESTIONS) {
    const answer = await stranger.gql(document);
    expect([document, answer.data]).toEqual([document, undefined]);
    expect(answer.text).not.toContain('"Query"');
    const stream = await subscribe(production, stranger, document);
    await stream.ended();
    expect(stream.received).toEqual([]);
    const get = await stranger.rest('GET', `/graphql?query=${encodeURIComponent(document)}`);
    expect(get.text).not.toMatch(/"data":\{|"Query"/);
  }
  expect((await stranger.gql('{ __schema { queryType { name } } }')).code).toBe('UNAUTHENTICATED');
  expect((await stranger.gql('{ __typename }')).data).toEqual({ __typename: 'Query' });
  const { data } = await acme.gql(
    '{ __type(name: "User") { name } __schema { queryType { name } } }',
  );
  expect(data).toEqual({ __type: { name: 'User' }, __schema: { queryType: { name: 'Query' } } });
});

test('I05 T25 no answer suggests what the asker did not know', async () => {
  const near = [
    '{ viewr { scopes } }',
    '{ viewer { scope } }',
    '{ users(frist: 1) { nodes { id } } }',
    '{ users(filter: { emial: "x" }) { nodes { id } } }',
    '{ users(filter: { status: ACTIV }) { nodes { id } } }',
    '{ node(id: "x") { ... on Usr { id } } }',
    'query ($input: CreateUserInptu!) { __typename }',
    '{ viewer @skp(if: true) { scopes } }',
  ];
  for (const document of near)
    for (const caller of [stranger, acme]) {
      const { text, errors } = await caller.gql(document);
      expect([document, errors?.length]).not.toEqual([document, 0]);
      expect(text).not.toMatch(/did you mean/i);
      const get = await caller.rest('GET', `/graphql?query=${encodeURIComponent(document)}`);
      expect(get.text).not.toMatch(/did you mean/i);
    }
  const input = { input: { emial: 'x', email: 'a@b.example' } };
  const create = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { __typename } }';
  expect((await acme.gql(create, input)).text).not.toMatch(/did you mean/i);
  expect((await acme.rest('POST', '/v1/users', { body: input.input })).text).not.toMatch(
    /did you mean/i,
  );
  expect((await anonymous(development).gql('{ viewr { scopes } }')).text).toMatch(/Did you mean/);
});

const page = (house: { url: string }, path = '/graphql') =>
  send(house.url, { path, headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });

test('I05 GraphiQL is for development, and needs nothing from elsewhere', async () => {
  for (const path of ['/graphql', '/internal/graphql']) {
    expect((await page(production, path)).text).not.toMatch(/<html|graphiql/i);
    const { status, headers, text } = await page(development, path);
    expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
    expect(text).toMatch(/graphiql/i);
    const loads = [
      ...text.matchAll(/<(?:script|link|img|iframe)[^>]+?(?:src|href)=["']?([^"'\s>]+)/g),
    ];
    expect(
      loads.map(([, url]) => url).filter((url) => /^(https?:)?\/\//.test(String(url))),
    ).toEqual([]);
  }
  expect(
    (await anonymous(development).gql('{ __schema { queryType { name } } }')).errors,
  ).toBeUndefined();
});

test('H04 every answer carries the security headers and names no software', async () => {
  const bearer = { authorization: `Bearer ${acme.secret}` };
  const requests: [string, string, Record<string, string>, string?][] = [
    ['GET', '/livez', {}],
    ['GET', '/readyz', {}],
    ['GET', '/metrics', {}],
    ['GET', '/v1/users', bearer],
    ['GET', '/v1/users', {}],
    ['GET', '/v1/nowhere', bearer],
    ['GET', '/nowhere', {}],
    ['DELETE', '/v1/users', bearer],
    ['OPTIONS', '/v1/users', bearer],
    ['TRACE', '/v1/users', bearer],
    [
      'POST',
      '/graphql',
      { ...bearer, 'content-type': 'application/json' },
      '{"query":"{ viewer { scopes } }"}',
    ],
    ['POST', '/graphql', { 'content-type': 'application/json' }, '{"query":"{ viewer"}'],
    ['POST', '/graphql', { 'content-type': 'text/plain' }, 'x'],
    ['POST', '/internal/graphql', bearer],
    ['GET', '/graphql?query=%7B__typename%7D', { ...bearer, accept: 'application/json' }],
    ['GET', '/graphql', { accept: 'text/html' }],
    ['GET', '/docs', { accept: 'text/html' }],
    ['GET', '/v1/openapi.json', {}],
  ];
  const without: string[] = [];
  for (const [method, path, headers, body] of requests) {
    const answer = await send(production.url, { method, path, headers, body: body ?? null });
    const expected: [string, RegExp][] = [
      ['x-content-type-options', /^nosniff$/],
      ['strict-transport-security', /max-age=\d{7,}/],
      ['content-security-policy', /default-src 'none'.*frame-ancestors 'none'/],
      ['referrer-policy', /^no-referrer$/],
    ];
    for (const [name, value] of expected)
      if (!value.test(String(answer.headers[name])))
        without.push(`${method} ${path} ${answer.status} ${name}`);
    expect(answer.headers['server'] ?? answer.headers['x-powered-by']).toBeUndefined();
  }
  const stream = await subscribe(production, acme, 'subscription { auditEvents { id } }');
  stream.close();
  if (stream.headers['x-content-type-options'] !== 'nosniff') without.push('text/event-stream');
  const html = await page(development);
  if (html.headers['cross-origin-opener-policy'] !== 'same-origin') without.push('GraphiQL COOP');
  if (html.headers['x-content-type-options'] !== 'nosniff') without.push('GraphiQL nosniff');
  expect(without).toEqual([]);
});

test('C11 answers that hold data of people are not stored on the way', async () => {
  const answers = [
    await acme.rest('GET', '/v1/users'),
    await acme.gql('{ users { nodes { email } } }'),
    await acme.rest('GET', '/graphql?query=%7Busers%7Bnodes%7Bemail%7D%7D%7D'),
    await acme.persisted('ListUsers'),
  ];
  for (const { status, headers } of answers)
    expect([status, headers['cache-control']]).toEqual([200, expect.stringMatching(/no-store/)]);
});

test('H09 nothing that is asked wrongly brings internals to light', async () => {
  const callers: Caller[] = [stranger, acme];
  const wrong = [
    '{',
    '{ viewer { nothing } }',
    '}',
    '\u0000',
    '{ user(id: "\u0000") { id } }',
    'query Q { a } query Q { b }',
  ];
  for (const caller of callers) {
    for (const document of wrong) {
      const { text, code } = await caller.gql(document);
      expect(text).not.toMatch(/\.ts\b|node_modules|\bat [A-Z]|prisma|postgres/i);
      expect(code).not.toBe('INTERNAL');
    }
    for (const path of [
      '/v1/users/%00',
      '/v1/users/%zz',
      '/v1/users/..%2f',
      '/v1/%F0%9F%92%A5',
      '/v1/users?first=%',
      '/v1/users?a[b]=c',
    ]) {
      const { status, text } = await caller.rest('GET', path);
      expect([path, status < 500]).toEqual([path, true]);
      expect(text).not.toMatch(/\.ts\b|node_modules|\bat [A-Z]|prisma|postgres/i);
    }
  }
});

test('A11 a first start without any setting makes secrets of its own, readable by its owner only', async () => {
  const homes = [await createHome(), await createHome()];
  const keys: string[] = [];
  for (const home of homes.filter(({ env }) => !env.DATABASE_URL)) {
    const config = loadConfig({ DATA_DIR: home.env.DATA_DIR, PORT: '0' });
    // The data, which only saves making it, comes after the keys, as in a first start.
    const [database, aside] = [join(config.dataDir, 'db'), `${config.dataDir}.db`];
    renameSync(database, aside);
    const secrets = ensureSecrets(config);
    renameSync(aside, database);
    const running = await start(
      { ...config, ...secrets },
      createLog({ level: 'silent', hide: [] }),
    );
    try {
      for (const file of ['internal-key', 'master-key'])
        expect(statSync(join(home.env.DATA_DIR, file)).mode & 0o777).toBe(0o600);
      const status = async (secret: string) =>
        (await callerOf(running, { secret, door: 'platform' }).gql('{ viewer { scopes } }')).status;
      expect(await status(secrets.internalKey)).toBe(200);
      for (const guess of ['internal', 'signet', '0'.repeat(64), ...keys])
        expect(await status(guess)).toBe(401);
      keys.push(secrets.internalKey);
    } finally {
      await running.stop();
    }
  }
  expect(new Set(keys).size).toBe(keys.length);
  await Promise.all(homes.map((home) => home.remove()));
});
