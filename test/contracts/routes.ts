/** Every operation with a REST route as a request, derived from the operation documents. */
import { type FieldNode, getNamedType, type ValueNode } from 'graphql';
import { mutationInput } from '#graphql/mutations.ts';
import type { CatalogueOperation } from '#graphql/operations.ts';
import { rootField } from '#graphql/operations.ts';
import { restRoutes } from '#graphql/rest/door.ts';
import type { Route } from '#graphql/rest/route.ts';
import type { Slot } from '#graphql/rest/slots.ts';
import type { Command } from '#kernel/commands/command.ts';
import { allCommands, type InputSchema } from '#kernel/commands/command.ts';
import { readOperations } from '../../src/app/operations.ts';
import { schema } from '../../src/app/schema.ts';
import { type Audience, audienceOf, printed } from './demands.ts';
import { ID_TYPE_OF, type Ids } from './fixtures.ts';
import { sampleInput } from './sample-input.ts';

export interface OperationCase {
  readonly operation: CatalogueOperation;
  readonly command: Command | undefined;
  /** The input of its mutation. */
  readonly input: InputSchema | undefined;
  /** Null for an operation without a route. */
  readonly route: Route | null;
  readonly audience: Audience;
  /** Only the platform's door serves it. */
  readonly platformOnly: boolean;
  /** The least variables of the operation. */
  variables(ids: Ids): Record<string, unknown>;
}

export interface RouteRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;
}

export function operationCases(): readonly OperationCase[] {
  const catalogue = readOperations();
  const routes = new Map(
    restRoutes(catalogue, schema).map((route) => [route.operation.name, route]),
  );
  return catalogue.operations.map((operation) => {
    const route = routes.get(operation.name) ?? null;
    const command = allCommands().find(({ definition }) => definition.name === operation.command);
    const root = rootField(schema, operation.definition).name;
    const type = operation.kind === 'mutation' ? printed.getMutationType() : printed.getQueryType();
    const audience = audienceOf(type?.getFields()[root] as Parameters<typeof audienceOf>[0]);
    const input = mutationInput(root);
    return {
      operation,
      command,
      input,
      audience,
      route,
      platformOnly: route?.platformOnly ?? false,
      variables: (ids) => variablesOf(operation, input, ids),
    };
  });
}

/** The request that fills the route's places with these variables; the path begins with /v1. */
export function requestOf(route: Route, variables: Record<string, unknown>): RouteRequest {
  const value = (slot: Slot) => contentOf(slot, variables);
  const path = route.params.reduce(
    (filled, slot) => filled.replace(`{${slot.name}}`, encodeURIComponent(String(value(slot)))),
    route.rest.path,
  );
  const query = [...route.query.values()]
    .filter((slot) => value(slot) != null)
    .map((slot) => `${slot.name}=${encodeURIComponent(String(value(slot)))}`);
  const body = route.body && {
    ...given([...route.body.values()], value),
    ...Object.fromEntries(strays(route, variables)),
  };
  const version = route.ifMatch && value(route.ifMatch);
  return {
    method: route.rest.method,
    path: query.length > 0 ? `${path}?${query.join('&')}` : path,
    ...(body ? { body } : {}),
    headers: version == null ? {} : { 'if-match': `"${version}"` },
  };
}

/**
 * Whether a request can say this at all: a URL holds no nulls and no lists, an entity tag is a
 * version, and without a body there is no place for a stray field.
 */
export function carries(route: Route, variables: Record<string, unknown>): boolean {
  const value = (slot: Slot) => contentOf(slot, variables);
  const inQuery = [...route.query.values()].every((slot) => {
    const kind = ['Float', 'Int'].includes(getNamedType(slot.type).name) ? 'number' : 'string';
    return ['string', 'undefined', kind].includes(typeof value(slot));
  });
  const tag = route.ifMatch && value(route.ifMatch);
  return (
    inQuery &&
    route.params.every((slot) => typeof value(slot) === 'string') &&
    (tag == null || Number.isInteger(tag)) &&
    (route.body !== null || strays(route, variables).length === 0)
  );
}

/** Fields of the input that the route has no place for. */
function strays(route: Route, variables: Record<string, unknown>): readonly [string, unknown][] {
  const input = route.input ? (variables[route.input] as Record<string, unknown>) : {};
  const slots = [
    ...route.params,
    ...(route.ifMatch ? [route.ifMatch] : []),
    ...(route.body?.values() ?? []),
  ];
  return Object.entries(input).filter(([name]) => !slots.some(({ field }) => field === name));
}

function contentOf({ field, variable }: Slot, variables: Record<string, unknown>): unknown {
  if (field === null) return variables[variable];
  return (variables[variable] as Record<string, unknown> | undefined)?.[field];
}

function given(slots: readonly Slot[], value: (slot: Slot) => unknown): Record<string, unknown> {
  const entries = slots.map((slot) => [slot.name, value(slot)] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

/** What fills each variable is told by the place where the root field uses it. */
function variablesOf(
  operation: CatalogueOperation,
  shape: InputSchema | undefined,
  ids: Ids,
): Record<string, unknown> {
  const optional = new Set(
    operation.definition.variableDefinitions
      ?.filter(({ type, defaultValue }) => type.kind !== 'NonNullType' || defaultValue)
      .map(({ variable }) => variable.name.value),
  );
  const field = rootField(schema, operation.definition);
  const [selection] = operation.definition.selectionSet.selections;
  const variables: Record<string, unknown> = {};
  const fill = (value: ValueNode, make: () => unknown) => {
    if (value.kind === 'Variable' && !optional.has(value.name.value))
      variables[value.name.value] = make();
  };
  for (const { name, value } of (selection as FieldNode).arguments ?? []) {
    if (name.value !== 'input' || !shape) {
      const argument = field.args.find((one) => one.name === name.value);
      // The size of a tree: any that holds an event has this one.
      const isSize = argument && getNamedType(argument.type).name === 'Float';
      fill(value, () => (isSize ? 1 : ids[ID_TYPE_OF[getNamedType(field.type).name] ?? 'user']));
      continue;
    }
    const parts = value.kind === 'ObjectValue' ? value.fields : [];
    const required = parts.filter(
      (part) => part.value.kind === 'Variable' && !optional.has(part.value.name.value),
    );
    const input = sampleInput(
      shape,
      ids,
      required.map((part) => part.name.value),
    );
    fill(value, () => input);
    for (const part of parts) fill(part.value, () => input[part.name.value]);
  }
  return variables;
}
