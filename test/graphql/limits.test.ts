/** What one request may ask for: shapes of documents, sizes of pages and bodies (I02-I04, I06, T23, T24). */
import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { anonymous } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { subscribe } from '../kit/sse.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

const list = (length: number, make: (n: number) => string) =>
  Array.from({ length }, (_, n) => make(n)).join(' ');
/** A page inside a page, `n` times two of them. */
const pages = (n: number, first: number) => {
  const open = `groups(first: ${first}) { nodes { members(first: ${first}) { nodes { `;
  return `{ users(first: ${first}) { nodes { ${open.repeat(n)} id ${'} } } } '.repeat(n)} } } }`;
};
const chain = (n: number) =>
  `{ users { nodes { ...f0 } } } ${list(n, (i) => `fragment f${i} on User { groups(first: 1) { nodes { members(first: 1) { nodes { ...f${i + 1} } } } } }`)} fragment f${n} on User { id }`;

const TOO_MUCH: Readonly<Record<string, string>> = {
  'depth 15': pages(3, 1),
  'depth 15 by fragments': chain(3),
  'depth 2,000': pages(500, 1),
  '31 aliases': `{ ${list(31, (n) => `a${n}: viewer { scopes }`)} }`,
  '31 aliases by fragments': `{ ...f } fragment f on Query { ${list(31, (n) => `a${n}: viewer { scopes }`)} }`,
  '5,000 aliases': `{ ${list(5_000, (n) => `a${n}: viewer { scopes }`)} }`,
  '300 aliased __schema': `{ ${list(300, (n) => `a${n}: __schema { types { name } }`)} }`,
  '2,001 tokens': `{ ${list(2_001, () => '__typename')} }`,
  '51 directives': `{ __typename ${'@include(if: true) '.repeat(51)} }`,
  '20,000 directives': `{ __typename ${'@a '.repeat(20_000)} }`,
  'fragments that spread each other':
    '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
  'a schema inside a schema': `{ __schema { types { ${'fields { type { '.repeat(5)} name ${'} } '.repeat(5)} } } }`,
};

test.each(Object.entries(TOO_MUCH))(
  'T24 %s: refused before anything runs',
  async (_name, document) => {
    for (const caller of [acme, anonymous(house)]) {
      const { status, data, code } = await caller.gql(document);
      expect([status, data]).toEqual([200, undefined]);
      expect(code).toMatch(/^GRAPHQL_(PARSE|VALIDATION)_FAILED$/);
    }
    const strict = await acme.gql(document, {}, { accept: 'application/graphql-response+json' });
    expect(strict.status).toBe(400);
    const stream = await subscribe(house, acme, document);
    await stream.ended();
    expect([stream.received, stream.codes.length > 0]).toEqual([[], true]);
  },
);

const fanOut = `{ ...f0 } ${list(20, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`)} fragment f20 on Query { __typename }`;
const nested = (page: string) =>
  `users(${page}) { nodes { groups(${page}) { nodes { members(${page}) { nodes { id } } } } } }`;
const byIds = (ids: string) =>
  `nodes(ids: ${ids}) { ... on Group { members(first: 100) { nodes { groups(first: 100) { nodes { id } } } } } }`;
const groupId = (await make.group(acme)).id;
const ids = Array.from({ length: 100 }, () => groupId);

const TOO_COSTLY: Readonly<Record<string, [document: string, variables?: object]>> = {
  'fragments that spread twice, twenty times': [fanOut],
  'pages of a hundred, three deep': [`{ ${nested('first: 100')} }`],
  'the same from the end': [`{ ${nested('last: 100')} }`],
  'the same behind a null': [`{ ${nested('first: null, last: 100')} }`],
  'the same by a variable': [`query ($n: Int) { ${nested('first: $n')} }`, { n: 100 }],
  'the same by the default of a variable': [`query ($n: Int = 100) { ${nested('first: $n')} }`],
  'pages of a hundred ids': [`{ ${byIds(JSON.stringify(ids))} }`],
  'pages of a hundred ids by a variable': [`query ($ids: [ID!]!) { ${byIds('$ids')} }`, { ids }],
  'the dear one of two operations': [`query A { __typename } query Q { ${nested('first: 100')} }`],
  'thirty times the schema': [
    `{ ${list(30, (n) => `a${n}: __schema { types { fields { name args { name } type { name } } } }`)} }`,
  ],
};

test.each(Object.entries(TOO_COSTLY))('I04 %s: too costly', async (name, [document, variables]) => {
  const operationName = name.startsWith('the dear one') ? 'Q' : undefined;
  const answer = await send(house.url, {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${acme.secret}` },
    body: JSON.stringify({ query: document, variables, operationName }),
  });
  const { errors, data } = JSON.parse(answer.text);
  expect([answer.status, errors[0].extensions.code, data]).toEqual([200, 'TOO_COSTLY', undefined]);
  expect(errors[0].message).toMatch(/at most 100000/);
});

