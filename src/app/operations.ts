/** The operations of this release, read from the slices, with every hash that was ever published. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadOperations, type OperationCatalogue } from '#graphql/operations.ts';
import { schema } from './schema.ts';

const FEATURES = fileURLToPath(new URL('../features/', import.meta.url));

export function readOperations(): OperationCatalogue {
  const files = readdirSync(FEATURES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.operations.graphql'))
    .sort();
  return loadOperations(
    schema,
    files.map((file) => ({ file, text: readFileSync(`${FEATURES}${file}`, 'utf8') })),
  );
}
