/**
 * Owns the check before a route, for node:http, Express, Fastify, Hono and handlers of Request and
 * Response. They import none of these: what they use of each is written down here.
 */
import type { AccessTokenClaims } from './claims.ts';
import type { Demands } from './demands.ts';
import { type Refusal, refusalOf, TokenError } from './token-error.ts';
import type { Verifier } from './verifier.ts';

/** By request, so that nothing of a framework is written to. */
const ADMITTED = new WeakMap<object, AccessTokenClaims>();

/** What the token of a request said that a guard has let through. Throws when none has. */
export function claimsOf(request: object): AccessTokenClaims {
  const claims = ADMITTED.get(request);
  if (!claims) throw new Error('no guard of @signet/sdk/server stands before this route');
  return claims;
}

/** For any framework. Throws TokenError and IssuerUnavailableError; `refusalOf` says what to answer. */
export async function authenticate(
  verifier: Verifier,
  authorization: string | null | undefined,
  demands: Demands = {},
): Promise<AccessTokenClaims> {
  const token = /^bearer +([\w.~+/=-]+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined)
    throw new TokenError('missing_token', 'Send an access token: Authorization: Bearer ...');
  return verifier.verify(token, demands);
}

interface NodeRequest {
  readonly headers: { readonly authorization?: string | undefined };
}

interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/** For node:http: the claims; or null, and then the request is answered. */
export function nodeGuard(
  verifier: Verifier,
  demands: Demands = {},
): (request: NodeRequest, response: NodeResponse) => Promise<AccessTokenClaims | null> {
  return async (request, response) => {
    const refusal = await admit(verifier, request, request.headers.authorization, demands);
    if (refusal === null) return claimsOf(request);
    response.writeHead(refusal.status, { ...refusal.headers });
    response.end(refusal.body);
    return null;
  };
}

/** For Express and its like: `app.get('/orders', expressGuard(verifier, { scopes: [...] }), ...)`. */
export function expressGuard(
  verifier: Verifier,
  demands: Demands = {},
): (request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void) => void {
  const guard = nodeGuard(verifier, demands);
  return (request, response, next) => {
    guard(request, response).then((claims) => claims && next(), next);
  };
}

interface FastifyReplyLike {
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body: string): unknown;
}

/** For Fastify: `app.get('/orders', { onRequest: fastifyGuard(verifier) }, ...)`. */
export function fastifyGuard(
  verifier: Verifier,
  demands: Demands = {},
): (request: NodeRequest, reply: FastifyReplyLike) => Promise<unknown> {
  return async (request, reply) => {
    const refusal = await admit(verifier, request, request.headers.authorization, demands);
    if (refusal === null) return undefined;
    reply.code(refusal.status);
    reply.headers({ ...refusal.headers });
    reply.send(refusal.body);
    // So Fastify knows that it was answered.
    return reply;
  };
}

interface HonoContextLike {
  readonly req: { header(name: string): string | undefined };
}

/** For Hono: `app.use('/orders/*', honoGuard(verifier))`; then `claimsOf(c)`. */
export function honoGuard(
  verifier: Verifier,
  demands: Demands = {},
): (context: HonoContextLike, next: () => Promise<void>) => Promise<Response | undefined> {
  return async (context, next) => {
    const authorization = context.req.header('authorization');
    const refusal = await admit(verifier, context, authorization, demands);
    if (refusal) return responseOf(refusal);
    await next();
    return undefined;
  };
}

/** For route handlers of Next, and whatever else takes a Request: `claimsOf(request)` within. */
export function routeGuard<Sent extends Request, Rest extends readonly unknown[]>(
  verifier: Verifier,
  demands: Demands,
  handler: (request: Sent, ...rest: Rest) => Response | Promise<Response>,
): (request: Sent, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const authorization = request.headers.get('authorization');
    const refusal = await admit(verifier, request, authorization, demands);
    return refusal ? responseOf(refusal) : handler(request, ...rest);
  };
}

/** Null when the request may go on. Throws what is no refusal. */
async function admit(
  verifier: Verifier,
  request: object,
  authorization: string | null | undefined,
  demands: Demands,
): Promise<Refusal | null> {
  try {
    ADMITTED.set(request, await authenticate(verifier, authorization, demands));
    return null;
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    return refusal;
  }
}

function responseOf({ status, headers, body }: Refusal): Response {
  return new Response(body, { status, headers });
}