test('I04 what people need stays within every limit', async () => {
  const fine = [
    pages(2, 5),
    chain(2),
    `{ ${list(30, (n) => `a${n}: viewer { scopes }`)} }`,
    `{ users(first: 100) { nodes { id email groups(first: 10) { nodes { id name roles(first: 5) { nodes { id name scopes } } } } } } }`,
    `query ($n: Int = 100) { users(first: $n) { nodes { id } totalCount } }`,
    getIntrospectionQuery({
      inputValueDeprecation: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      specifiedByUrl: true,
      oneOf: true,
    }),
  ];
  for (const document of fine)
    expect([document, (await acme.gql(document)).errors]).toEqual([document, undefined]);
});

test('I06 variables are taken as they were declared, and nothing beside them', async () => {
  const create = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { __typename } }';
  const wrong: [string, object][] = [
    [create, {}],
    [create, { input: null }],
    [create, { input: [] }],
    [create, { input: { email: 5 } }],
    [create, { input: { email: ['a@b.example'] } }],
    [create, { input: {} }],
    [create, { input: { email: 'a@b.example', extra: true } }],
    ['query ($id: ID!) { user(id: $id) { id } }', { id: {} }],
    ['query ($id: ID!) { user(id: $id) { id } }', { id: true }],
    ['query ($n: Int) { users(first: $n) { nodes { id } } }', { n: '5' }],
    ['query ($n: Int) { users(first: $n) { nodes { id } } }', { n: 1e10 }],
  ];
  for (const [document, variables] of wrong)
    expect([variables, (await acme.gql(document, variables)).code]).toEqual([
      variables,
      'BAD_USER_INPUT',
    ]);
  const ids = [
    '',
    'x',
    'user_',
    `user_${'z'.repeat(26)}`,
    groupId,
    `${groupId}x`,
    'user_00000000000000000000000000\n',
  ];
  for (const id of ids) {
    const { code } = await acme.gql('query ($id: ID!) { user(id: $id) { id } }', { id });
    expect([id, code]).toEqual([id, 'INVALID_ID']);
  }
});

/** The body as it is, to both doors that take one. */
const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  send(house.url, {
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${acme.secret}`,
      ...headers,
    },
    body,
  });

const BODIES: readonly [name: string, body: string, status: number, code: string][] = [
  ['no JSON', '{"query": ', 400, 'BAD_REQUEST'],
  ['nothing', '', 400, 'BAD_REQUEST'],
  [
    'a list of operations',
    '[{"query":"{__typename}"},{"query":"{__typename}"}]',
    400,
    'BAD_REQUEST',
  ],
  ['a key twice', '{"query":"{__typename}","query":"{viewer{scopes}}"}', 400, 'BAD_REQUEST'],
  ['__proto__', '{"query":"{__typename}","__proto__":{}}', 400, 'BAD_REQUEST'],
  [
    '65 levels',
    `{"query":"{__typename}","variables":{"a":${'['.repeat(64)}${']'.repeat(64)}}}`,
    400,
    'BAD_REQUEST',
  ],
  [
    '2 MB',
    JSON.stringify({ query: `{ __typename } #${'x'.repeat(2_000_000)}` }),
    413,
    'PAYLOAD_TOO_LARGE',
  ],
  ['a query that is no text', '{"query":5}', 400, 'BAD_REQUEST'],
  ['variables that are no object', '{"query":"{__typename}","variables":[]}', 400, 'BAD_REQUEST'],
  ['no query', '{}', 400, 'BAD_REQUEST'],
];

test.each(BODIES)('a body with %s is refused', async (_name, body, status, code) => {
  const answer = await post('/graphql', body);
  expect([answer.status, JSON.parse(answer.text).errors[0].extensions.code]).toEqual([
    status,
    code,
  ]);
  if (status === 413) expect((await post('/v1/groups', body)).status).toBe(413);
});

test('H02 T26 nothing that a foreign page can send without asking changes anything', async () => {
  const query = 'mutation { createGroup(input: { name: "By form" }) { __typename } }';
  const form = new URLSearchParams({ query }).toString();
  const multipart = `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query })}\r\n--x--\r\n`;
  const types: [string, string][] = [
    ['application/x-www-form-urlencoded', form],
    ['multipart/form-data; boundary=x', multipart],
    ['text/plain', JSON.stringify({ query })],
    ['application/graphql', query],
    ['', JSON.stringify({ query })],
  ];
  for (const [type, body] of types)
    for (const accept of ['*/*', 'text/event-stream']) {
      const answer = await post('/graphql', body, { 'content-type': type, accept });
      expect([type, accept, answer.status]).toEqual([type, accept, 415]);
    }
  const get = await acme.rest('GET', `/graphql?query=${encodeURIComponent(query)}`);
  expect(get.status).toBe(405);
  expect((await acme.rest('GET', '/v1/groups?namePrefix=By%20form')).text).toContain('"items":[]');
});
