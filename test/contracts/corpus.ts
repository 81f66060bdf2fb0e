/**
 * Every published operation with good and bad variables, generated from what it declares. Ids and
 * texts are placeholders, so that the same case can be asked of several tenants alike.
 */
import {
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  type NamedTypeNode,
  typeFromAST,
} from 'graphql';
import type { z } from 'zod';
import type { Slot } from '#graphql/rest/slots.ts';
import type { InputSchema } from '#kernel/commands/command.ts';
import { printed } from './demands.ts';
import { type Ids, missingIds } from './fixtures.ts';
import { type OperationCase, operationCases } from './routes.ts';
import { idFields, sampleInput } from './sample-input.ts';

export interface Case {
  readonly name: string;
  readonly one: OperationCase;
  readonly variables: Record<string, unknown>;
}

/** Stand for the ids of whoever asks. */
export const PLACEHOLDERS: Ids = missingIds();
const NOTHING: Ids = missingIds();

/** Reads first, then what makes, changes, and at last what takes away. */
export function corpus(): readonly Case[] {
  const order = [
    'query',
    'Create',
    'Update',
    'A',
    'Rotate',
    '',
    'Un',
    'Remove',
    'Suspend',
    'Revoke',
    'Delete',
  ];
  const rank = ({ operation: { kind, name } }: OperationCase) =>
    kind === 'query' ? 0 : order.findLastIndex((prefix, n) => n > 0 && name.startsWith(prefix));
  return operationCases()
    .toSorted((a, b) => rank(a) - rank(b))
    .flatMap((one) => (one.input ? mutationCases(one) : queryCases(one)));
}

function queryCases(one: OperationCase): Case[] {
  const least = one.variables(PLACEHOLDERS);
  const types = variableTypes(one);
  return [
    { name: `${one.operation.name}`, one, variables: least },
    ...[...types].flatMap(([name, type]) =>
      [...goodValues(type), ...badValues(name in least)].map((value) => ({
        name: `${one.operation.name} with ${name}: ${shown(value)}`,
        one,
        variables: { ...least, [name]: value },
      })),
    ),
  ];
}

function mutationCases(one: OperationCase): Case[] {
  const { input: shape, operation } = one;
  if (!shape) return [];
  const least = one.variables(PLACEHOLDERS);
  const { input } = least as { input?: Record<string, unknown> };
  const cases: Case[] = [{ name: operation.name, one, variables: least }];
  const add = (what: string, variables: Record<string, unknown>) =>
    cases.push({ name: `${operation.name} with ${what}`, one, variables });
  if (!input) {
    for (const name of Object.keys(least))
      for (const value of badValues(true))
        add(`${name}: ${shown(value)}`, { ...least, [name]: value });
    return cases;
  }
  for (const name of Object.keys(shape.shape)) {
    const good = sampleInput(shape, PLACEHOLDERS, [name]);
    if (!(name in input)) add(name, { input: { ...good, ...input, [name]: good[name] } });
    if (name in input) add(`no ${name}`, { input: without(input, name) });
    for (const value of badValues(isInPath(one, name))) {
      if (!isTelling(shape, name, value)) continue;
      add(`${name}: ${shown(value)}`, { input: { ...input, [name]: value } });
    }
  }
  add('an unknown field', { input: { ...input, tenantId: PLACEHOLDERS.tenant } });
  return cases;
}

/** Other ids tell something where an id is wanted, other numbers where a number is. */
function isTelling(shape: InputSchema, name: string, bad: unknown): boolean {
  const ids: readonly unknown[] = [PLACEHOLDERS.event, NOTHING.group];
  if (ids.includes(bad)) return idFields(shape, PLACEHOLDERS).some(([field]) => field === name);
  const field = shape.shape[name] as z.ZodType;
  const takesNumbers = [3, 100, 20_000, 100_000].some((one) => field.safeParse(one).success);
  return takesNumbers || (bad !== -1 && bad !== 1.5);
}

/** Values of every wrong kind; a path can only hold texts. */
function badValues(inPath: boolean): readonly unknown[] {
  const texts = ['sample_no_id', PLACEHOLDERS.event, NOTHING.group, 'x'.repeat(3000)];
  return inPath ? texts : [...texts, '', null, 12_345, -1, 1.5, true, ['a'], { a: 1 }];
}

function goodValues(type: GraphQLInputType): readonly unknown[] {
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues().map(({ name }) => name);
  if (isInputObjectType(named)) return [];
  const values: Readonly<Record<string, readonly unknown[]>> = {
    Int: [1, 100, 101],
    String: ['sample', 'owner'],
    ID: [...Object.values(PLACEHOLDERS), NOTHING.user, NOTHING.group],
    DateTime: [
      '2020-01-01T00:00:00Z',
      '2999-01-01T00:00:00.000Z',
      '2020-01-01',
      '2020-02-30T00:00:00Z',
    ],
    Boolean: [true, false],
  };
  return values[named.name] ?? [];
}

function variableTypes({ operation }: OperationCase): Map<string, GraphQLInputType> {
  return new Map(
    (operation.definition.variableDefinitions ?? []).map(({ variable, type }) => [
      variable.name.value,
      typeFromAST(printed, type as NamedTypeNode) as unknown as GraphQLInputType,
    ]),
  );
}

/** Whether REST carries the field where only texts fit: in the path or in a header. */
function isInPath({ route }: OperationCase, field: string): boolean {
  const slots: readonly Slot[] = [
    ...(route?.params ?? []),
    ...(route?.ifMatch ? [route.ifMatch] : []),
  ];
  return slots.some((slot) => slot.field === field);
}

function without(object: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
