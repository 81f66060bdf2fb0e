/**
 * The operations that may be called by their hash: those of this release and every one that was
 * published before. They are ours, so they were validated at the start; a compiled form of each is
 * made at its first use. An arbitrary document is never stored nor compiled.
 */
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Executor } from './execute.ts';
import type { PersistedDocument } from './published-operations.ts';

export interface PersistedOperation {
  readonly document: DocumentNode;
  readonly operationName: string;
  compiled(): Executor;
}

export interface PersistedOperations {
  find(hash: string): PersistedOperation | null;
}

/** `documents` by their hash: the current ones and the earlier ones. */
export function persistedOperations(
  schema: GraphQLSchema,
  documents: ReadonlyMap<string, PersistedDocument>,
): PersistedOperations {
  const byHash = new Map<string, PersistedOperation>();
  for (const { name, hash, document } of documents.values())
    byHash.set(hash, {
      document,
      operationName: name,
      compiled: once(() => compile(schema, document, name)),
    });
  return { find: (hash) => byHash.get(hash) ?? null };
}

function compile(schema: GraphQLSchema, document: DocumentNode, name: string): Executor {
  const compiled = compileQuery(schema, document, name);
  if (!isCompiledQuery(compiled))
    throw new Error(`operation ${name} does not compile: ${compiled.errors?.[0]?.message}`);
  return (ctx, variables) =>
    compiled.query(undefined, ctx, variables) as ExecutionResult | Promise<ExecutionResult>;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
