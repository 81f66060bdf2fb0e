/**
 * Slots: the places of a request (a path parameter, a query parameter, a header, a field of the
 * body), each with the variable, or the field of an input variable, that it fills.
 */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  type NamedTypeNode,
  TypeInfo,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { CatalogueOperation } from '#graphql/operations.ts';

export interface Slot {
  readonly in: 'path' | 'query' | 'header' | 'body';
  /** Its name in the request. */
  readonly name: string;
  readonly variable: string;
  /** Null when it fills the whole variable. */
  readonly field: string | null;
  readonly type: GraphQLInputType;
  readonly required: boolean;
  readonly description: string;
  readonly default?: unknown;
}

/** One for every scalar variable and one for every field of an input variable, not yet placed. */
export function slotsOf(schema: GraphQLSchema, operation: CatalogueOperation): Slot[] {
  const descriptions = argumentDescriptions(schema, operation);
  return (operation.definition.variableDefinitions ?? []).flatMap((definition) => {
    const variable = definition.variable.name.value;
    const type = inputTypeOf(schema, definition);
    const named = getNamedType(type);
    if (isInputObjectType(named))
      return Object.values(named.getFields()).map(
        (field): Slot => ({
          in: 'body',
          name: field.name,
          variable,
          field: field.name,
          type: field.type,
          required: isRequiredInputField(field),
          description: field.description ?? '',
          ...(field.defaultValue === undefined ? {} : { default: field.defaultValue }),
        }),
      );
    const fallback = definition.defaultValue && valueFromASTUntyped(definition.defaultValue);
    const slot: Slot = {
      in: 'query',
      name: variable,
      variable,
      field: null,
      type,
      required: isNonNullType(type) && fallback === undefined,
      description: descriptions.get(variable) ?? '',
      ...(fallback === undefined ? {} : { default: fallback }),
    };
    return [slot];
  });
}

/**
 * The slots by what a complaint about the input calls them. Resolvers name their argument (`first`,
 * `filter.search`), commands a field of their input (`email`).
 */
export function placesOf(
  operation: CatalogueOperation,
  slots: readonly Slot[],
): ReadonlyMap<string, Slot> {
  const places = new Map<string, Slot>();
  const note = (path: readonly string[], value: ValueNode): void => {
    if (value.kind === Kind.OBJECT)
      for (const field of value.fields) note([...path, field.name.value], field.value);
    if (value.kind !== Kind.VARIABLE) return;
    for (const slot of slots.filter(({ variable }) => variable === value.name.value)) {
      const full = slot.field === null ? path : [...path, slot.field];
      places.set(full.join('.'), slot);
      if (full.length > 1) places.set(full.slice(1).join('.'), slot);
    }
  };
  visit(operation.definition, {
    Argument: (argument) => note([argument.name.value], argument.value),
  });
  return places;
}

/** What the argument or input field that a variable fills says of itself, by the variable. */
function argumentDescriptions(
  schema: GraphQLSchema,
  operation: CatalogueOperation,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const types = new TypeInfo(schema);
  visit(
    operation.definition,
    visitWithTypeInfo(types, {
      Argument({ value }) {
        const description = types.getArgument()?.description;
        if (value.kind === Kind.VARIABLE && description) found.set(value.name.value, description);
      },
      ObjectField({ name, value }) {
        const parent = getNamedType(types.getParentInputType());
        const field = isInputObjectType(parent) ? parent.getFields()[name.value] : undefined;
        if (value.kind === Kind.VARIABLE && field?.description)
          found.set(value.name.value, field.description);
      },
    }),
  );
  return found;
}

function inputTypeOf(schema: GraphQLSchema, definition: VariableDefinitionNode): GraphQLInputType {
  // Its overloads know named, list and non-null nodes, but not their union.
  return typeFromAST(schema, definition.type as NamedTypeNode) as unknown as GraphQLInputType;
}
