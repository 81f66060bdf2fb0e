/**
 * The REST door: every route is an operation of the catalogue, executed by the same guards as
 * GraphQL. It knows no sockets; the app hands it requests and writes its answers.
 */
import type { GraphQLSchema } from 'graphql';
import { planOf } from '#graphql/document-plan.ts';
import { type Executor, executeOperation } from '#graphql/execute.ts';
import type { CatalogueOperation, OperationCatalogue } from '#graphql/operations.ts';
import { refusal } from '#kernel/access.ts';
import type { ErrorClass } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { MethodNotAllowed, NotFound } from '#kernel/errors.ts';
import { restAnswer } from './answer.ts';
import { errorStatuses } from './error-statuses.ts';
import { problemOf, type RestAnswer } from './problem.ts';
import { type RestRequest, readVariables } from './read-request.ts';
import { compileRoute, type Route } from './route.ts';
import { type Match, routeTable } from './route-table.ts';

export interface RestDoorOptions {
  /** A compiled form of the operation, where there is one; kept by whoever compiles. */
  readonly executor?: (operation: CatalogueOperation) => Executor | undefined;
  /** Every error that may be answered, by default all that the kernel and the commands declare. */
  readonly errors?: readonly ErrorClass[];
}

export interface RestDoor {
  /** Answers every request, whatever is wrong with it; never throws. */
  handle(request: RestRequest, ctx: Context): Promise<RestAnswer>;
}

/**
 * `prefix` is `/v1`, or `/internal/v1` for the platform door, which serves the public routes too.
 * Throws when an operation's route cannot be served.
 */
export function restDoor(
  catalogue: OperationCatalogue,
  schema: GraphQLSchema,
  prefix: string,
  options: RestDoorOptions = {},
): RestDoor {
  const table = routeTable(restRoutes(catalogue, schema), prefix);
  const statuses = errorStatuses(options.errors);
  const run = async (
    route: Route,
    values: readonly string[],
    request: RestRequest,
    ctx: Context,
  ) => {
    const { operation } = route;
    const execute = (variables: Readonly<Record<string, unknown>>) =>
      executeOperation(
        schema,
        { document: operation.document, operationName: operation.name, variables },
        ctx,
        options.executor?.(operation),
      );
    // As in GraphQL, who may not do it learns nothing about the input.
    const result = isRefused(schema, operation, ctx)
      ? await execute({})
      : await execute(await readVariables(route, values, request));
    return restAnswer(route, request, result, { prefix, statuses, ctx });
  };
  return {
    async handle(request, ctx) {
      const match = table(request.path);
      if (!match) return noRoute(ctx);
      const route = match.routes.get(request.method === 'HEAD' ? 'GET' : request.method);
      if (!route) return otherVerb(match, request.method, ctx);
      const answer = await run(route, match.values, request, ctx).catch((error) =>
        problemOf(error, ctx),
      );
      return {
        ...(request.method === 'HEAD' ? headOf(answer) : answer),
        operation: route.operation.name,
      };
    },
  };
}

/** One of each catalogue: several doors serve the same routes. */
const compiled = new WeakMap<OperationCatalogue, readonly Route[]>();

/** Every operation with a route, compiled. */
export function restRoutes(catalogue: OperationCatalogue, schema: GraphQLSchema): readonly Route[] {
  const known = compiled.get(catalogue);
  if (known) return known;
  const routes = catalogue.operations
    .map((operation) => compileRoute(schema, operation))
    .filter((route) => route !== null);
  compiled.set(catalogue, routes);
  return routes;
}

function isRefused(schema: GraphQLSchema, operation: CatalogueOperation, ctx: Context): boolean {
  const demands = planOf(schema, operation.document, operation.name)?.demands ?? [];
  return demands.some(({ access, where }) => refusal(access, ctx, where) !== null);
}

function noRoute(ctx: Context): RestAnswer {
  return problemOf(new NotFound('Route'), ctx, {
    detail: 'There is no such route; paths are case-sensitive and have no trailing slash',
  });
}

function otherVerb(match: Match, method: string, ctx: Context): RestAnswer {
  const verbs = [...match.routes.keys()];
  const allow = [...verbs, ...(verbs.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ');
  if (method === 'OPTIONS') return { status: 204, headers: { allow }, body: null };
  const detail = `This route answers to ${allow}`;
  return problemOf(new MethodNotAllowed(), ctx, { detail, headers: { allow } });
}

/** RFC 9110 section 9.3.2: the headers of the GET, the length of its content included. */
function headOf(answer: RestAnswer): RestAnswer {
  if (answer.body === null) return answer;
  const length = String(Buffer.byteLength(answer.body));
  return { ...answer, headers: { ...answer.headers, 'content-length': length }, body: null };
}
