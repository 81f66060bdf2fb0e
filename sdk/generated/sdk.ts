/** Printed from schema/ by codegen.ts. Do not edit. */
export * from '../src/client.ts';
export type * from '../src/connection.ts';
export type * from '../src/credential.ts';
export * from '../src/document.ts';
export * from '../src/errors.ts';
export * from '../src/export-audit-events.ts';
export * from '../src/paginate.ts';
export * from '../src/watch-session.ts';
export type * from '../src/operation.ts';
export type * from '../src/retry.ts';
export type * from './graphql.ts';
export * from './errors.ts';
export * from './operations.ts';
