/**
 * The one schema builder. Features add their types to it; this file knows none of them. A feature
 * declares its rows in `GraphObjects`, so that another feature can name the type by a string.
 */
import './access-plugin.ts';
import SchemaBuilder from '@pothos/core';
import { specifiedDirectives } from 'graphql';
import type { Context } from '#kernel/context.ts';
import { accessDirectives } from './directives.ts';

/** Object types by name, with the row behind each. Features extend it by declaration merging. */
export interface GraphObjects {
  PageInfo: PageInfo;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface GraphTypes {
  Context: Context;
  DefaultFieldNullability: false;
  Objects: GraphObjects;
  Interfaces: { Node: { id: string }; Error: { code: string; message: string } };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSONObject: { Input: Record<string, unknown>; Output: unknown };
  };
}

/** Pothos' view of the types, for refs that are built from derivations. */
export type BuilderTypes = PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>;

export const builder = new SchemaBuilder<GraphTypes>({
  plugins: ['access'],
  defaultFieldNullability: false,
});

builder.queryType({ description: 'Reads.', tenancy: 'global' });
builder.mutationType({
  description: 'Changes. Each answers a union of its success and the errors that it declares.',
  tenancy: 'global',
});
builder.subscriptionType({
  description: 'Live reads, over server-sent events.',
  tenancy: 'global',
});

/** The finished schema, with the directives declared; features must have been imported before. */
export function buildSchema() {
  return builder.toSchema({
    directives: [...specifiedDirectives, ...accessDirectives],
    sortSchema: true,
  });
}
