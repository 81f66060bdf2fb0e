/** Owns what the SDK's printers ask of the contract beyond the documents: unions, errors, pages. */
import { readFileSync } from 'node:fs';
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { PublishedOperation } from './published.ts';

const ERRORS = new URL('../../schema/errors.json', import.meta.url);

export interface DeclaredError {
  /** Name of the type, such as `EmailTakenError`. */
  readonly name: string;
  /** Such as `EMAIL_TAKEN`. */
  readonly code: string;
  /** The status that REST answers it with. */
  readonly status: number;
}

/** The error members of the unions that the mutations answer, sorted. */
export function declaredErrors(
  schema: GraphQLSchema,
  operations: readonly PublishedOperation[],
): DeclaredError[] {
  const statuses = JSON.parse(readFileSync(ERRORS, 'utf8')) as Record<
    string,
    { readonly status: number }
  >;
  const names = new Set(
    operations.flatMap((operation) => outcome(schema, operation)?.errors ?? []),
  );
  return [...names].sort().map((name) => {
    const code = name
      .replace(/Error$/, '')
      .replace(/(?<!^)[A-Z]/g, '_$&')
      .toUpperCase();
    const status = statuses[code]?.status;
    if (!status)
      throw new Error(
        `${name} stands for the code ${code}, which schema/errors.json does not name`,
      );
    return { name, code, status };
  });
}

/** What a mutation answers: the envelope's type and the errors; null for other operations. */
export function outcome(
  schema: GraphQLSchema,
  operation: PublishedOperation,
): { readonly success: string; readonly errors: readonly string[] } | null {
  if (operation.definition.operation !== 'mutation') return null;
  const union = getNamedType(rootField(schema, operation).type);
  const members = isAbstractType(union) ? schema.getPossibleTypes(union) : [];
  const successes = members.filter((member) => !isError(member));
  const [success] = successes;
  if (!success || successes.length > 1)
    throw new Error(
      `${operation.name}: ${String(union)} must be a union of one success and of errors`,
    );
  return {
    success: success.name,
    errors: members
      .filter(isError)
      .map(({ name }) => name)
      .sort(),
  };
}

function rootField(
  schema: GraphQLSchema,
  { definition, root }: PublishedOperation,
): GraphQLField<unknown, unknown> {
  const field = schema.getRootType(definition.operation)?.getFields()[root.name.value];
  if (!field)
    throw new Error(`${definition.name?.value}: the schema has no root field ${root.name.value}`);
  return field;
}

/**
 * Where the value of an operation stands in its data: the root field, or the connection below it when
 * all that is selected on the way there is that connection (`group { members { nodes ... } }`).
 */
export function valuePath(schema: GraphQLSchema, operation: PublishedOperation): string[] {
  const path: string[] = [];
  let selection: SelectionNode | undefined = operation.root;
  let type: GraphQLObjectType | null | undefined = schema.getRootType(
    operation.definition.operation,
  );
  while (selection?.kind === Kind.FIELD && type) {
    path.push((selection.alias ?? selection.name).value);
    const next = getNamedType(type.getFields()[selection.name.value]?.type);
    if (isPage(selection.selectionSet)) return path;
    type = isObjectType(next) ? next : null;
    const below: readonly SelectionNode[] = selection.selectionSet?.selections ?? [];
    selection = below.length === 1 ? below[0] : undefined;
  }
  return path.slice(0, 1);
}

function isPage(selected: SelectionSetNode | undefined): boolean {
  const names = selected?.selections.map((node) =>
    node.kind === Kind.FIELD ? node.name.value : '',
  );
  return Boolean(names?.includes('nodes') && names.includes('pageInfo'));
}

function isError(type: GraphQLObjectType): boolean {
  return type.getInterfaces().some((face) => isInterfaceType(face) && face.name === 'Error');
}
