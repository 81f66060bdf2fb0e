/** Printed from schema/ by codegen.ts. Do not edit. */
export { type AccessTokenClaims, scopesOf } from '../src/server/claims.ts';
export { type Demands, requireAcr, requireMaxAge, requireScopes } from '../src/server/demands.ts';
export * from '../src/server/guards.ts';
export type { IntrospectionOptions } from '../src/server/introspection.ts';
export * from '../src/server/token-error.ts';
export * from '../src/server/verifier.ts';
