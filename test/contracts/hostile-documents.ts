/** Documents that are wrong, or that would cost too much. */
import { graphql, type Hostile, many, repeat } from './hostile.ts';

const invalid = (name: string, query: string) =>
  graphql(name, 400, 'GRAPHQL_VALIDATION_FAILED', { body: { query } });
const unreadable = (name: string, query: string) =>
  graphql(name, 400, 'GRAPHQL_PARSE_FAILED', { body: { query } });
/** By its cost, or by a limit on its form that is met before. */
const costly = (name: string, query: string) =>
  graphql(name, 400, ['TOO_COSTLY', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'], {
    body: { query },
  });

const NESTED = 'users { nodes { groups { nodes { members { nodes { ';
const PAGES =
  '{ users(first: 100) { nodes { groups(first: 100) { nodes { members(first: 100) { nodes { id } } } } } } }';

export const hostileDocuments: readonly Hostile[] = [
  unreadable('a syntax error', '{ viewer { '),
  graphql('a syntax error by GET', 400, 'GRAPHQL_PARSE_FAILED', {
    method: 'GET',
    path: '/graphql?query=%7B',
  }),
  graphql('an unknown field by GET', 400, 'GRAPHQL_VALIDATION_FAILED', {
    method: 'GET',
    path: '/graphql?query=%7Bnothing%7D',
  }),
  graphql('H11 two queries by GET', 400, 'BAD_REQUEST', {
    method: 'GET',
    path: '/graphql?query=%7B__typename%7D&query=subscription%7BauditEvents%7Bid%7D%7D',
  }),
  graphql('a name of 1,000 characters', 400, 'BAD_REQUEST', {
    body: { query: '{ __typename }', operationName: repeat('x', 1_000) },
  }),
  invalid('I06 an unknown field', '{ users { nodes { passwordHash } } }'),
  invalid(
    'D08 a filter by an unreadable field',
    '{ users(filter: { passwordHash: { startsWith: "a" } }) { nodes { id } } }',
  ),
  invalid(
    'I04 fragments in a circle',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  ),
  unreadable(
    'half a character in a text',
    'mutation { createGroup(input: { name: "a\\ud800b" }) { __typename } }',
  ),
  costly('I02 5,000 aliases', `{ ${many(5000, (n) => `a${n}: __typename`)} }`),
  costly('I02 40 aliases', `{ ${many(40, (n) => `a${n}: viewer { scopes }`)} }`),
  costly(
    'I02 1,000 aliases of a write',
    `mutation { ${many(1000, (n) => `a${n}: createGroup(input: { name: "g${n}" }) { __typename }`)} }`,
  ),
  costly(
    'I04 depth 2,000',
    `{ ${repeat('users { nodes { groups { nodes { ', 500)}${repeat('}', 2001)}`,
  ),
  costly('I04 depth in the types', `{ ${repeat(NESTED, 3)} id ${repeat('} ', 19)}`),
  costly(
    'I04 fragments that spread 2^20 times',
    `{ ...F0 } ${many(20, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)}
     fragment F20 on Query { viewer { scopes } }`,
  ),
  costly('I04 20,000 directives', `{ viewer ${repeat('@skip(if: false) ', 20_000)} { scopes } }`),
  costly('I04 300 times __schema', `{ ${many(300, (n) => `a${n}: __schema { types { name } }`)} }`),
  costly('I04 pages in pages in pages', PAGES),
];
