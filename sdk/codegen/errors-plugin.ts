/** Prints sdk/generated/errors.ts: a class for each error that a mutation declares. */
import { type GraphQLSchema, Kind, visit } from 'graphql';
import { declaredErrors, outcome } from './contract.ts';
import { type PublishedOperation, publishedOperations } from './published.ts';

export function plugin(
  schema: GraphQLSchema,
  _documents: unknown,
  { head }: { readonly head: string },
): string {
  const operations = publishedOperations();
  const errors = declaredErrors(schema, operations);
  const classes = errors.map(({ name, code, status }) => {
    const extras = [...extraMembers(operations, name)].sort();
    const source = operations.find((operation) =>
      outcome(schema, operation)?.errors.includes(name),
    );
    const member = `T.${source?.name}Mutation['${source?.root.name.value}']`;
    return [
      `/** Code \`${code}\`; REST answers it with ${status}. */`,
      `export class ${name} extends SignetError<'${code}'> {`,
      ...extras.map(
        (extra) =>
          `  declare readonly ${extra}: Extract<${member}, { __typename: '${name}' }>['${extra}'];`,
      ),
      '  constructor(problem: Problem, requestId: string | null) {',
      `    super(problem, { status: ${status}, requestId });`,
      '  }',
      '}',
    ].join('\n');
  });
  const imports = [
    ...(classes.some((text) => text.includes('T.'))
      ? ["import type * as T from './graphql.ts';"]
      : []),
    "import { type Problem, SignetError } from '../src/errors.ts';",
  ];
  const codes = errors.map(({ name, code }) => `  ${name}: '${code}';`);
  const table = [
    '/** The code of each declared error. */',
    'export interface ErrorCodes {',
    ...codes,
    '}',
  ];
  return `${[[head, ...imports].join('\n'), table.join('\n'), ...classes].join('\n\n')}\n`;
}

/** What documents select of an error beside its code and message. */
function extraMembers(operations: readonly PublishedOperation[], name: string): Set<string> {
  const found = new Set<string>();
  for (const { fragments, definition } of operations)
    for (const node of [definition, ...fragments.values()])
      visit(node, {
        InlineFragment({ typeCondition, selectionSet }) {
          if (typeCondition?.name.value !== name) return;
          for (const selection of selectionSet.selections)
            if (selection.kind === Kind.FIELD) found.add(selection.name.value);
        },
      });
  for (const common of ['__typename', 'code', 'message']) found.delete(common);
  return found;
}
