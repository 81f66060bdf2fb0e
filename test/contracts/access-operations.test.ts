/**
 * Every published operation, by its hash and by its REST route, against every kind of caller that
 * must be refused. What it demands is read from the printed directives, not from what enforces them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Caller, GraphQLAnswer, RestAnswer } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { type Callers, platformCallers, tenantCallers } from './callers.ts';
import { demandOfDocument, type Scopes } from './demands.ts';
import { furnish } from './fixtures.ts';
import { type OperationCase, operationCases, requestOf } from './routes.ts';
import { type StoredState, storedState } from './stored-state.ts';

const house = await openHouse();
const make = makers(house);
const acme = await furnish(make, 'acme-mark');
const doors: Readonly<Record<string, Callers>> = {
  'public door': tenantCallers(house, make, acme.tenant),
  "platform's door": platformCallers(house, make, acme.tenant),
};
const cases = operationCases().map((one) => ({
  ...one,
  demanded: demandOfDocument(one.operation.document),
}));
const stored = () => storedState(house, [acme.tenant.uuid]);

type Outcome = readonly [status: number, code: unknown];

async function byHash(caller: Caller, one: OperationCase): Promise<Outcome> {
  const answer: GraphQLAnswer<unknown> = await caller.persisted(
    one.operation.name,
    one.variables(acme.ids),
    { accept: 'application/graphql-response+json' },
  );
  return answer.data ? [200, answer.text] : [answer.status, answer.code];
}

async function byRoute(caller: Caller, one: OperationCase): Promise<Outcome | null> {
  if (!one.route || (one.platformOnly && caller.door === 'public')) return null;
  const { method, path, body, headers } = requestOf(one.route, one.variables(acme.ids));
  const answer: RestAnswer<{ code?: string; status?: number }> = await caller.rest(method, path, {
    ...(body ? { body } : {}),
    headers,
  });
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json');
  return isProblem && answer.body.status === answer.status
    ? [answer.status, answer.body.code]
    : [answer.status, answer.text];
}

/** Asks every operation of every caller both ways; answers what was not the expected refusal. */
async function refusals(
  callersOf: (demanded: Scopes) => Promise<readonly Caller[]>,
  [status, code]: Outcome,
): Promise<{ wrong: string[]; asked: number }> {
  const wrong: string[] = [];
  let asked = 0;
  for (const one of cases.filter(({ audience }) => audience !== 'public'))
    for (const caller of await callersOf(one.demanded)) {
      const outcomes = [
        ['hash', await byHash(caller, one)],
        ['route', await byRoute(caller, one)],
      ] as const;
      for (const [way, outcome] of outcomes) {
        if (!outcome) continue;
        asked += 1;
        if (outcome[0] !== status || outcome[1] !== code)
          wrong.push(`${one.operation.name} by ${way}: ${outcome.join(' ').slice(0, 300)}`);
      }
    }
  return { wrong, asked };
}

describe.each(Object.entries(doors))('the %s', (_name, callers) => {
  let before: StoredState;
  beforeAll(async () => {
    for (const { demanded } of cases) {
      await callers.irrelevant(demanded);
      await callers.lacking(demanded);
    }
    before = await stored();
  });
  afterAll(async () => expect(await stored()).toEqual(before));

  test('D01 H10 a stranger is refused', async () => {
    const { wrong, asked } = await refusals(
      async () => [callers.anonymous],
      [401, 'UNAUTHENTICATED'],
    );
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(cases.length);
  });

  test('D01 D03 H10 a caller whose scope is for something else is refused', async () => {
    const { wrong } = await refusals(
      async (demanded) => {
        const caller = await callers.irrelevant(demanded);
        return caller ? [caller] : [];
      },
      [403, 'FORBIDDEN'],
    );
    expect(wrong).toEqual([]);
  });

  test('D03 H10 a caller who lacks one of the scopes is refused', async () => {
    const { wrong } = await refusals(
      async (demanded) => (await callers.lacking(demanded)).map(([, caller]) => caller),
      [403, 'FORBIDDEN'],
    );
    expect(wrong).toEqual([]);
  });

  test('every reading operation is open to whoever holds its scopes', async () => {
    const wrong: string[] = [];
    for (const one of cases) {
      if (
        one.operation.kind !== 'query' ||
        (one.platformOnly && callers.everything.door === 'public')
      )
        continue;
      const outcomes = [
        await byHash(callers.everything, one),
        await byRoute(callers.everything, one),
      ];
      for (const outcome of outcomes)
        if (outcome && outcome[0] !== 200)
          wrong.push(`${one.operation.name}: ${outcome.join(' ')}`);
    }
    expect(wrong).toEqual([]);
  });
});

test("D01 the platform's own routes do not exist at the public door", async () => {
  for (const one of cases.filter(({ platformOnly }) => platformOnly)) {
    const { method, path, body } = requestOf(one.route as never, one.variables(acme.ids));
    const answer = await acme.tenant.rest(method, path.replace('/internal', ''), { body });
    expect([one.operation.name, answer.status]).toEqual([one.operation.name, 404]);
  }
});

test('an operation says that it needs exactly what the printed schema demands', () => {
  for (const { operation, demanded } of cases) {
    const said = typeof operation.access === 'string' ? [[]] : operation.access.scopes;
    expect([operation.name, said.map((group) => [...group].sort())]).toEqual([
      operation.name,
      demanded.map((group) => [...group]),
    ]);
  }
});
