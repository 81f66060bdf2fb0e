/**
 * GraphQL over HTTP. A POST of JSON goes straight to the executor: a persisted operation needs no
 * parsing, an arbitrary document is parsed and validated once. Everything else is Yoga's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { executeOperation } from '#graphql/execute.ts';
import { maskError, toGraphQLError } from '#graphql/mask-errors.ts';
import { documentHash } from '#graphql/operations.ts';
import type { PersistedOperation, PersistedOperations } from '#graphql/persisted-operations.ts';
import { errorStatuses } from '#graphql/rest/error-statuses.ts';
import type { Context } from '#kernel/context.ts';
import {
  BadRequest,
  NotAcceptable,
  PersistedQueryNotFound,
  UnsupportedMediaType,
} from '#kernel/errors.ts';
import { readJson } from '#kernel/http/read-body.ts';
import { failureHeaders, problemOf, type Responder } from '#kernel/http/respond.ts';
import { createGraphQLYoga, isSubscription, type ServerContext } from './graphql-yoga.ts';
import type { SayProblem } from './server.ts';

export interface GraphQLDoorOptions {
  readonly schema: GraphQLSchema;
  readonly persisted: PersistedOperations;
  readonly respond: Responder;
  readonly endpoint: string;
  readonly graphiql: boolean;
}

export type GraphQLDoor = (
  request: IncomingMessage,
  response: ServerResponse,
  ctx: Context,
) => Promise<void>;

interface Params {
  readonly query: string | null;
  readonly hash: string | null;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
}

type Parsed = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** GraphiQL's page brings scripts and styles of its own; it exists in development only. */
const GRAPHIQL_HEADERS = {
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
};

const STATUSES = errorStatuses();

const JSON_RANGES = new Set(['application/json', 'application/*', '*/*']);

const RESPONSE_JSON = 'application/graphql-response+json';

export function graphqlDoor(options: GraphQLDoorOptions): GraphQLDoor {
  const { schema, persisted, respond } = options;
  const yoga = createGraphQLYoga(schema, options);
  const parseText = documentParser(yoga, schema);

  return async (request, response, ctx) => {
    const accept = request.headers.accept ?? '';
    if (request.method !== 'POST' || accept.includes('text/event-stream')) {
      if (request.method === 'POST') await handBody(request);
      const page = options.graphiql && accept.includes('text/html') ? GRAPHIQL_HEADERS : {};
      response.setHeaders(new Map(Object.entries({ ...respond.headers, ...page })));
      await yoga(request, response, ctx as ServerContext);
      return;
    }
    const type = answerType(accept);
    if (type === null)
      throw new NotAcceptable(
        `Accept must allow application/json, ${RESPONSE_JSON} or text/event-stream`,
      );
    const params = readParams(await readJson(request, { types: ['application/json'] }));
    const result = await answer(params, ctx);
    send(respond, response, type, result);
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
    if ('errors' in outcome)
      return {
        errors: outcome.errors.map((error) => maskError(error, ctx)),
        refusedDocument: true,
      };
    if (isSubscription(schema, outcome.document, operationName))
      throw new BadRequest('A subscription is answered as text/event-stream; say so in Accept');
    return executeOperation(schema, { document: outcome.document, operationName, variables }, ctx);
  }

  function run(operation: PersistedOperation, variables: Record<string, unknown>, ctx: Context) {
    return executeOperation(schema, { ...operation, variables }, ctx, operation.compiled());
  }
}

/** Parses and validates with Yoga's limits; a document that passed is kept by its text, in about 32 MB. */
function documentParser(yoga: ReturnType<typeof createGraphQLYoga>, schema: GraphQLSchema) {
  const parsed = new LRUCache<string, Parsed>({
    max: 1_000,
    maxSize: 32_000_000,
    // A token of two characters takes about 500 bytes when it is parsed.
    sizeCalculation: (_, text) => 250 * text.length + 1,
  });
  return (text: string, ctx: Context): Parsed => {
    const known = parsed.get(text);
    if (known) return known;
    const { parse, validate } = yoga.getEnveloped(ctx as ServerContext);
    const outcome = parseWith(parse, validate, schema, text);
    if ('document' in outcome) parsed.set(text, outcome);
    return outcome;
  };
}

function notFound(): ExecutionResult & { refusedDocument: true } {
  return { errors: [toGraphQLError(new PersistedQueryNotFound())], refusedDocument: true };
}

function parseWith(
  parse: (text: string) => DocumentNode,
  validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[],
  schema: GraphQLSchema,
  text: string,
): Parsed {
  try {
    const document = parse(text);
    const errors = validate(schema, document);
    return errors.length > 0 ? { errors } : { document };
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
}

/** GraphQL over HTTP, section 5: well-formed parameters, or 400. */
function readParams(body: unknown): Params {
  if (!isRecord(body))
    throw new BadRequest(
      'The body must be a JSON object with query and variables; arrays of operations are not taken',
    );
  const { query, operationName, variables, extensions } = body;
  if (query != null && typeof query !== 'string') throw new BadRequest('query must be a string');
  if (operationName != null && typeof operationName !== 'string')
    throw new BadRequest('operationName must be a string');
  if (variables != null && !isRecord(variables))
    throw new BadRequest('variables must be an object');
  if (extensions != null && !isRecord(extensions))
    throw new BadRequest('extensions must be an object');
  return {
    query: query ?? null,
    hash: hashOf(body, extensions ?? {}),
    operationName: operationName ?? null,
    variables: variables ?? {},
  };
}

/** `documentId: "sha256:..."`, or the extension that Apollo's clients send. */
function hashOf(body: Record<string, unknown>, extensions: Record<string, unknown>): string | null {
  const persisted = extensions['persistedQuery'];
  const given = isRecord(persisted) ? persisted['sha256Hash'] : body['documentId'];
  if (given == null) return null;
  const hash =
    typeof given === 'string' ? /^(?:sha256:)?([0-9a-f]{64})$/.exec(given)?.[1] : undefined;
  if (!hash) throw new BadRequest('The hash of a persisted document must be 64 hex digits');
  return hash;
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

/** Yoga reads the body that we have checked. */
async function handBody(request: IncomingMessage): Promise<void> {
  const body = await readJson(request, { types: ['application/json'] });
  if (!isRecord(body)) throw new UnsupportedMediaType('Send one operation as a JSON object');
  Object.assign(request, { body });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
