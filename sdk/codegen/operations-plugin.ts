/** Prints sdk/generated/operations.ts: a function for each operation, and a type for each shared fragment. */
import type { GraphQLSchema } from 'graphql';
import { declaredErrors, outcome, valuePath } from './contract.ts';
import { type PublishedOperation, publishedOperations } from './published.ts';

export function plugin(
  schema: GraphQLSchema,
  _documents: unknown,
  { head }: { readonly head: string },
): string {
  const operations = publishedOperations();
  const functions = operations.map((operation) => printFunction(schema, operation));
  const errors = declaredErrors(schema, operations).map(({ name }) => name);
  const kinds = [...new Set(operations.map(({ definition }) => definition.operation))].sort();
  const imports = [
    `import { ${kinds.join(', ')} } from '../src/operation.ts';`,
    ...(errors.length > 0
      ? [
          `import {\n  type ErrorCodes,\n${errors.map((name) => `  ${name},\n`).join('')}} from './errors.ts';`,
        ]
      : []),
    "import type * as T from './graphql.ts';",
  ];
  return `${[[head, ...imports].join('\n'), ...objectTypes(operations), ...functions].join('\n\n')}\n`;
}

function printFunction(schema: GraphQLSchema, operation: PublishedOperation): string {
  const { name, hash, text, definition, description } = operation;
  const kind = definition.operation;
  const types = `T.${name}${capital(kind)}`;
  const path = valuePath(schema, operation);
  const ending = outcome(schema, operation);
  const generics = [types, `${types}Variables`, tuple(path)];
  if (ending) generics.push(`'${ending.success}'`, 'ErrorCodes');
  const members = [
    `name: '${name}'`,
    `hash: '${hash}'`,
    `path: ${tuple(path)}`,
    ...(ending ? [`success: '${ending.success}'`, `errors: { ${ending.errors.join(', ')} }`] : []),
    `text: \`${text.replace(/[\\`]|\$\{/g, '\\$&')}\``,
  ];
  return [
    comment(description),
    `export const ${lower(name)} = /*#__PURE__*/ ${kind}<${generics.join(', ')}>({`,
    ...members.map((member) => `  ${member},`),
    '});',
  ].join('\n');
}

/** The fragment `UserFields on User` is what users of the SDK call a `User`. */
function objectTypes(operations: readonly PublishedOperation[]): string[] {
  const fragments = operations.flatMap((operation) => [...operation.fragments.values()]);
  const names = new Set(
    fragments
      .filter(({ name, typeCondition }) => name.value === `${typeCondition.name.value}Fields`)
      .map(({ typeCondition }) => typeCondition.name.value),
  );
  return [
    [...names]
      .sort()
      .map((name) => `export type ${name} = T.${name}FieldsFragment;`)
      .join('\n'),
  ];
}

function comment(description: string): string {
  return ['/**', ...description.split('\n').map((line) => ` * ${line}`.trimEnd()), ' */']
    .join('\n')
    .replace(/^ \*\n \*\/$/m, ' */');
}

function tuple(path: readonly string[]): string {
  return `[${path.map((step) => `'${step}'`).join(', ')}]`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
