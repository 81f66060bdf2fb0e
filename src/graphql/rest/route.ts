/** One REST route, compiled from an operation: what each part of a request fills. */
import { type GraphQLSchema, getNamedType, visit } from 'graphql';
import type { CatalogueOperation } from '#graphql/operations.ts';
import { type AnswerPlan, answerFields, answerPlan } from './answer-plan.ts';
import type { RestMeta } from './rest-directive.ts';
import { placesOf, type Slot, slotsOf } from './slots.ts';

export interface Route {
  readonly operation: CatalogueOperation;
  readonly rest: RestMeta;
  /** Below the version: `['users', '{id}']`. */
  readonly segments: readonly string[];
  /** Declared below /internal/v1: the public door does not know it. */
  readonly platformOnly: boolean;
  /** In the order of the path. */
  readonly params: readonly Slot[];
  readonly query: ReadonlyMap<string, Slot>;
  readonly ifMatch: Slot | null;
  /** Null when the verb takes no body; without entries when it takes only an empty object. */
  readonly body: ReadonlyMap<string, Slot> | null;
  /** The input variable: an object even when nothing of it was sent. */
  readonly input: string | null;
  /** The slots by what a complaint about the input calls them. */
  readonly places: ReadonlyMap<string, Slot>;
  readonly answer: AnswerPlan;
}

/** Null for an operation without `@rest`; throws when its route cannot be served. */
export function compileRoute(schema: GraphQLSchema, operation: CatalogueOperation): Route | null {
  const { rest } = operation;
  if (!rest) return null;
  try {
    return compile(schema, operation, rest);
  } catch (error) {
    throw new Error(`${operation.name} (${rest.method} ${rest.path}): ${(error as Error).message}`);
  }
}

function compile(schema: GraphQLSchema, operation: CatalogueOperation, rest: RestMeta): Route {
  const { segments, platformOnly } = readPath(rest.path);
  if ((rest.method === 'GET') !== (operation.kind === 'query'))
    throw new Error('a query must be a GET, a mutation another verb');
  visit(operation.document, {
    Directive({ name }) {
      throw new Error(`@${name.value} would make the shape of the answer depend on the request`);
    },
  });
  const slots = slotsOf(schema, operation);
  const { params, query, ifMatch, body } = place(rest, segments, slots);
  const placed = [
    ...params,
    ...query.values(),
    ...(ifMatch ? [ifMatch] : []),
    ...(body?.values() ?? []),
  ];
  const answer = answerPlan(schema, operation);
  checkHeaders(schema, operation, rest, answer);
  return {
    operation,
    rest,
    segments,
    platformOnly,
    params,
    query,
    ifMatch,
    body,
    input: slots.find((slot) => slot.field !== null)?.variable ?? null,
    places: placesOf(operation, placed),
    answer,
  };
}

function readPath(path: string): { segments: readonly string[]; platformOnly: boolean } {
  const [, internal, rest] = /^(\/internal)?\/v1\/(.+)$/.exec(path) ?? [];
  const segments = rest?.split('/') ?? [];
  if (segments.length === 0 || !segments.every((segment) => /^([a-z0-9-]+|\{\w+\})$/.test(segment)))
    throw new Error('the path must look like /v1/users/{id} or /internal/v1/tenants');
  return { segments, platformOnly: internal !== undefined };
}

/** Path and If-Match first; what is left is the query of a read and the body of a write. */
function place(rest: RestMeta, segments: readonly string[], slots: readonly Slot[]) {
  const left = new Map(slots.map((slot) => [slot.name, slot]));
  if (left.size < slots.length)
    throw new Error('two of its variables and input fields share a name');
  const take = (name: string): Slot => {
    const slot = left.get(name);
    if (!slot) throw new Error(`${name} is neither a variable nor a field of the input`);
    left.delete(name);
    return slot;
  };
  const params = segments
    .filter((segment) => segment.startsWith('{'))
    .map((segment): Slot => ({ ...take(segment.slice(1, -1)), in: 'path', required: true }));
  const ifMatch: Slot | null = rest.ifMatch
    ? { ...take(rest.ifMatch), in: 'header', name: 'If-Match' }
    : null;
  if (ifMatch && getNamedType(ifMatch.type).name !== 'Int')
    throw new Error(`${rest.ifMatch} is no Int`);
  const none: ReadonlyMap<string, Slot> = new Map();
  if (rest.method === 'GET') return { params, ifMatch, query: flat(left), body: null };
  if (rest.method === 'DELETE') return { params, ifMatch, query: none, body: nothing(left) };
  const body = new Map(
    [...left].map(([name, slot]): [string, Slot] => [name, { ...slot, in: 'body' }]),
  );
  return { params, ifMatch, query: none, body };
}

/** A query string holds no objects. */
function flat(slots: ReadonlyMap<string, Slot>): ReadonlyMap<string, Slot> {
  for (const slot of slots.values())
    if (slot.field !== null)
      throw new Error(`give the operation flat variables instead of $${slot.variable}`);
  return slots;
}

/** A DELETE has no content (RFC 9110 section 9.3.5), so nothing that it needs may be left. */
function nothing(slots: ReadonlyMap<string, Slot>): null {
  for (const slot of slots.values())
    if (slot.required) throw new Error(`nothing of the request fills ${slot.name}`);
  return null;
}

/** The answer must hold what its ETag and Location are made of, and each name once. */
function checkHeaders(
  schema: GraphQLSchema,
  operation: CatalogueOperation,
  rest: RestMeta,
  answer: AnswerPlan,
): void {
  const { own, beside } = answerFields(schema, operation, answer);
  const keys = [...own, ...beside].map(({ key }) => key);
  if (new Set(keys).size < keys.length)
    throw new Error('the envelope and its object share a field name');
  const templated = [...(rest.location ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  for (const name of [...templated, ...(rest.etag ? [rest.etag] : [])])
    if (!keys.includes(name)) throw new Error(`the answer has no ${name}; select it`);
}
