/** Printed from schema/ by codegen.ts. Do not edit. */
export * from '../src/oidc/browser.ts';
export type { FlowOptions, SignInOptions } from '../src/oidc/code-flow.ts';
export type { IssuerOptions } from '../src/oidc/issuer.ts';
export type { KeyStorage, OwnPage } from '../src/oidc/page.ts';
export * from '../src/oidc/service-tokens.ts';
export * from '../src/oidc/session-store.ts';
export { SignInError } from '../src/oidc/sign-in-error.ts';
export type { IdentityClaims } from '../src/oidc/tokens.ts';
export * from '../src/oidc/web-sign-in.ts';
