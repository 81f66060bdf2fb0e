/** What is wrong before there is a document: methods, media types, bodies, headers. */
import { deepJson, graphql, type Hostile, repeat } from './hostile.ts';

const QUERY = { query: '{ viewer { scopes } }' };
const TEXT = JSON.stringify(QUERY);
const BY_GET = encodeURIComponent('mutation { createGroup(input: { name: "x" }) { __typename } }');
const FORM = `query=${BY_GET}`;
const PARTS = `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${TEXT}\r\n--x--\r\n`;

const malformed = (name: string, body: unknown) => graphql(name, 400, 'BAD_REQUEST', { body });
const media = (name: string, headers: Record<string, string>, body: unknown) =>
  graphql(name, 415, 'UNSUPPORTED_MEDIA_TYPE', { headers, body });
const stranger = (name: string, authorization: string) =>
  graphql(name, 401, 'UNAUTHENTICATED', { headers: { authorization }, body: QUERY });

export const hostileHttp: readonly Hostile[] = [
  malformed('H06 malformed JSON', '{"query": "{ viewer'),
  malformed('H06 no JSON at all', '\0\x01\x02'),
  malformed('H06 an empty body', ''),
  malformed('H06 a name twice', `{"query":"{ a }",${TEXT.slice(1)}`),
  malformed(
    'H06 JSON as deep as it is long',
    `{"variables":{"a":${deepJson(5000)}},${TEXT.slice(1)}`,
  ),
  malformed(
    'H06 bytes that are no UTF-8',
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  ),
  malformed('I03 an array of operations', [QUERY, QUERY]),
  malformed('I03 an array of one', [QUERY]),
  malformed('no query', {}),
  malformed('a query that is none', { query: 12 }),
  malformed('an operation that is not there', {
    query: 'query A { viewer { scopes } } query B { viewer { scopes } }',
    operationName: 'C',
  }),
  graphql('H06 a body of 2 MB', 413, 'PAYLOAD_TOO_LARGE', {
    body: { ...QUERY, variables: { a: repeat('x', 2_000_000) } },
  }),
  media('H02 text/plain', { 'content-type': 'text/plain' }, TEXT),
  media('H02 no content type', { 'content-type': '' }, TEXT),
  media('H02 a form', { 'content-type': 'application/x-www-form-urlencoded' }, FORM),
  media('H02 a form in parts', { 'content-type': 'multipart/form-data; boundary=x' }, PARTS),
  media('H02 application/graphql', { 'content-type': 'application/graphql' }, QUERY.query),
  media('H06 a charset of its own', { 'content-type': 'application/json; charset=utf-7' }, TEXT),
  media('H06 a compressed body', { 'content-encoding': 'gzip' }, Buffer.from([0x1f, 0x8b, 8, 0])),
  graphql('H02 a mutation by GET', 405, 'METHOD_NOT_ALLOWED', {
    method: 'GET',
    path: `/graphql?query=${BY_GET}`,
  }),
  graphql('H06 TRACE', 405, 'METHOD_NOT_ALLOWED', { method: 'TRACE' }),
  graphql('H06 PUT', 405, 'METHOD_NOT_ALLOWED', { method: 'PUT', body: QUERY }),
  graphql('an answer that nobody makes', 406, 'NOT_ACCEPTABLE', {
    headers: { accept: 'application/xml' },
    body: QUERY,
  }),
  graphql('a bad Idempotency-Key', 422, 'INVALID_INPUT', {
    headers: { 'idempotency-key': 'short' },
    body: QUERY,
  }),
  stranger('a credential of another kind', 'Basic YTpi'),
  stranger('an empty credential', 'Bearer '),
  stranger('a credential of 10 kB', `Bearer ${repeat('x', 10_000)}`),
  graphql('D05 a tenant header that is no tenant', 403, 'FORBIDDEN', {
    headers: { 'x-tenant-id': 'acme' },
    body: QUERY,
  }),
];
