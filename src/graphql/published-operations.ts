/**
 * The documents that clients may name by their hash: those of today, and every one that was ever
 * published. A published hash stays valid for good, so an old client never breaks.
 */
import { type DocumentNode, type GraphQLSchema, Kind, parse, validate } from 'graphql';
import { requirement } from '#kernel/access.ts';
import { documentHash, type OperationCatalogue } from './operations.ts';

interface PublishedDocument {
  readonly hash: string;
  /** What it does and requires, with the newest only. */
  readonly description?: string;
  readonly document: string;
}

/** `schema/operations.json`: by the operation's name, the newest first. */
export type PublishedOperations = Readonly<Record<string, readonly PublishedDocument[]>>;

/** What a hash stands for at run time. */
export interface PersistedDocument {
  readonly name: string;
  readonly hash: string;
  readonly document: DocumentNode;
}

/** `previous` with the operations of today in front. Nothing that was published is left out. */
export function mergePublished(
  previous: PublishedOperations,
  catalogue: OperationCatalogue,
): PublishedOperations {
  const merged = new Map(Object.entries(previous));
  for (const { name, hash, text, summary, access } of catalogue.operations) {
    const older = (merged.get(name) ?? [])
      .filter((published) => published.hash !== hash)
      .map(({ description: _, ...published }) => published);
    const description = [summary, requirement(access)].filter(Boolean).join('\n\n');
    merged.set(name, [{ hash, description, document: text }, ...older]);
  }
  return Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Every document by its hash. Throws when a published one no longer validates or is not the text of
 * its hash: either breaks a promise to clients that hold it.
 */
export function persistedDocuments(
  schema: GraphQLSchema,
  catalogue: OperationCatalogue,
  published: PublishedOperations,
): ReadonlyMap<string, PersistedDocument> {
  const documents = new Map<string, PersistedDocument>(catalogue.byHash);
  const complaints: string[] = [];
  for (const [name, versions] of Object.entries(published))
    for (const version of versions) {
      if (documents.has(version.hash)) continue;
      const { document, complaint } = readPublished(schema, name, version);
      if (document) documents.set(version.hash, { name, hash: version.hash, document });
      else complaints.push(`${name} ${version.hash}: ${complaint}`);
    }
  if (complaints.length > 0)
    throw new Error(
      `Published operations are promises; keep the schema compatible:\n - ${complaints.join('\n - ')}`,
    );
  return documents;
}

function readPublished(
  schema: GraphQLSchema,
  name: string,
  { hash, document: text }: PublishedDocument,
): { document?: DocumentNode; complaint?: string } {
  if (documentHash(text) !== hash) return { complaint: 'the document is not the one of this hash' };
  try {
    const document = parse(text);
    const [error] = validate(schema, document);
    if (error) return { complaint: error.message };
    const named = document.definitions.some(
      (definition) =>
        definition.kind === Kind.OPERATION_DEFINITION && definition.name?.value === name,
    );
    return named ? { document } : { complaint: `it has no operation ${name}` };
  } catch (error) {
    return { complaint: (error as Error).message };
  }
}
