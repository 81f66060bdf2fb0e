/**
 * A mutation field is a command's face: its input is derived from the command's zod shape, its
 * access from the command's scope, and its answer is the union of its success and the errors that
 * the command declares. Anything else that it throws is not part of the union.
 */
import type { Command, ErrorClass, InputSchema } from '#kernel/commands/command.ts';
import { type DomainError, InvalidInput } from '#kernel/errors.ts';
import { type BuilderTypes, builder } from './builder.ts';
import { errorType, type Refusal, refusalOf } from './error-types.ts';
import { inputType } from './input-types.ts';

type SuccessFields<Out> = NonNullable<
  PothosSchemaTypes.ObjectTypeOptions<BuilderTypes, Out>['fields']
>;

/**
 * Adds `field(input: FieldInput!): FieldResult!`. `success` lists the fields of the envelope; what
 * is shown only once, such as a secret, lives there.
 */
export function mutation<In extends InputSchema, Out extends object>(
  field: string,
  command: Command<In, Out>,
  success: SuccessFields<Out>,
): void {
  const { definition } = command;
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const input = inputType(`${name}Input`, definition.input, `Input of ${field}.`);
  const errors = [...new Set<ErrorClass>([...definition.errors, InvalidInput])];
  const envelope = builder.objectRef<Out>(`${name}Success`);
  envelope.implement({
    description: `${field} succeeded.`,
    tenancy: 'global',
    access: 'public',
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
      access: definition.access,
      command: definition.name,
      description: definition.summary,
      args: {
        input: t.arg({ type: input as never, required: true, description: 'What to change.' }),
      },
      resolve: async (_root, args, ctx) => {
        try {
          return (await command(ctx, (args as { input: unknown }).input)) as never;
        } catch (error) {
          const refused = errors.some((type) => error instanceof type);
          if (refused) return refusalOf(error as DomainError) as never;
          throw error;
        }
      },
    }),
  );
}
