/**
 * schema/ -> sdk/generated/. The SDK is made of the printed contract only: the schema and the newest
 * published document of each operation, whose exact text and hash it sends.
 *
 *   graphql-codegen --config codegen.ts            writes
 *   graphql-codegen --config codegen.ts --check    fails when what is written is out of date
 */
import { allDocuments } from './sdk/codegen/published.ts';

const HEAD = '/** Printed from schema/ by codegen.ts. Do not edit. */';

const config = {
  schema: 'schema/schema.graphql',
  documents: [allDocuments()],
  generates: {
    'sdk/generated/graphql.ts': {
      plugins: [{ './sdk/codegen/text-plugin.ts': { text: HEAD } }, 'typescript-operations'],
      config: {
        scalars: {
          ID: 'string',
          DateTime: 'string',
          // What the browser's interfaces type, such as a passkey's answer, has no index signature.
          JSONObject: { input: 'object', output: 'Record<string, unknown>' },
          Scope: 'string',
        },
        strictScalars: true,
        enumType: 'string-literal',
        // A shared fragment is one named type, and not its fields again in each operation.
        inlineFragmentTypes: 'combine',
        skipTypename: true,
      },
    },
    'sdk/generated/errors.ts': {
      plugins: [{ './sdk/codegen/errors-plugin.ts': { head: HEAD } }],
    },
    'sdk/generated/operations.ts': {
      plugins: [{ './sdk/codegen/operations-plugin.ts': { head: HEAD } }],
    },
    'sdk/generated/sdk.ts': {
      plugins: [{ './sdk/codegen/text-plugin.ts': { text: `${HEAD}\n${entry()}` } }],
    },
  },
};

export default config;

/** All that the package exports. Bundlers drop what an importer does not name. */
function entry(): string {
  return [
    "export * from '../src/client.ts';",
    "export type * from '../src/connection.ts';",
    "export type * from '../src/credential.ts';",
    "export * from '../src/document.ts';",
    "export * from '../src/errors.ts';",
    "export * from '../src/paginate.ts';",
    "export * from '../src/watch-session.ts';",
    "export type * from '../src/operation.ts';",
    "export type * from '../src/retry.ts';",
    "export type * from './graphql.ts';",
    "export * from './errors.ts';",
    "export * from './operations.ts';",
    '',
  ].join('\n');
}
