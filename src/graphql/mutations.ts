/**
 * A mutation field is a command's face: its input is derived from the command's zod shape, its
 * access from the command's scope, and its answer is the union of its success and the errors that
 * the command declares. Anything else that it throws is not part of the union.
 */
import type { InterfaceRef } from '@pothos/core';
import type { z } from 'zod';
import type { Access } from '#kernel/access.ts';
import {
  type Command,
  declareErrors,
  type ErrorClass,
  type InputSchema,
} from '#kernel/commands/command.ts';
import { parse } from '#kernel/commands/run-command.ts';
import type { Context } from '#kernel/context.ts';
import { type DomainError, InvalidInput } from '#kernel/errors.ts';
import { type BuilderTypes, builder } from './builder.ts';
import { errorType, type Refusal, refusalOf } from './error-types.ts';
import { inputType } from './input-types.ts';

type SuccessFields<Out> = NonNullable<
  PothosSchemaTypes.ObjectTypeOptions<BuilderTypes, Out>['fields']
>;

/** What a mutation field is made of, whoever runs it. */
interface Mutation<In extends InputSchema, Out> {
  readonly summary: string;
  readonly access: Access;
  readonly input: In;
  readonly errors: readonly ErrorClass[];
  /** The command behind it, where there is one. */
  readonly command?: string;
  /** What its success has in common with those of other mutations. */
  readonly common?: InterfaceRef<BuilderTypes, Out>;
  run(ctx: Context, input: unknown): Promise<Out>;
}

/**
 * Adds `field(input: FieldInput!): FieldResult!`. `success` lists the fields of the envelope; what
 * is shown only once, such as a secret, lives there.
 */
export function mutation<In extends InputSchema, Out extends object>(
  field: string,
  command: Command<In, Out>,
  success: SuccessFields<Out>,
): void {
  const { name, summary, access, input, errors } = command.definition;
  unionMutation(field, { command: name, summary, access, input, errors, run: command }, success);
}

/** The same for what is no command: a protocol of several steps, open to strangers unless told. */
export function protocolMutation<In extends InputSchema, Out extends object>(
  field: string,
  protocol: Omit<Mutation<In, Out>, 'access' | 'command' | 'run'> & {
    readonly access?: Access;
    run(ctx: Context, input: z.output<In>): Promise<Out>;
  },
  success: SuccessFields<Out>,
): void {
  declareErrors(protocol.errors);
  const run = (ctx: Context, raw: unknown) => protocol.run(ctx, parse(protocol.input, raw));
  unionMutation(field, { access: 'public', ...protocol, run }, success);
}

const inputs = new Map<string, InputSchema>();

/** The shape of a mutation's input; undefined where there is no such mutation. */
export function mutationInput(field: string): InputSchema | undefined {
  return inputs.get(field);
}

function unionMutation<In extends InputSchema, Out extends object>(
  field: string,
  { summary, access, input: shape, errors: declared, command, common, run }: Mutation<In, Out>,
  success: SuccessFields<Out>,
): void {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  inputs.set(field, shape);
  const input = inputType(`${name}Input`, shape, `Input of ${field}.`);
  const errors = [...new Set<ErrorClass>([...declared, InvalidInput])];
  const envelope = builder.objectRef<Out>(`${name}Success`);
  envelope.implement({
    description: `${field} succeeded.`,
    tenancy: 'global',
    access: 'public',
    ...(common ? { interfaces: [common] } : {}),
    fields: success,
  });
  const result = builder.unionType(`${name}Result`, {
    description: `What ${field} answers.`,
    types: [envelope, ...errors.map(errorType)] as never,
    resolveType: (value) => {
      const { error: refused } = value as Partial<Refusal>;
      const error = errors.find((type) => refused instanceof type);
      return (error ? errorType(error) : envelope) as never;
    },
  });
  builder.mutationField(field, (t) =>
    t.field({
      type: result as never,
      access,
      ...(command ? { command } : {}),
      description: summary,
      args: {
        input: t.arg({ type: input as never, required: true, description: 'What to change.' }),
      },
      resolve: async (_root, args, ctx) => {
        try {
          return (await run(ctx, (args as { input: unknown }).input)) as never;
        } catch (error) {
          const refused = errors.some((type) => error instanceof type);
          if (refused) return refusalOf(error as DomainError) as never;
          throw error;
        }
      },
    }),
  );
}
