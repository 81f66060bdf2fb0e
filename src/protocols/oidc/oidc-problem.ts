/** What clients are told when we cannot answer: as OAuth says it (RFC 6749, 4.1.2.1 and 5.2), never by a page. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { DomainError, RetryableError } from '#kernel/errors.ts';
import type { Responder } from '#kernel/http/respond.ts';

type SayProblem = (
  response: ServerResponse,
  error: unknown,
  requestId: string,
  request: IncomingMessage,
) => void;

/** Paths below the issuer that programs ask; at the others there are people. */
const FOR_PROGRAMS =
  /^(?:\/t\/[^/]*)?\/(?:oauth2\/(?:token|jwks|userinfo|introspect|revoke|par|device|register)|\.well-known\/)/;

/** Before the engine has begun; `pages` says it to people. */
export function issuerProblem(respond: Responder, pages: SayProblem): SayProblem {
  return (response, error, requestId, request) => {
    if (!FOR_PROGRAMS.test(request.url ?? '')) return pages(response, error, requestId, request);
    const known = error instanceof DomainError ? error : null;
    respond.json(
      response,
      known?.status ?? 500,
      { error: codeOf(error), error_description: known?.message ?? 'something went wrong here' },
      error instanceof RetryableError ? { 'retry-after': String(error.retryAfter) } : {},
    );
  };
}

/** Inside the engine, which calls everything that it does not know its own failure. */
export function tellTrouble(koa: KoaContextWithOIDC, error: unknown): void {
  if (!(error instanceof RetryableError)) return;
  koa.status = error.status;
  koa.set('retry-after', String(error.retryAfter));
  if (typeof koa.body === 'object')
    koa.body = { error: codeOf(error), error_description: error.message };
}

function codeOf(error: unknown): string {
  if (error instanceof RetryableError) return 'temporarily_unavailable';
  return error instanceof DomainError && error.status < 500 ? 'invalid_request' : 'server_error';
}
