/**
 * H10: one operation, three ways in. By its route, by its hash (compiled) and by its text (parsed
 * and interpreted), each good and bad input is answered with the same data or the same code.
 */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { type Case, corpus } from './corpus.ts';
import { type Outcome, ofGraphQL, ofRest } from './outcome.ts';
import { carries, requestOf } from './routes.ts';
import { type World, world } from './worlds.ts';

const house = await openHouse();
const make = makers(house);
const cases = corpus();
const reader = await world(house, make, 'mark-get');
const [one, two, three] = [
  await world(house, make, 'mark-one'),
  await world(house, make, 'mark-two'),
  await world(house, make, 'mark-tri'),
] as const;

type Way = (world: World, one: Case) => Promise<Outcome | null>;

/** Null where REST has no words for it. */
const byRoute: Way = async (where, { one, variables }) => {
  if (!one.route || !carries(one.route, variables)) return null;
  const { method, path, body, headers } = requestOf(one.route, where.fill(variables));
  return ofRest(await where.callerFor(one).rest(method, path, { body, headers }));
};
const byHash: Way = async (where, { one, variables }) =>
  ofGraphQL(one, await where.callerFor(one).persisted(one.operation.name, where.fill(variables)));
const byText: Way = async (where, { one, variables }) =>
  ofGraphQL(one, await where.callerFor(one).gql(one.operation.text, where.fill(variables)));

/** What was met, so that the test shows that it compares something. */
const met = new Map<string, number>();

/** Asks the three ways, in a world each or all in one; answers what differs. */
async function differences(some: readonly Case[], worlds: readonly [World, World, World]) {
  const wrong: string[] = [];
  for (const each of some) {
    const outcomes: string[] = [];
    for (const [n, way] of [byRoute, byHash, byText].entries()) {
      const where = worlds[n] as World;
      const outcome = await way(where, each);
      if (!outcome) continue;
      outcomes.push(where.blot(outcome));
      const kind = 'code' in outcome ? outcome.code : 'ok';
      met.set(kind, (met.get(kind) ?? 0) + 1);
    }
    if (outcomes.some((text) => text !== outcomes[0]))
      wrong.push([each.name, ...outcomes.map((text) => text.slice(0, 200))].join('\n  '));
  }
  // Enough to see what is the matter.
  return wrong.slice(0, 20);
}

const reads = cases.filter(({ one: { command } }) => !command);
const writes = cases.filter(({ one: { command } }) => command);

test('H10 reads answer alike by route, by hash and by text', async () => {
  expect(await differences(reads, [reader, reader, reader])).toEqual([]);
}, 120_000);

test('H10 K02 writes do and answer alike by route, by hash and by text', async () => {
  const ofTenants = writes.filter((each) => !each.one.platformOnly);
  expect(await differences(ofTenants, [one, two, three])).toEqual([]);
  const [a, ...others] = await Promise.all([one, two, three].map(contents));
  for (const other of others) expect(other).toBe(a);
}, 120_000);

test('H10 writes of the platform do and answer alike by route, by hash and by text', async () => {
  const ofPlatform = writes.filter((each) => each.one.platformOnly);
  expect(await differences(ofPlatform, [one, two, three])).toEqual([]);
});

test('the corpus met good and bad input of many kinds', () => {
  const kinds = [
    'ok',
    'not understood',
    'INVALID_INPUT',
    'INVALID_ID',
    'INVALID_CURSOR',
    'NOT_FOUND',
  ];
  expect(kinds.filter((kind) => (met.get(kind) ?? 0) < 10)).toEqual([]);
  expect(met.has('INTERNAL')).toBe(false);
});

/** All that a world holds, and what its log says of it. */
async function contents({ blot, tenant }: World): Promise<string> {
  const answer = await tenant.operator.gql(`{
    users(first: 100) { nodes { id email displayName givenName familyName status locale attributes version } }
    groups(first: 100) { nodes { id name description version members { nodes { id } } roles { nodes { id } } } }
    roles(first: 100) { nodes { id name description scopes version } }
    clients(first: 100) { nodes { id name type redirectUris grantTypes apiScopes audiences disabledAt version } }
    resources(first: 100) { nodes { id identifier name tokenSeconds scopes { name description } version } }
    auditEvents(first: 100, filter: { result: SUCCESS }) { nodes { type severity targets { type id } details } }
  }`);
  return blot(answer.data);
}
