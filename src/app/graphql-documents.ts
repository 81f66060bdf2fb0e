/** Texts of documents into documents, and those that passed kept for the next time. */
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Context } from '#kernel/context.ts';
import type { GraphQLYoga, ServerContext } from './graphql-yoga.ts';

export type Parsed =
  | { readonly document: DocumentNode }
  | { readonly errors: readonly GraphQLError[] };

/** Parses and validates with Yoga's limits; a document that passed is kept by its text, in about 32 MB. */
export type ParseText = (text: string, ctx: Context) => Parsed;

export function documentParser(yoga: GraphQLYoga, schema: GraphQLSchema): ParseText {
  const parsed = new LRUCache<string, Parsed>({
    max: 1_000,
    maxSize: 32_000_000,
    // A token of two characters takes about 500 bytes when it is parsed.
    sizeCalculation: (_, text) => 250 * text.length + 1,
  });
  return (text, ctx) => {
    const known = parsed.get(text);
    if (known) return known;
    const { parse, validate } = yoga.getEnveloped(ctx as ServerContext);
    const outcome = parseWith(parse, validate, schema, text);
    if ('document' in outcome) parsed.set(text, outcome);
    return outcome;
  };
}

function parseWith(
  parse: (text: string) => DocumentNode,
  validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[],
  schema: GraphQLSchema,
  text: string,
): Parsed {
  const read = complaints('GRAPHQL_PARSE_FAILED', () => ({ document: parse(text) }));
  if ('errors' in read) return read;
  return complaints('GRAPHQL_VALIDATION_FAILED', () => {
    const errors = validate(schema, read.document);
    return errors.length > 0 ? { errors } : read;
  });
}

/** What a phase says against a document, returned or thrown, with the code of the phase. */
function complaints(code: string, phase: () => Parsed): Parsed {
  try {
    const outcome = phase();
    return 'errors' in outcome
      ? { errors: outcome.errors.map((error) => coded(error, code)) }
      : outcome;
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [coded(error, code)] };
    throw error;
  }
}

/** Limits on documents bring codes of their own. */
function coded(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, path, extensions } = error;
  if (extensions?.['code'] !== undefined) return error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { ...extensions, code },
  });
}
