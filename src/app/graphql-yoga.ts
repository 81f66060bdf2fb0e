/**
 * Yoga with our guards: it parses and validates for every way in (with limits on the shape of
 * documents), and serves what the straight path does not: GET, GraphiQL and server-sent events.
 */
import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import {
  BREAK,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  visit,
} from 'graphql';
import { createYoga, isAsyncIterable, type Plugin } from 'graphql-yoga';
import { planOf } from '#graphql/document-plan.ts';
import { executeOperation, preflight } from '#graphql/execute.ts';
import { maskError, toGraphQLError } from '#graphql/mask-errors.ts';
import type { Context } from '#kernel/context.ts';
import { TooCostly } from '#kernel/errors.ts';
import { type StreamedResult, streamedResults, writeEventStream } from './event-stream.ts';

export interface YogaOptions {
  readonly endpoint: string;
  /** GraphiQL is for development. */
  readonly graphiql: boolean;
}

/** What Yoga is handed with each request; resolvers get its members as their context. */
export type ServerContext = Context & Record<string, unknown>;

/** A page inside a page inside a page is 13 levels; nothing of ours needs more. */
const MAX_DEPTH = 14;

export type GraphQLYoga = ReturnType<typeof createGraphQLYoga>;

export function createGraphQLYoga(schema: GraphQLSchema, { endpoint, graphiql }: YogaOptions) {
  return createYoga<ServerContext>({
    schema,
    graphqlEndpoint: endpoint,
    graphiql: graphiql && { title: 'Signet', defaultQuery: WELCOME },
    ...(graphiql ? { renderGraphiQL } : {}),
    landingPage: false,
    batching: false,
    cors: false,
    multipart: false,
    logging: false,
    // Its caches hold whatever a stranger sends; the door keeps its own, by size.
    parserAndValidationCache: false,
    maskedErrors: false,
    plugins: [
      EnvelopArmorPlugin({
        maxTokens: { n: 1_000 },
        maxDepth: { n: MAX_DEPTH, flattenFragments: true },
        maxAliases: { n: 30 },
        maxDirectives: { n: 50 },
        costLimit: { enabled: false },
        blockFieldSuggestion: { enabled: false },
      }),
      guards(schema),
    ],
  });
}

/** The same preflight, executor and masking as on the straight path. */
function guards(schema: GraphQLSchema): Plugin<ServerContext> {
  return {
    onExecute({ args, setExecuteFn }) {
      setExecuteFn(() => {
        const ctx = args.contextValue as Context;
        const { document, operationName, variableValues } = args;
        return executeOperation(
          schema,
          { document, operationName, variables: variableValues },
          ctx,
        );
      });
    },
    onSubscribe({ args, setSubscribeFn }) {
      setSubscribeFn(async (given) => {
        const ctx = args.contextValue as Context;
        const plan = planOf(schema, args.document, args.operationName);
        const refused = await preflight(plan, args.variableValues ?? {}, ctx);
        if (refused) return { errors: [refused] };
        return streamedResults(given as ExecutionArgs) as never;
      });
    },
    onValidate({ params, setResult }) {
      const crowded = crowdedSelection(params.documentAST);
      if (crowded) setResult([crowded]);
    },
    onResultProcess({ request, result, setResult, setResultProcessor, serverContext }) {
      const takesEvents = request.headers.get('accept')?.includes('text/event-stream');
      if (isAsyncIterable<StreamedResult>(result) && takesEvents)
        setResultProcessor(
          (results, fetchAPI) =>
            writeEventStream(results as AsyncIterable<StreamedResult>, fetchAPI),
          'text/event-stream',
        );
      // Errors of parsing and validation have no code yet.
      if (!('errors' in result) || !result.errors) return;
      const ctx = serverContext as unknown as Context;
      setResult({
        ...result,
        errors: result.errors.map((error) => ourError(error, ctx)),
      });
    },
  };
}

/** Errors that went through our masks keep their code; Yoga's own are said in our words. */
function ourError(error: GraphQLError, ctx: Context): GraphQLError {
  const { http } = error.extensions as { http?: { status?: number } };
  if (http?.status === 405)
    return new GraphQLError(error.message, {
      extensions: { ...error.extensions, code: 'METHOD_NOT_ALLOWED' },
    });
  return maskError(error, ctx);
}

/** How often one name may stand in one selection: merging them is quadratic work for the validator. */
const MAX_REPEATS = 20;

function crowdedSelection(document: DocumentNode): GraphQLError | null {
  let crowded: string | null = null;
  visit(document, {
    SelectionSet({ selections }) {
      const counts = new Map<string, number>();
      for (const selection of selections) {
        const name =
          selection.kind === Kind.FIELD ? (selection.alias ?? selection.name).value : '...';
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        if (count > MAX_REPEATS && name !== '...') crowded = name;
      }
      return crowded === null ? undefined : BREAK;
    },
  });
  if (crowded === null) return null;
  return toGraphQLError(
    new TooCostly(`One selection names ${crowded} more than ${MAX_REPEATS} times; once is enough`),
  );
}

export function isSubscription(
  schema: GraphQLSchema,
  document: Parameters<typeof planOf>[1],
  name: string | null,
): boolean {
  return planOf(schema, document, name)?.operation.operation === OperationTypeNode.SUBSCRIPTION;
}

const WELCOME = `# Signet. Set a header to call as someone:
#   { "authorization": "Bearer sgnt_..." }

query Who {
  viewer {
    actor { kind id }
    tenant { slug name }
    scopes
  }
}
`;
