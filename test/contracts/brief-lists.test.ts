/**
 * A list reads from the database what its selection needs and no more. What is answered for a field
 * does not depend on which others are selected: each alone, in pairs with the rest, and through edges.
 */
import { type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/app/schema.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const user = await make.user(acme, {
  displayName: 'Ada L',
  givenName: 'Ada',
  familyName: 'L',
  locale: 'en',
  attributes: { team: 'engine' },
});
const group = await make.group(acme, { members: [user], description: 'All' });
const role = await make.role(acme, { scopes: ['users:read'], description: 'Reads' });
await make.assign(acme, role, group);
await make.assign(acme, role, user);

/** Where rows of a type are listed, around `*`. */
const LISTS: readonly [type: string, path: string][] = [
  ['User', '{ users { * } }'],
  ['User', '{ users(filter: { emailPrefix: "u" }) { * } }'],
  ['User', '{ users(filter: { search: "ada" }) { * } }'],
  ['User', '{ groups { nodes { members { * } } } }'],
  ['Group', '{ groups { * } }'],
  ['Group', '{ groups(filter: { namePrefix: "g" }) { * } }'],
  ['Group', '{ users { nodes { groups { * } } } }'],
  ['Role', '{ roles { * } }'],
  ['Role', '{ roles(filter: { namePrefix: "r" }) { * } }'],
  ['Role', '{ users { nodes { roles { * } } } }'],
  ['Role', '{ groups { nodes { roles { * } } } }'],
];

function leaves(name: string): string[] {
  const fields = (schema.getType(name) as GraphQLObjectType).getFields();
  return Object.values(fields)
    .filter(({ type, args }) => isLeafType(getNamedType(type)) && args.length === 0)
    .map((field) => field.name);
}

type Row = Record<string, unknown>;

/** The rows of the type, wherever they stand in the answer. */
async function ask(path: string, type: string, selection: string): Promise<Row[]> {
  const { data, errors } = await acme.gql(path.replace('*', selection));
  expect(errors).toBeUndefined();
  const rows: Row[] = [];
  JSON.stringify(data, (_, value: Row | null) => {
    if (value?.['__typename'] === type) rows.push(value);
    return value;
  });
  return rows;
}

test.each(LISTS)('%s in %s', async (type, path) => {
  const fields = leaves(type);
  const whole = await ask(path, type, `nodes { __typename ${fields.join(' ')} }`);
  expect(whole.length).toBeGreaterThan(0);
  for (const field of fields) {
    const expected = whole.map((row) => ({ __typename: type, [field]: row[field] }));
    for (const selection of [
      `nodes { __typename ${field} }`,
      `edges { cursor node { __typename ... on ${type} { ${field} } } } pageInfo { endCursor }`,
      `edges { node { __typename } } nodes { ${field} __typename }`,
    ]) {
      const rows = await ask(path, type, selection);
      expect(rows.filter((row) => field in row)).toEqual(expected);
    }
  }
});
