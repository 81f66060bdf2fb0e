/** Writes what the declarations promise into `schema/`, and the table of settings into the README. `npm run check` prints again and compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mergePublished, type PublishedOperations } from '#graphql/published-operations.ts';
import { errorCatalogue, eventCatalogue, printSdl, scopeCatalogue } from './catalogues.ts';
import { withConfigTable } from './config-table.ts';
import { readOperations } from './operations.ts';
import { type EventCatalogue, mergeEvents } from './published-events.ts';
import { openApiDocument } from './reference.ts';
import { schema } from './schema.ts';

const target = (name: string) => new URL(`../../schema/${name}`, import.meta.url);
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const catalogue = readOperations();
const published = JSON.parse(
  readFileSync(target('operations.json'), 'utf8'),
) as PublishedOperations;

const publishedEvents = JSON.parse(readFileSync(target('events.json'), 'utf8')) as EventCatalogue;

const prints: Record<string, string> = {
  'schema.graphql': printSdl(schema),
  'openapi.json': json(openApiDocument('public', '/')),
  'openapi-internal.json': json(openApiDocument('platform', '/')),
  'operations.json': json(mergePublished(published, catalogue)),
  'scopes.json': json(scopeCatalogue()),
  'events.json': json(mergeEvents(publishedEvents, eventCatalogue())),
  'errors.json': json(errorCatalogue()),
};

for (const [name, text] of Object.entries(prints)) writeFileSync(target(name), text);

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, withConfigTable(readFileSync(readme, 'utf8')));
