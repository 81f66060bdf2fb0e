/**
 * How many items a field hands out, before it is resolved: a connection's page, objects by their
 * ids, and the lists of the schema about itself. What stands inside a list costs once an item.
 */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import { DEFAULT_PAGE, MAX_PAGE } from '#kernel/db/keyset.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** The variables as they will be: with the operation's own defaults where none was given. */
export function withDefaults(operation: OperationDefinitionNode, given: Variables): Variables {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, sizeIn(defaultValue, {})] as const] : [],
  );
  return defaults.length > 0 ? { ...Object.fromEntries(defaults), ...given } : given;
}

/** 1 for what is no list that a caller sizes. */
export function listSize(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
): (variables: Variables) => number {
  const declares = (name: string) => field.args.some((arg) => arg.name === name);
  const given = (name: string) => node.arguments?.find((arg) => arg.name.value === name)?.value;
  if (declares('first')) {
    const sizes = [given('first'), given('last')].filter((value) => value !== undefined);
    return (variables) => {
      const asked = sizes.map((value) => sizeIn(value, variables)).filter(isNumber);
      return asked.length > 0 ? Math.min(Math.max(...asked, 1), MAX_PAGE) : DEFAULT_PAGE;
    };
  }
  const ids = declares('ids') ? given('ids') : undefined;
  if (ids) return (variables) => Math.max(1, lengthIn(ids, variables));
  return () => 1;
}

/** The schema's lists about itself, by field: `types` as many as there are, the others on average. */
export function introspectionSizes(schema: GraphQLSchema): ReadonlyMap<string, number> {
  const known = sizesOf.get(schema);
  if (known) return known;
  const types = Object.values(schema.getTypeMap());
  const withFields = types.filter((type) => isObjectType(type) || isInterfaceType(type));
  const fields = withFields.flatMap((type) => Object.values(type.getFields()));
  const inputFields = types.filter(isInputObjectType).flatMap((t) => Object.values(t.getFields()));
  const values = types.filter(isEnumType).flatMap((type) => type.getValues());
  const anyType = (count: number) => Math.max(1, count / types.length);
  const sizes = new Map([
    // Asking about the schema blocks the process as asking for data does not: it counts threefold.
    ['__schema', 3],
    ['__type', 3],
    // Most types are wrapped once or not at all.
    ['ofType', 0.3],
    ['types', types.length],
    ['directives', schema.getDirectives().length],
    ['fields', anyType(fields.length)],
    ['inputFields', anyType(inputFields.length)],
    ['enumValues', anyType(values.length)],
    ['args', Math.max(1, fields.flatMap((field) => field.args).length / fields.length)],
  ]);
  sizesOf.set(schema, sizes);
  return sizes;
}

const sizesOf = new WeakMap<GraphQLSchema, ReadonlyMap<string, number>>();

function sizeIn(value: ValueNode, variables: Variables): unknown {
  if (value.kind === Kind.INT) return Number(value.value);
  if (value.kind === Kind.LIST) return value.values;
  return value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
}

function lengthIn(value: ValueNode, variables: Variables): number {
  const list = sizeIn(value, variables);
  return Array.isArray(list) ? list.length : 1;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
