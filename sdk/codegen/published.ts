/** Owns the reading of schema/operations.json: the newest document of each published operation. */
import { readFileSync } from 'node:fs';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
} from 'graphql';

export interface PublishedOperation {
  /** PascalCase, as in the document. */
  readonly name: string;
  /** SHA-256 of `text` in hex. */
  readonly hash: string;
  /** What it does and requires. */
  readonly description: string;
  /** Byte for byte what was published: the server compares it with the hash. */
  readonly text: string;
  readonly definition: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The one field of the root type that it selects. */
  readonly root: FieldNode;
}

interface PublishedDocument {
  readonly hash: string;
  readonly description?: string;
  readonly document: string;
}

type Published = Record<string, readonly PublishedDocument[]>;

const FILE = new URL('../../schema/operations.json', import.meta.url);

/** Sorted by name, as the file is. */
export function publishedOperations(): PublishedOperation[] {
  const published = JSON.parse(readFileSync(FILE, 'utf8')) as Published;
  return Object.entries(published).flatMap(([name, [newest]]) =>
    newest ? [operation(name, newest)] : [],
  );
}

/** Every operation and, once each, every fragment, as one document. */
export function allDocuments(): string {
  const operations = publishedOperations();
  const fragments = new Map<string, string>();
  for (const { name, fragments: own } of operations)
    for (const [fragment, node] of own) {
      const text = print(node);
      if ((fragments.get(fragment) ?? text) !== text)
        throw new Error(
          `schema/operations.json: ${name} has another fragment ${fragment} than others`,
        );
      fragments.set(fragment, text);
    }
  return [...operations.map(({ definition }) => print(definition)), ...fragments.values()].join(
    '\n\n',
  );
}

function operation(
  name: string,
  { hash, description = '', document: text }: PublishedDocument,
): PublishedOperation {
  const { definitions } = parse(text);
  const definition = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const root = definition?.selectionSet.selections[0];
  if (!definition || root?.kind !== Kind.FIELD)
    throw new Error(`schema/operations.json: ${name} must be one operation on one root field`);
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return {
    name,
    hash,
    description,
    text,
    definition,
    fragments: new Map(fragments.map((node) => [node.name.value, node])),
    root,
  };
}
