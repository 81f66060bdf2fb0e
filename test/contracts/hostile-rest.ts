/** The same ill will by REST. */
import type { Ids } from './fixtures.ts';
import { deepJson, type Hostile, repeat, rest } from './hostile.ts';

const USERS = 'POST /v1/users';
const email = 'hostile@example.com';

const malformed = (name: string, request: string, body?: unknown) =>
  rest(name, 400, 'BAD_REQUEST', request, body);
const refused = (name: string, request: string, body: unknown) =>
  rest(name, 422, 'INVALID_INPUT', request, body);
const media = (name: string, type: string, body: string) =>
  rest(name, 415, 'UNSUPPORTED_MEDIA_TYPE', 'POST /v1/groups', body, { 'content-type': type });
const nowhere = (name: string, path: string) => rest(name, 404, 'NOT_FOUND', `GET ${path}`);
const verb = (name: string, request: string) => rest(name, 405, 'METHOD_NOT_ALLOWED', request);

const scopes = ['users:read'];

export const hostileRest = (ids: Ids, cursor: string): readonly Hostile[] => [
  malformed('H06 malformed JSON', USERS, '{"email":'),
  malformed('H06 a name twice', USERS, '{"email":"r1@example.com","email":"r2@example.com"}'),
  malformed('H06 an empty body', USERS, ''),
  malformed(
    'H06 JSON as deep as it is long',
    USERS,
    `{"email":"${email}","attributes":{"a":${deepJson(5000)}}}`,
  ),
  rest('H06 a body of 2 MB', 413, 'PAYLOAD_TOO_LARGE', USERS, {
    email,
    displayName: repeat('x', 2_000_000),
  }),
  malformed('an array', USERS, [{ email }]),
  malformed('D04 an unknown field', USERS, { email, isAdmin: true }),
  malformed('D04 __proto__', USERS, `{"email":"${email}","__proto__":{"isAdmin":true}}`),
  malformed('a wrong type', USERS, { email: 12 }),
  malformed('a missing field', USERS, {}),
  refused('an over-long string', USERS, { email, displayName: repeat('x', 100_000) }),
  refused('a NUL in a name', 'POST /v1/groups', { name: 'a\0b' }),
  refused('a NUL in a description', 'POST /v1/groups', { name: 'nul', description: 'a\0b' }),
  refused('a NUL in the name of a role', 'POST /v1/roles', { name: 'a\0b', scopes }),
  refused('a NUL in the description of a role', 'POST /v1/roles', {
    name: 'nul',
    description: '\0',
    scopes,
  }),
  refused('a NUL in the name of a key', 'POST /v1/api-keys', { name: 'a\0b', scopes }),
  refused('an unknown scope', 'POST /v1/roles', { name: 'r', scopes: ['users:everything'] }),
  refused("a platform's scope", 'POST /v1/api-keys', { name: 'k', scopes: ['platform:tenants'] }),
  rest('a duplicate e-mail address', 409, 'EMAIL_TAKEN', USERS, {
    email: 'User.acme-mark@example.com',
  }),
  rest(
    'a version that is gone',
    412,
    'VERSION_MISMATCH',
    `PATCH /v1/users/${ids.user}`,
    {},
    { 'if-match': '"77"' },
  ),
  rest(
    'an If-Match that is none',
    400,
    'BAD_REQUEST',
    `PATCH /v1/users/${ids.user}`,
    {},
    { 'if-match': '77' },
  ),
  rest(
    'a bad Idempotency-Key',
    422,
    'INVALID_INPUT',
    USERS,
    { email },
    { 'idempotency-key': 'short' },
  ),
  malformed('an unknown parameter', 'GET /v1/users?frist=1'),
  malformed('H11 a parameter twice', 'GET /v1/users?first=1&first=2'),
  malformed('a parameter of the wrong type', 'GET /v1/users?first=many'),
  rest('I04 first=1000', 400, 'INVALID_INPUT', 'GET /v1/users?first=1000'),
  rest('a NUL in a parameter', 400, 'INVALID_INPUT', 'GET /v1/users?emailPrefix=%00'),
  rest(
    'D09 an edited cursor',
    400,
    'INVALID_CURSOR',
    `GET /v1/users?after=${cursor.slice(0, -2)}AA`,
  ),
  rest('a cursor of another list', 400, 'INVALID_CURSOR', `GET /v1/groups?after=${cursor}`),
  rest('an id of another type', 400, 'INVALID_ID', `GET /v1/users/${ids.group}`),
  rest('no id', 400, 'INVALID_ID', 'GET /v1/users/1'),
  rest('an id in capitals', 400, 'INVALID_ID', `GET /v1/users/${ids.user.toUpperCase()}`),
  media('H02 text/plain', 'text/plain', '{"name":"x"}'),
  media('H02 a form', 'application/x-www-form-urlencoded', 'name=x'),
  media('H06 a charset of its own', 'application/json; charset=ibm037', '{"name":"x"}'),
  verb('H02 a change by GET', `GET /v1/users/${ids.user}/suspend`),
  verb('H06 a verb that the route does not know', 'DELETE /v1/users'),
  verb('H06 TRACE', 'TRACE /v1/users'),
  malformed('H06 a verb override', `GET /v1/users/${ids.user}?_method=DELETE`),
  malformed('a body for DELETE', `DELETE /v1/users/${ids.user}`, { id: ids.user }),
  nowhere('H03 a doubled slash', '//v1/users'),
  nowhere('H03 a slash at the end', '/v1/users/'),
  nowhere('H03 another case', '/V1/users'),
  nowhere('H03 an encoded letter', '/v1/%75sers'),
  nowhere('H03 an encoded slash', '/v1%2fusers'),
  nowhere('H03 a way around', '/v1/../internal/v1/tenants'),
  nowhere('H03 an id that climbs', '/v1/users/..%2f..%2finternal'),
  nowhere('no such route', '/v1/passwords'),
  rest("the platform's door", 403, 'FORBIDDEN', 'GET /internal/v1/tenants'),
];
