/**
 * GraphQL over HTTP. A POST of JSON goes straight to the executor: a persisted operation needs no
 * parsing, an arbitrary document is parsed and validated once. Everything else is Yoga's.
 */
import type { ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { executeOperation } from '#graphql/execute.ts';
import { maskError, toGraphQLError } from '#graphql/mask-errors.ts';
import { documentHash } from '#graphql/operations.ts';
import type { PersistedOperation, PersistedOperations } from '#graphql/persisted-operations.ts';
import { errorStatuses } from '#graphql/rest/error-statuses.ts';
import type { Context } from '#kernel/context.ts';
import { BadRequest, NotAcceptable, PersistedQueryNotFound } from '#kernel/errors.ts';
import { readJson } from '#kernel/http/read-body.ts';
import { failureHeaders, problemOf, type Responder } from '#kernel/http/respond.ts';
import { documentParser, type ParseText } from './graphql-documents.ts';
import { handBody, JSON_ONLY, type Params, queryOf, readParams } from './graphql-params.ts';
import {
  createGraphQLYoga,
  type GraphQLYoga,
  isSubscription,
  type ServerContext,
} from './graphql-yoga.ts';
import type { Handle, SayProblem } from './server.ts';
import { bodyLimits } from './time-limit.ts';

export interface GraphQLDoorOptions {
  readonly schema: GraphQLSchema;
  readonly persisted: PersistedOperations;
  readonly respond: Responder;
  readonly endpoint: string;
  readonly graphiql: boolean;
}

/** GraphiQL's page brings scripts and styles of its own; it exists in development only. */
const GRAPHIQL_HEADERS = {
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
};

const STATUSES = errorStatuses();

const JSON_RANGES = new Set(['application/json', 'application/*', '*/*']);

const RESPONSE_JSON = 'application/graphql-response+json';

export function graphqlDoor(options: GraphQLDoorOptions): Handle {
  const { schema, persisted, respond } = options;
  const yoga = createGraphQLYoga(schema, options);
  const parseText = documentParser(yoga, schema);
  const viaYoga = yogaHandle(yoga, parseText, options);

  return async (request, response, ctx) => {
    const accept = request.headers.accept ?? '';
    if (request.method !== 'POST' || accept.includes('text/event-stream'))
      return viaYoga(request, response, ctx);
    const type = answerType(accept);
    if (type === null)
      throw new NotAcceptable(
        `Accept must allow application/json, ${RESPONSE_JSON} or text/event-stream`,
      );
    const params = readParams(await readJson(request, { ...bodyLimits(ctx), types: JSON_ONLY }));
    const result = await answer(params, ctx);
    send(respond, response, type, result);
    return undefined;
  };

  async function answer(
    params: Params,
    ctx: Context,
  ): Promise<ExecutionResult & { refusedDocument?: true }> {
    const { query, hash, operationName, variables } = params;
    const stored = hash === null ? null : persisted.find(hash);
    if (hash !== null && query === null) return stored ? run(stored, variables, ctx) : notFound();
    if (query === null)
      throw new BadRequest('query must be a GraphQL document, or send the hash of a persisted one');
    if (hash !== null && documentHash(query) !== hash)
      throw new BadRequest('extensions.persistedQuery.sha256Hash is not the hash of query');
    if (stored) return run(stored, variables, ctx);
    const outcome = parseText(query, ctx);
    if ('errors' in outcome) return refusedDocument(outcome.errors, ctx);
    if (isSubscription(schema, outcome.document, operationName))
      throw new BadRequest('A subscription is answered as text/event-stream; say so in Accept');
    return executeOperation(schema, { document: outcome.document, operationName, variables }, ctx);
  }

  function run(operation: PersistedOperation, variables: Record<string, unknown>, ctx: Context) {
    return executeOperation(schema, { ...operation, variables }, ctx, operation.compiled());
  }
}

/** GET, GraphiQL, server-sent events. */
function yogaHandle(
  yoga: GraphQLYoga,
  parseText: ParseText,
  { schema, respond, graphiql }: GraphQLDoorOptions,
): Handle {
  const page = { ...respond.headers, ...GRAPHIQL_HEADERS };
  return async (request, response, ctx) => {
    const { query, operationName } =
      request.method === 'POST' ? await handBody(request, ctx) : queryOf(request.url ?? '/');
    const toPerson = graphiql && request.headers.accept?.includes('text/html');
    response.setHeaders(new Map(Object.entries(toPerson ? page : respond.headers)));
    const serve = async () => void (await yoga(request, response, ctx as ServerContext));
    const parsed = typeof query === 'string' ? parseText(query, ctx) : { errors: [] };
    const type = answerType(request.headers.accept ?? '');
    if ('errors' in parsed && parsed.errors.length > 0 && type !== null) {
      send(respond, response, type, refusedDocument(parsed.errors, ctx));
      return undefined;
    }
    const name = typeof operationName === 'string' ? operationName : null;
    // A subscription lives on in its tenant's name; anything else has an operation's time.
    if ('document' in parsed && isSubscription(schema, parsed.document, name))
      return () => ctx.db.inTenant(ctx.tenantId, serve);
    await serve();
    return undefined;
  };
}

function refusedDocument(errors: readonly GraphQLError[], ctx: Context) {
  return { errors: errors.map((error) => maskError(error, ctx)), refusedDocument: true as const };
}

function notFound(): ExecutionResult & { refusedDocument: true } {
  return { errors: [toGraphQLError(new PersistedQueryNotFound())], refusedDocument: true };
}

/** Null when the client takes none of ours. */
function answerType(accept: string): string | null {
  // RFC 9110 section 12.5.1: what has no weight is not wanted.
  const wanted = accept
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim().toLowerCase());
  if (wanted.includes(RESPONSE_JSON)) return RESPONSE_JSON;
  if (accept === '' || wanted.some((type) => JSON_RANGES.has(type ?? '')))
    return 'application/json';
  return null;
}

/**
 * Section 6.4: application/json is always 200; the other type says by its status what happened, by
 * the table that REST uses.
 */
function send(
  respond: Responder,
  response: ServerResponse,
  type: string,
  { refusedDocument, ...result }: ExecutionResult & { refusedDocument?: true },
): void {
  const bad = refusedDocument || !('data' in result);
  const code = String(result.errors?.[0]?.extensions['code']);
  const status = type === RESPONSE_JSON && bad ? (STATUSES.get(code) ?? 400) : 200;
  const retryAfter = result.errors?.[0]?.extensions['retryAfter'];
  respond.json(response, status, result, {
    'content-type': `${type}; charset=utf-8`,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
}

/** A failure before there was an operation: GraphQL's shape, with the status of the failure. */
export function graphqlProblem(respond: Responder): SayProblem {
  return (response, error, requestId) => {
    const {
      status,
      detail,
      code,
      title: _title,
      type: _type,
      ...rest
    } = problemOf(error, requestId);
    const failure = { errors: [{ message: detail, extensions: { code, ...rest } }] };
    respond.json(response, status, failure, failureHeaders(error));
  };
}
