/** The scalars beyond GraphQL's own. */
import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

builder.scalarType('DateTime', {
  description: 'An instant: RFC 3339, answered in UTC with milliseconds.',
  serialize: (value) => (value as Date).toISOString(),
  parseValue(value) {
    const date = typeof value === 'string' && RFC3339.test(value) ? new Date(value) : null;
    if (!date || Number.isNaN(date.getTime()))
      throw new GraphQLError('must be an RFC 3339 date-time, such as 2026-01-31T09:30:00Z');
    return date;
  },
});

builder.scalarType('JSONObject', {
  description: 'A JSON object with values of any kind.',
  serialize: (value) => value as Record<string, unknown>,
  parseValue(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new GraphQLError('must be a JSON object');
    return value as Record<string, unknown>;
  },
});
