/** Values that are of a wrong kind, too long, or that a database would choke on. */
import type { Ids } from './fixtures.ts';
import { graphql, type Hostile, repeat } from './hostile.ts';

const CREATE_USER = `mutation ($input: CreateUserInput!) { createUser(input: $input) {
  __typename ... on Error { code message } ... on InvalidInputError { fields { path message } } } }`;
export const createUser = (input: object) => ({ query: CREATE_USER, variables: { input } });
/** Otherwise acceptable. */
const user = (more: object) => createUser({ email: 'hostile@example.com', ...more });
const list = (field: string, argument: string, type: string, value: unknown) => ({
  query: `query ($v: ${type}) { ${field}(${argument}: $v) { nodes { id } } }`,
  variables: { v: value },
});

const unfit = (name: string, body: unknown) => graphql(name, 400, 'BAD_USER_INPUT', { body });
const refused = (name: string, body: unknown, code = 'INVALID_INPUT') =>
  graphql(name, 200, code, { body });

export const hostileValues = (ids: Ids, cursor: string): readonly Hostile[] => [
  unfit('I06 D04 unknown input fields', user({ tenantId: ids.tenant, emailVerified: true })),
  unfit('I06 a variable of the wrong type', createUser({ email: 12 })),
  unfit('I06 a missing variable', { query: CREATE_USER }),
  unfit('I06 an integer that is too large', list('users', 'first', 'Int', 2 ** 31)),
  refused(
    'D09 an edited cursor',
    list('users', 'after', 'String', `${cursor.slice(0, -2)}AA`),
    'INVALID_CURSOR',
  ),
  refused('a cursor of another list', list('groups', 'after', 'String', cursor), 'INVALID_CURSOR'),
  refused('an id of another type', { query: `{ user(id: "${ids.group}") { id } }` }, 'INVALID_ID'),
  refused(
    'an id of a type that is not',
    { query: '{ node(id: "secret_01h2xcejqtf2nbrexx3vqjhp41") { id } }' },
    'INVALID_ID',
  ),
  refused('an over-long string', user({ displayName: repeat('x', 100_000) })),
  refused('attributes of 20 kB', user({ attributes: { a: repeat('x', 20_000) } })),
  refused('H12 several addresses in one', user({ email: 'a@example.com,evil@example.com' })),
  refused(
    'H12 a line break in an address',
    user({ email: 'a@example.com\r\nBcc: evil@example.com' }),
  ),
  refused(
    'a duplicate e-mail address',
    user({ email: 'USER.acme-mark@EXAMPLE.com' }),
    'EMAIL_TAKEN',
  ),
  refused('a NUL in a name', user({ displayName: 'a\0b' })),
  refused('a NUL in attributes', user({ attributes: { a: 'x\0y' } })),
  refused("a NUL in an attribute's name", user({ attributes: { 'a\0': 1 } })),
  refused('a NUL in a prefix', list('users', 'filter', 'UserFilter', { emailPrefix: 'a\0' })),
  refused('a NUL in a search', list('users', 'filter', 'UserFilter', { search: '\0' })),
  refused(
    "a NUL in a prefix of groups' names",
    list('groups', 'filter', 'GroupFilter', { namePrefix: 'a\0' }),
  ),
  refused('I04 first: 1000', list('users', 'first', 'Int', 1000)),
  refused('I04 first and last', { query: '{ users(first: 1, last: 1) { nodes { id } } }' }),
  refused('I04 200 ids', {
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: { ids: Array.from({ length: 200 }, () => ids.user) },
  }),
];
