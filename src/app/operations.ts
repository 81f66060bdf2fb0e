/** The operations of this release, read from the slices, with every hash that was ever published. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadOperations, type OperationCatalogue } from '#graphql/operations.ts';
import { type PersistedOperations, persistedOperations } from '#graphql/persisted-operations.ts';
import { type PublishedOperations, persistedDocuments } from '#graphql/published-operations.ts';
import { schema } from './schema.ts';

const FEATURES = fileURLToPath(new URL('../features/', import.meta.url));

const PUBLISHED = new URL('../../schema/operations.json', import.meta.url);

let catalogue: OperationCatalogue | null = null;
let persisted: PersistedOperations | null = null;

/** Read once a process: tests start the program many times in one. */
export function readOperations(): OperationCatalogue {
  catalogue ??= read();
  return catalogue;
}

/** Likewise; they are compiled at their first use, for all who use them. */
export function readPersisted(): PersistedOperations {
  if (persisted) return persisted;
  const published = JSON.parse(readFileSync(PUBLISHED, 'utf8')) as PublishedOperations;
  const documents = persistedDocuments(schema, readOperations(), published);
  persisted = persistedOperations(schema, documents);
  return persisted;
}

function read(): OperationCatalogue {
  const files = readdirSync(FEATURES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.operations.graphql'))
    .sort();
  return loadOperations(
    schema,
    files.map((file) => ({ file, text: readFileSync(`${FEATURES}${file}`, 'utf8') })),
  );
}
