/**
 * What we log and what we say are two texts. The one translation from anything thrown to a GraphQL
 * error: domain errors keep their code, GraphQL's own complaints have that of their phase (about the
 * document GRAPHQL_PARSE_FAILED and GRAPHQL_VALIDATION_FAILED, about its variables BAD_USER_INPUT),
 * everything else is INTERNAL with the request's id.
 */
import { GraphQLError } from 'graphql';
import type { Context } from '#kernel/context.ts';
import { DomainError, InvalidInput, RetryableError, StepUpRequired } from '#kernel/errors.ts';

export function maskError(
  error: unknown,
  ctx: Pick<Context, 'log' | 'requestId' | 'config'>,
): GraphQLError {
  const outer = error instanceof GraphQLError ? error : new GraphQLError(messageOf(error));
  const original = rootOf(error);
  if (original instanceof DomainError) return publicError(outer, original);
  if (original === undefined || original instanceof GraphQLError) {
    // Errors of compiled documents have no extensions, whatever their type says.
    const extensions = { code: 'BAD_USER_INPUT', ...outer.extensions };
    return withExtensions(outer, withoutSuggestion(outer.message, ctx), extensions);
  }
  ctx.log.error({ err: original, requestId: ctx.requestId }, 'a resolver failed');
  return withExtensions(outer, 'Something failed on our side; the requestId helps us to find it', {
    code: 'INTERNAL',
    requestId: ctx.requestId,
  });
}

/** A domain error without a place in a document: for refusals before execution. */
export function toGraphQLError(error: DomainError): GraphQLError {
  return publicError(new GraphQLError(error.message), error);
}

function publicError(outer: GraphQLError, error: DomainError): GraphQLError {
  return withExtensions(outer, error.message, {
    code: error.code,
    ...(error instanceof InvalidInput ? { fields: error.fields } : {}),
    ...(error instanceof StepUpRequired ? error.missing : {}),
    ...(error instanceof RetryableError ? { retryAfter: error.retryAfter } : {}),
  });
}

function withExtensions(outer: GraphQLError, message: string, extensions: Record<string, unknown>) {
  return new GraphQLError(message, {
    nodes: outer.nodes ?? null,
    source: outer.source ?? null,
    positions: outer.positions ?? null,
    path: outer.path ?? null,
    extensions,
  });
}

/** Names of the schema are not for strangers to guess at in production. */
function withoutSuggestion(message: string, ctx: Pick<Context, 'config'>): string {
  return ctx.config.nodeEnv === 'production'
    ? message.replace(/ Did you mean [^?]*\?/g, '')
    : message;
}

/** The innermost thing thrown; undefined when graphql-js itself complained. */
function rootOf(error: unknown): unknown {
  let current = error;
  while (current instanceof GraphQLError) {
    if (!current.originalError) return undefined;
    current = current.originalError;
  }
  return current;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
