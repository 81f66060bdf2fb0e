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
    'sdk/generated/sdk.ts': printed(entry()),
    'sdk/generated/server.ts': printed(serverEntry()),
    'sdk/generated/oidc.ts': printed(oidcEntry()),
    'sdk/generated/audit.ts': printed(auditEntry()),
  },
};

export default config;

function printed(text: string) {
  return { plugins: [{ './sdk/codegen/text-plugin.ts': { text: `${HEAD}\n${text}` } }] };
}

/** An entry of its own: programs that do not verify tokens load no library for it. */
function serverEntry(): string {
  return [
    "export { type AccessTokenClaims, scopesOf } from '../src/server/claims.ts';",
    "export { type Demands, requireAcr, requireMaxAge, requireScopes } from '../src/server/demands.ts';",
    "export * from '../src/server/guards.ts';",
    "export type { IntrospectionOptions } from '../src/server/introspection.ts';",
    "export * from '../src/server/token-error.ts';",
    "export * from '../src/server/verifier.ts';",
    '',
  ].join('\n');
}

/** For applications that people sign in to, and for programs that get tokens by themselves. */
function oidcEntry(): string {
  return [
    "export * from '../src/oidc/browser.ts';",
    "export type { FlowOptions, SignInOptions } from '../src/oidc/code-flow.ts';",
    "export type { IssuerOptions } from '../src/oidc/issuer.ts';",
    "export type { KeyStorage, OwnPage } from '../src/oidc/page.ts';",
    "export * from '../src/oidc/service-tokens.ts';",
    "export * from '../src/oidc/session-store.ts';",
    "export { SignInError } from '../src/oidc/sign-in-error.ts';",
    "export type { IdentityClaims } from '../src/oidc/tokens.ts';",
    "export * from '../src/oidc/web-sign-in.ts';",
    '',
  ].join('\n');
}

/** For auditors: verifies what was exported, without the server. Needs Node. */
function auditEntry(): string {
  return [
    "export * from '../src/audit/checkpoint.ts';",
    "export * from '../src/audit/proofs.ts';",
    "export * from '../src/audit/report.ts';",
    "export * from '../src/audit/verify-export.ts';",
    '',
  ].join('\n');
}

/** All that the core of the package exports. Bundlers drop what an importer does not name. */
function entry(): string {
  return [
    "export * from '../src/client.ts';",
    "export type * from '../src/connection.ts';",
    "export type * from '../src/credential.ts';",
    "export * from '../src/document.ts';",
    "export * from '../src/errors.ts';",
    "export * from '../src/export-audit-events.ts';",
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
