/**
 * Another tenant's ids, in every place that takes one: as if they did not exist, and nothing changes
 * on either side. Derived from the printed schema, the commands and the operations.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allCommands } from '#kernel/commands/command.ts';
import { isPlatformScope } from '#kernel/scopes.ts';
import { type Caller, callerOf, operator } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { printed } from './demands.ts';
import { commandOf, type FieldDocument, fieldDocuments } from './fields.ts';
import { furnish, type Ids } from './fixtures.ts';
import { operationCases, requestOf } from './routes.ts';
import { idFields, sampleInput } from './sample-input.ts';
import { type StoredState, storedState } from './stored-state.ts';

const house = await openHouse();
const make = makers(house);
const acme = await furnish(make, 'acme-mark');
const other = await furnish(make, 'other-mark');

/** The other tenant's key, and the platform's operator while acting in the other tenant. */
const callers: Readonly<Record<string, Caller>> = {
  'a key of another tenant': other.tenant,
  'the operator, acting in another tenant': operator(house, other.tenant.id),
};
/** What an operator may name from anywhere is a tenant itself. */
const ofTenants = (scopes: readonly string[]) => scopes.some(isPlatformScope);

const stored = () => storedState(house, [acme.tenant.uuid, other.tenant.uuid]);
let before: StoredState;
beforeAll(async () => {
  before = await stored();
});
afterAll(async () => expect(await stored()).toEqual(before));

function leaks(text: string): readonly string[] {
  return acme.marks.filter((mark) => text.includes(mark));
}

/** The answer without what the caller sent: an error may repeat an id. */
function withoutIds(text: string, ids: Ids): string {
  return Object.values(ids).reduce((left, id) => left.replaceAll(id, ''), text);
}

/** Those by which people do something for themselves are closed to keys, whatever the id. */
const takesIds = ({ input, audience }: Pick<FieldDocument, 'input' | 'audience'>) =>
  audience !== 'person' && (!input || idFields(input, acme.ids).length > 0);

describe.each(Object.entries(callers))('%s', (_name, caller) => {
  test('D02 T03 reads nothing through any field', async () => {
    const wrong: string[] = [];
    for (const field of fieldDocuments()) {
      if (field.kind === 'subscription' || !takesIds(field)) continue;
      if (
        caller.door === 'platform' &&
        (ofTenants(field.scopes.flat()) || field.name.startsWith('Tenant.'))
      )
        continue;
      const { text } = await caller.gql(field.document, field.variables(acme.ids));
      const found = leaks(withoutIds(text, acme.ids));
      if (found.length > 0) wrong.push(`${field.name}: ${text.slice(0, 300)}`);
    }
    expect(wrong).toEqual([]);
  });

  const mutations = Object.keys(printed.getMutationType()?.getFields() ?? {}).flatMap(
    (mutation) => {
      const command = commandOf(mutation);
      if (!command?.definition.scope || isPlatformScope(command.definition.scope)) return [];
      const { input } = command.definition;
      return idFields(input, acme.ids).map(
        ([field, type]) => [mutation, field, type, input] as const,
      );
    },
  );

  test.each(mutations)(
    'D02 T03 %s finds nothing behind a foreign %s',
    async (mutation, field, type, shape) => {
      const input = { ...sampleInput(shape, other.ids, [field]), [field]: acme.ids[type] };
      const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
      const { data, text } = await caller.gql<Record<string, { __typename: string }>>(
        `mutation ($input: ${name}Input!) { ${mutation}(input: $input) { __typename ... on Error { code message } } }`,
        { input },
      );
      expect(text).toMatch(/"code":"[A-Z_]*NOT_FOUND"/);
      expect(data?.[mutation]?.__typename).toMatch(/NotFoundError$/);
      expect(leaks(text)).toEqual([]);
    },
  );

  test('D02 H10 reads nothing and changes nothing through any route', async () => {
    const wrong: string[] = [];
    for (const one of operationCases()) {
      const platforms = ofTenants(one.operation.scopes);
      if (!one.route || platforms || !takesIds(one)) continue;
      const variables = one.variables(acme.ids);
      const { method, path, body, headers } = requestOf(one.route, variables);
      const answer = await caller.rest(method, path, { body, headers });
      const byId = Object.values(variables).some((value) => typeof value !== 'number');
      const ok = byId ? answer.status === 404 : answer.status === 200;
      if (!ok || leaks(withoutIds(answer.text, acme.ids)).length > 0)
        wrong.push(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("D05 a header does not move a tenant's caller", () => {
  const moved = (secret: string, door: Caller['door']) =>
    callerOf(house, { secret, door, tenant: acme.tenant.id });

  test.each(['public', 'platform'] as const)('at the %s door', async (door) => {
    const caller = moved(other.tenant.secret, door);
    const read = await caller.gql('{ users { nodes { email } } }');
    expect([read.status, read.code]).toEqual([403, 'FORBIDDEN']);
    expect(leaks(read.text)).toEqual([]);
    const routed = await caller.rest<{ code: string }>('GET', '/v1/users');
    expect([routed.status, routed.body.code]).toEqual([403, 'FORBIDDEN']);
  });

  test('nor does it move a platform key without platform:tenants', async () => {
    const key = await make.apiKey(operator(house), ['users:read']);
    const answer = await moved(key.secret, 'platform').gql('{ users { nodes { email } } }');
    expect([answer.status, answer.code]).toEqual([403, 'FORBIDDEN']);
    before = await stored();
  });
});

/** Called by a protocol alone, for whoever shows one of its tokens; in the tenant of that token. */
const OF_PROTOCOLS = ['client.register'];

test('every command that takes an id is a mutation that was tried', () => {
  const tried = Object.keys(printed.getMutationType()?.getFields() ?? {}).flatMap(
    (name) => commandOf(name)?.definition.name ?? [],
  );
  expect(
    allCommands()
      .map(({ definition }) => definition.name)
      .sort(),
  ).toEqual([...tried, ...OF_PROTOCOLS].sort());
});
