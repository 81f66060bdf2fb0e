/**
 * An id of something that the caller may not see is answered byte for byte like an id of nothing:
 * status, headers and body, in every place that takes an id, whatever the caller holds.
 */
import { type GraphQLInputType, getNamedType, isInputObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { IdType } from '#kernel/ids.ts';
import { type Caller, callerOf, operator } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import type { WireAnswer } from '../kit/wire.ts';
import { printed } from './demands.ts';
import { fieldDocuments } from './fields.ts';
import { furnish, type Ids, missingIds } from './fixtures.ts';
import { operationCases, requestOf } from './routes.ts';

const house = await openHouse();
const make = makers(house);
const acme = await furnish(make, 'acme-mark');
const other = await furnish(make, 'other-mark');
const missing = missingIds();
/** Named in filters only: what a caller was refused stands in its own log, under the id it tried. */
const untouched = { there: (await furnish(make, 'third-mark')).ids, nothing: missingIds() };
const idle = await make.apiKey(operator(house), ['audit:read']);

const strangers: Readonly<Record<string, Caller>> = {
  'a key of another tenant with every scope': other.tenant,
  'a key of another tenant with one scope': await make.apiKey(other.tenant, ['audit:read']),
  'a key of another tenant with another one': await make.apiKey(other.tenant, ['users:read']),
  'the operator, acting in another tenant': operator(house, other.tenant.id),
  'a key of the platform with one scope': idle,
  nobody: callerOf(house, { secret: null, door: 'public' }),
};

const idTypes = Object.keys(missing) as IdType[];

/** What differs between two requests anyhow. */
const PASSING_HEADERS = new Set(['date', 'x-request-id', 'ratelimit']);

/** The answer with the ids that were asked for, the request's own id and instants blotted out. */
function shape({ status, headers, text }: WireAnswer, ids: Ids): object {
  const blotted = Object.entries(ids).reduce(
    (left, [type, id]) => left.replaceAll(id, `<${type}>`),
    text,
  );
  return {
    status,
    headers: Object.entries(headers).filter(([name]) => !PASSING_HEADERS.has(name)),
    text: blotted
      .replace(/"requestId":"[^"]+"/g, '"requestId":""')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>'),
  };
}

async function expectSame(
  ask: (ids: Ids) => Promise<WireAnswer>,
  what: string,
  { there, nothing }: { there: Ids; nothing: Ids } = { there: acme.ids, nothing: missing },
): Promise<string[]> {
  const real = JSON.stringify(shape(await ask(there), there));
  const none = JSON.stringify(shape(await ask(nothing), nothing));
  if (real === none) return [];
  const at = Math.max(0, [...real].findIndex((char, n) => char !== none[n]) - 80);
  return [`${what}: ...${real.slice(at, at + 300)} but for nothing ...${none.slice(at, at + 300)}`];
}

const namesIds = ({ variables }: { variables(ids: Ids): object }) =>
  Object.values(acme.ids).some((id) => JSON.stringify(variables(acme.ids)).includes(id));

/** Which ids an operator may name from anywhere. */
const namesTenants = (name: string) => /\bTenant|tenantById/.test(name);

describe.each(Object.entries(strangers))('%s', (_name, caller) => {
  const operates = caller.door === 'platform' && caller !== idle;
  const seesTenants = caller.door === 'platform';

  test('D02 T03 by every field that an id leads to', async () => {
    const wrong: string[] = [];
    for (const field of fieldDocuments()) {
      const { kind, name, scopes } = field;
      if (kind === 'subscription' || !namesIds(field)) continue;
      if (operates && (namesTenants(name) || scopes.flat().includes('platform:tenants'))) continue;
      wrong.push(
        ...(await expectSame((ids) => caller.gql(field.document, field.variables(ids)), name)),
      );
    }
    expect(wrong).toEqual([]);
  });

  test('D02 H10 by every published operation and its route', async () => {
    const wrong: string[] = [];
    for (const one of operationCases()) {
      const { operation, route } = one;
      if (!namesIds(one)) continue;
      if (operates && operation.scopes.includes('platform:tenants')) continue;
      const byHash = (ids: Ids) => caller.persisted(operation.name, one.variables(ids));
      wrong.push(...(await expectSame(byHash, operation.name)));
      if (!route) continue;
      const byRoute = (ids: Ids) => {
        const { method, path, body, headers } = requestOf(route, one.variables(ids));
        return caller.rest(method, path, { body, headers });
      };
      wrong.push(...(await expectSame(byRoute, `${operation.name}'s route`)));
    }
    expect(wrong).toEqual([]);
  });

  test('D02 by node and nodes, several at once', async () => {
    const types = idTypes.filter((type) => !(operates && type === 'tenant'));
    const document = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';
    const all = (ids: Ids) => caller.gql(document, { ids: types.map((type) => ids[type]) });
    expect(await expectSame(all, 'nodes')).toEqual([]);
    for (const type of types) {
      const one = (ids: Ids) =>
        caller.gql('query ($id: ID!) { node(id: $id) { __typename id } }', { id: ids[type] });
      expect(await expectSame(one, `node of ${type}`)).toEqual([]);
    }
  });

  test('D08 D09 by every filter that takes an id', async () => {
    const wrong: string[] = [];
    for (const { field, filter, name } of idFilters())
      for (const type of idTypes.filter((one) => !(seesTenants && one === 'tenant'))) {
        const document = `query ($id: ID!) { ${field}(${filter}: { ${name}: $id }) { totalCount nodes { id } } }`;
        const ask = (ids: Ids) => caller.gql(document, { id: ids[type] });
        wrong.push(
          ...(await expectSame(ask, `${field} by ${filter}.${name} of ${type}`, untouched)),
        );
      }
    expect(wrong).toEqual([]);
  });

  test('D05 by X-Tenant-ID', async () => {
    if (operates) return expect(await reachable(acme.tenant.id)).toBe(true);
    for (const door of ['public', 'platform'] as const) {
      const at = (ids: Ids) => callerOf(house, { secret: caller.secret, door, tenant: ids.tenant });
      expect(await expectSame((ids) => at(ids).gql('{ tenant { id } }'), door)).toEqual([]);
      expect(await expectSame((ids) => at(ids).rest('GET', '/v1/tenant'), door)).toEqual([]);
    }
  });
});

async function reachable(tenant: string): Promise<boolean> {
  return (await operator(house, tenant).gql('{ tenant { id } }')).status === 200;
}

test('D02 what a caller has no scope for, in its own tenant, is not there either', async () => {
  const wrong: string[] = [];
  const document =
    'query ($id: ID!) { node(id: $id) { __typename id } nodes(ids: [$id]) { __typename id } }';
  for (const [type, scope] of SCOPE_OF) {
    const scopes = ['users:read', 'groups:read'].filter((one) => one !== scope);
    const caller = await make.apiKey(acme.tenant, scopes);
    const ask = (ids: Ids) => caller.gql(document, { id: ids[type] });
    wrong.push(...(await expectSame(ask, type)));
  }
  expect(wrong).toEqual([]);
});

const SCOPE_OF: readonly (readonly [IdType, string])[] = [
  ['user', 'users:read'],
  ['group', 'groups:read'],
  ['role', 'roles:read'],
  ['key', 'api-keys:read'],
  ['signingkey', 'keys:read'],
  ['factor', 'mfa:read'],
  ['client', 'clients:read'],
  ['resource', 'resources:read'],
  ['consent', 'consents:read'],
  ['event', 'audit:read'],
  ['logstream', 'streams:read'],
];

test("D09 another tenant's cursor is answered like one that was made up", async () => {
  for (const field of [
    'users',
    'groups',
    'roles',
    'apiKeys',
    'clients',
    'resources',
    'signingKeys',
    'auditEvents',
    'logStreams',
  ]) {
    const list = await acme.tenant.gql<Record<string, { edges: { cursor: string }[] }>>(
      `{ ${field}(first: 1) { edges { cursor } } }`,
    );
    const cursor = list.data?.[field]?.edges[0]?.cursor ?? '';
    expect(cursor).not.toBe('');
    const after = (text: string) =>
      other.tenant.gql(`query ($after: String) { ${field}(after: $after) { nodes { id } } }`, {
        after: text,
      });
    const foreign = await after(cursor);
    const madeUp = await after(`${cursor.slice(0, -4)}AAAA`);
    expect(foreign.code).toBe('INVALID_CURSOR');
    expect(foreign.text).toBe(madeUp.text);
  }
});

test("D09 another tenant's names are free, and its e-mail addresses", async () => {
  const user = await make.user(other.tenant, { email: 'user.acme-mark@example.com' });
  expect(user.email).toBe('user.acme-mark@example.com');
  expect((await make.group(other.tenant, { name: 'Group acme-mark' })).name).toBe(
    'Group acme-mark',
  );
  expect((await make.role(other.tenant, { name: 'Role acme-mark' })).name).toBe('Role acme-mark');
});

test('D09 totals count the own rows only', async () => {
  for (const [field, own] of [
    ['users', 2],
    ['groups', 2],
    ['roles', 6],
  ] as const) {
    const { data } = await other.tenant.gql(`{ ${field} { totalCount } }`);
    expect(data).toEqual({ [field]: { totalCount: own } });
  }
});

/** Fields of type ID in the filters of the root's lists. */
function idFilters(): readonly { field: string; filter: string; name: string }[] {
  return Object.values(printed.getQueryType()?.getFields() ?? {}).flatMap((field) =>
    field.args.flatMap((argument) => {
      const type: GraphQLInputType = getNamedType(argument.type);
      if (!isInputObjectType(type)) return [];
      return Object.values(type.getFields())
        .filter((one) => getNamedType(one.type).name === 'ID')
        .map(({ name }) => ({ field: field.name, filter: argument.name, name }));
    }),
  );
}
