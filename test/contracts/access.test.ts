/**
 * Every field and every command against every kind of caller that must be refused, derived from the
 * printed schema and the commands: nobody, somebody without the scope, somebody with all but one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allCommands } from '#kernel/commands/command.ts';
import { newId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { Caller, GraphQLAnswer } from '../kit/as.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { type Callers, platformCallers, tenantCallers } from './callers.ts';
import { isOpenTo, publicRoots } from './demands.ts';
import { type FieldDocument, fieldDocuments } from './fields.ts';
import { furnish } from './fixtures.ts';
import { sampleInput } from './sample-input.ts';
import { type StoredState, storedState } from './stored-state.ts';

const house = await openHouse();
const make = makers(house);
const acme = await furnish(make, 'acme-mark');
const doors: Readonly<Record<string, Callers>> = {
  'public door': tenantCallers(house, make, acme.tenant),
  "platform's door": platformCallers(house, make, acme.tenant),
};
const documents = fieldDocuments();
const stored = () => storedState(house, [acme.tenant.uuid]);

function ask(caller: Caller, field: FieldDocument): Promise<GraphQLAnswer<unknown>> {
  const live = field.kind === 'subscription' ? { accept: 'text/event-stream' } : {};
  return caller.gql(field.document, field.variables(acme.ids), live);
}

/** Null when the answer is that refusal and nothing else. */
function otherThan(code: string, answer: GraphQLAnswer<unknown>): string | null {
  const refused = answer.errors?.length === 1 && answer.code === code && !answer.data;
  return refused ? null : answer.text.slice(0, 300);
}

describe.each(Object.entries(doors))('the %s', (_name, callers) => {
  let before: StoredState;
  beforeAll(async () => {
    // The keys that call are rows too.
    for (const { scopes } of documents) {
      await callers.irrelevant(scopes);
      await callers.lacking(scopes);
    }
    before = await stored();
  });
  afterAll(async () => expect(await stored()).toEqual(before));

  test('D01 every field is closed to a stranger', async () => {
    const wrong: string[] = [];
    for (const field of documents) {
      if (field.audience === 'public') continue;
      const problem = otherThan('UNAUTHENTICATED', await ask(callers.anonymous, field));
      if (problem) wrong.push(`${field.name}: ${problem}`);
    }
    expect(wrong).toEqual([]);
    expect(documents.length).toBeGreaterThan(200);
  });

  test('D01 D03 every field is closed to a caller whose scope is for something else', async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const field of documents) {
      const caller = await callers.irrelevant(field.scopes);
      if (!caller) continue;
      asked += 1;
      const problem = otherThan('FORBIDDEN', await ask(caller, field));
      if (problem) wrong.push(`${field.name}: ${problem}`);
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(150);
  });

  test('D03 no field opens when one of its scopes is missing, whatever else is held', async () => {
    const wrong: string[] = [];
    for (const field of documents)
      for (const [scope, caller] of await callers.lacking(field.scopes)) {
        const problem = otherThan('FORBIDDEN', await ask(caller, field));
        if (problem) wrong.push(`${field.name} without ${scope}: ${problem}`);
      }
    expect(wrong).toEqual([]);
  });

  test('every reading field is open to whoever holds its scopes', async () => {
    const wrong: string[] = [];
    for (const field of documents) {
      if (field.kind !== 'query' || !isOpenTo(callers.scopes, field.scopes)) continue;
      const { errors, text } = await ask(callers.everything, field);
      if (errors) wrong.push(`${field.name}: ${text}`);
    }
    expect(wrong).toEqual([]);
  });
});

test('D01 strangers may ask this and nothing else', () => {
  expect(publicRoots()).toEqual([
    'Mutation.acceptInvitation',
    'Mutation.register',
    'Mutation.requestPasswordReset',
    'Mutation.resetPassword',
    'Mutation.startSignIn',
    'Mutation.submitSignInStep',
    'Mutation.verifyEmail',
  ]);
});

test('D01 what people do for themselves is closed to keys', async () => {
  const personal = documents.filter(({ audience }) => audience === 'person');
  const wrong: string[] = [];
  for (const field of personal) {
    const problem = otherThan('FORBIDDEN', await ask(acme.tenant, field));
    if (problem) wrong.push(`${field.name}: ${problem}`);
  }
  expect(wrong).toEqual([]);
  expect(personal.length).toBeGreaterThan(2);
});

describe('commands', () => {
  const inputs = allCommands().map(
    (command) =>
      [command.definition.name, command, sampleInput(command.definition.input, acme.ids)] as const,
  );

  let before: StoredState;
  beforeAll(async () => {
    before = await stored();
  });

  test.each(inputs)(
    'D01 D04 %s refuses whoever lacks its scope, or two factors',
    async (_name, command, input) => {
      const { scope, access } = command.definition;
      const tenantId = scope?.startsWith('platform:') ? PLATFORM_TENANT_ID : acme.tenant.uuid;
      const others = documents
        .flatMap(({ scopes }) => scopes.flat())
        .filter((one) => one !== scope);
      const nobody = await contextOf(house, { tenantId, kind: 'anonymous' });
      const somebody = await contextOf(house, { tenantId, kind: 'api-key', scopes: others });
      await expect(call(nobody, command, input)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      if (access !== 'authenticated')
        await expect(call(somebody, command, input)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      if (scope) {
        const person = {
          tenantId,
          userId: newId(),
          scopes: [scope],
          signedIn: { acr: 'pwd' },
        } as const;
        await expect(call(await contextOf(house, person), command, input)).rejects.toMatchObject({
          code: 'STEP_UP_REQUIRED',
          missing: { acr: 'mfa' },
        });
      }
      expect(await stored()).toEqual(before);
    },
  );
});
