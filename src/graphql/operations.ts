/**
 * Operation documents: the named operations of the slices. Each is at once the SDK's method, the
 * REST route, the persisted document and the unit that a credential can be bound to.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type OperationTypeNode,
  parse,
  print,
  Source,
  validate,
  visit,
} from 'graphql';
import type { Access } from '#kernel/access.ts';
import type { FieldAccess } from './access.ts';
import { combinedAccess } from './document-access.ts';
import { planOf } from './document-plan.ts';
import { type RestMeta, restMeta, withRestDirective } from './rest/rest-directive.ts';

export interface OperationSource {
  /** Named in complaints. */
  readonly file: string;
  readonly text: string;
}

export interface CatalogueOperation {
  /** PascalCase, unique. */
  readonly name: string;
  readonly kind: OperationTypeNode;
  /** The operation without `@rest`, and the fragments that it uses. */
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** `document` printed, and the SHA-256 of that in hex: what clients send instead of it. */
  readonly text: string;
  readonly hash: string;
  readonly rest?: RestMeta;
  /** What it does: Markdown, without the note on its scopes. */
  readonly summary: string;
  /** What a caller needs for all that it selects. */
  readonly access: Access;
  /** Every scope that `access` names, sorted. */
  readonly scopes: readonly string[];
  /** The command behind a mutation. */
  readonly command?: string;
}

export interface OperationCatalogue {
  /** Sorted by name. */
  readonly operations: readonly CatalogueOperation[];
  readonly byName: ReadonlyMap<string, CatalogueOperation>;
  readonly byHash: ReadonlyMap<string, CatalogueOperation>;
}

/** Throws one Error that lists every complaint about the sources, with file and line. */
export function loadOperations(
  schema: GraphQLSchema,
  sources: readonly OperationSource[],
): OperationCatalogue {
  const definitions = withProblem(sources.flatMap(parseSource));
  const all: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  const complaints = [
    ...validate(withRestDirective(schema), all).map(describe),
    ...operationsOf(all).flatMap(formComplaints),
  ];
  if (complaints.length > 0) throw new Error(`Operations:\n - ${complaints.join('\n - ')}`);
  const fragments = new Map(fragmentsOf(all).map((fragment) => [fragment.name.value, fragment]));
  const operations = operationsOf(all)
    .map((definition) => catalogued(schema, definition, fragments))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    operations,
    byName: new Map(operations.map((operation) => [operation.name, operation])),
    byHash: new Map(operations.map((operation) => [operation.hash, operation])),
  };
}

/** SHA-256 in hex: the name of a persisted document. */
export function documentHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The root field of an operation that the catalogue holds. */
export function rootField(
  schema: GraphQLSchema,
  definition: OperationDefinitionNode,
): GraphQLField<unknown, unknown> {
  const [selection] = definition.selectionSet.selections;
  const name = selection?.kind === Kind.FIELD ? selection.name.value : '';
  const field = schema.getRootType(definition.operation)?.getFields()[name];
  if (!field) throw new Error(`${definition.name?.value}: no root field ${name}`);
  return field;
}

function catalogued(
  schema: GraphQLSchema,
  source: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): CatalogueOperation {
  const name = source.name?.value ?? '';
  const directives =
    source.directives?.filter((directive) => directive.name.value !== 'rest') ?? [];
  const definition = { ...source, directives };
  const used = [...spreads(definition, fragments)].sort((a, b) =>
    a.name.value < b.name.value ? -1 : 1,
  );
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [definition, ...used] };
  const text = print(document);
  const field = rootField(schema, definition);
  const access = combinedAccess(
    planOf(schema, document, name)?.demands.map((demand) => demand.access) ?? [],
  );
  const { command } = (field.extensions as { access?: FieldAccess }).access ?? {};
  const rest = restMeta(source);
  return {
    name,
    kind: definition.operation,
    document,
    definition,
    text,
    hash: documentHash(text),
    summary: rest?.summary ?? saysOfItself(field, definition),
    access,
    scopes: typeof access === 'string' ? [] : [...new Set(access.scopes.flat())].sort(),
    ...(rest ? { rest } : {}),
    ...(command ? { command } : {}),
  };
}

/**
 * What the field says of itself that an operation is about: its root field, or the list inside when
 * the root only leads to it (`user(id) { groups { ... } }`).
 */
function saysOfItself(
  root: GraphQLField<unknown, unknown>,
  { selectionSet }: OperationDefinitionNode,
): string {
  let field = root;
  let [selection] = selectionSet.selections;
  while (selection?.kind === Kind.FIELD && selection.selectionSet?.selections.length === 1) {
    const [inner] = selection.selectionSet.selections;
    const type = getNamedType(field.type);
    const next =
      inner?.kind === Kind.FIELD && isObjectType(type) && type.getFields()[inner.name.value];
    // `nodes` of a list say nothing that the list did not.
    if (!next || type.name.endsWith('Connection') || !isObjectType(getNamedType(next.type))) break;
    field = next;
    selection = inner;
  }
  return field.description?.split('\n\nRequires ')[0] ?? '';
}

/** Every fragment that a definition spreads, directly or through another. */
function spreads(
  definition: DefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found = new Set<FragmentDefinitionNode>(),
): Set<FragmentDefinitionNode> {
  visit(definition, {
    FragmentSpread({ name }) {
      const fragment = fragments.get(name.value);
      if (!fragment || found.has(fragment)) return;
      found.add(fragment);
      spreads(fragment, fragments, found);
    },
  });
  return found;
}

function parseSource({ file, text }: OperationSource): readonly DefinitionNode[] {
  try {
    return parse(new Source(text, file)).definitions;
  } catch (error) {
    throw new Error(`Operations:\n - ${describe(error as GraphQLError)}`);
  }
}

/** Adds the shared fragment where it is spread and not among the sources. */
function withProblem(definitions: readonly DefinitionNode[]): readonly DefinitionNode[] {
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  if (fragmentsOf(document).some(({ name }) => name.value === 'Problem')) return definitions;
  let spread = false;
  visit(document, {
    FragmentSpread({ name }) {
      spread ||= name.value === 'Problem';
    },
  });
  if (!spread) return definitions;
  const file = new URL('./problem.operations.graphql', import.meta.url);
  const text = readFileSync(file, 'utf8');
  return [...definitions, ...parseSource({ file: 'problem.operations.graphql', text })];
}

/** What GraphQL permits and an operation of ours must not be. */
function formComplaints(operation: OperationDefinitionNode): string[] {
  const { name, selectionSet, loc } = operation;
  const where = loc ? `${loc.source.name}:${loc.startToken.line}` : 'an operation';
  const complaints: string[] = [];
  if (!name) complaints.push(`${where} must be named`);
  else if (!/^[A-Z][A-Za-z0-9]*$/.test(name.value))
    complaints.push(`${where} ${name.value} must be named in PascalCase`);
  if (selectionSet.selections.length !== 1 || selectionSet.selections[0]?.kind !== Kind.FIELD)
    complaints.push(`${where} ${name?.value ?? ''} must select exactly one root field`);
  return complaints;
}

function describe(error: GraphQLError): string {
  const [at] = error.locations ?? [];
  const file = error.nodes?.[0]?.loc?.source.name ?? error.source?.name ?? '';
  return `${file}:${at?.line ?? 0} ${error.message}`;
}

function operationsOf(document: DocumentNode): OperationDefinitionNode[] {
  return document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
}

function fragmentsOf(document: DocumentNode): FragmentDefinitionNode[] {
  return document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION);
}
