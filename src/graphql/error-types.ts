/** Domain errors as GraphQL types: `GroupNameTaken` becomes `GroupNameTakenError implements Error`. */
import type { ObjectRef } from '@pothos/core';
import type { ErrorClass } from '#kernel/commands/command.ts';
import { type DomainError, type FieldProblem, InvalidInput } from '#kernel/errors.ts';
import { builder } from './builder.ts';

/** An error as a value: graphql-js throws whatever Error a resolver returns. */
export interface Refusal {
  readonly error: DomainError;
  readonly code: string;
  readonly message: string;
}

type ErrorRef = ObjectRef<never, Refusal>;

export function refusalOf(error: DomainError): Refusal {
  return { error, code: error.code, message: error.message };
}

builder.interfaceType('Error', {
  description: 'An expected failure. `code` is stable; `message` is for people and may change.',
  tenancy: 'global',
  access: 'public',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable, in SCREAMING_CASE.' }),
    message: t.exposeString('message', { description: 'What is wrong and what to do.' }),
  }),
});

const fieldProblem = builder.objectRef<FieldProblem>('FieldProblem').implement({
  description: 'What is wrong with one field of the input.',
  tenancy: 'global',
  access: 'public',
  fields: (t) => ({
    path: t.exposeString('path', {
      description: 'Dotted path inside the input, such as `scopes.0`.',
    }),
    message: t.exposeString('message', { description: 'What the field must be.' }),
  }),
});

const made = new Map<ErrorClass, ErrorRef>();

/** The object type of an error class; made on first use. */
export function errorType(type: ErrorClass): ErrorRef {
  const known = made.get(type);
  if (known) return known;
  const ref = builder.objectRef<Refusal>(`${type.name}Error`);
  made.set(type, ref as unknown as ErrorRef);
  ref.implement({
    description: `Answered with code \`${type.code}\`.`,
    interfaces: ['Error'],
    tenancy: 'global',
    access: 'public',
    isTypeOf: (value) => (value as Refusal).error instanceof type,
    ...((type as unknown) === InvalidInput
      ? {
          fields: (t) => ({
            fields: t.field({
              type: [fieldProblem],
              description: 'One entry for each field that is not acceptable.',
              resolve: ({ error }) => [...(error as InvalidInput).fields],
            }),
          }),
        }
      : {}),
  });
  return ref as unknown as ErrorRef;
}
