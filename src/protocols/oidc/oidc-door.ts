/**
 * The issuer of a tenant, below /t/{tenant}: what is the engine's goes to the engine, as the issuer
 * would be asked; where people are asked something is ours.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '#kernel/context.ts';
import { MethodNotAllowed, NotFound } from '#kernel/errors.ts';
import { readForm } from '#kernel/http/read-form.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { assertOwnForm, formTokenOf } from '#protocols/hosted/form-token.ts';
import { type Outcome, originOf } from '#protocols/hosted/hosted-door.ts';
import { type Visit, visit } from '#protocols/hosted/page.ts';
import { consentForm } from './consent.page.ts';
import { serving } from './current.ts';
import { interactionPage } from './interaction.page.ts';
import { interactionOf } from './interactions.ts';
import type { Issuer, Issuers } from './providers.ts';
import { METADATA_OF_API, resourceMetadata } from './resource-metadata.ts';

type Handle = (
  request: IncomingMessage,
  response: ServerResponse,
  ctx: Context,
) => Promise<undefined>;

/** Paths below the issuer that are the engine's. */
const ENGINE =
  /^\/(?:oauth2\/|device(?:\/[\w-]+)?$|\.well-known\/(?:openid-configuration|oauth-authorization-server)$)/;
const INTERACTION = /^\/interaction\/([\w-]{16,64})$/;
const CACHEABLE = /^\/(?:oauth2\/jwks|\.well-known\/.*)$/;

/** Whether a path below /t/{tenant} is the issuer's. */
export function isIssuers(path: string): boolean {
  const below = path.replace(/^\/t\/[^/]*/, '');
  return ENGINE.test(below) || INTERACTION.test(below) || below === METADATA_OF_API;
}

export function oidcDoor(issuers: Issuers, respond: Responder): Handle {
  return async (request, response, ctx) => {
    const url = request.url ?? '/';
    const below = url.replace(/^\/t\/[^/?]*/, '');
    const path = below.split('?')[0] ?? '';
    const issuer = await issuers.of(ctx);
    if (path === METADATA_OF_API) return tellOfApi(request, response, issuer, respond);
    const uid = INTERACTION.exec(path)?.[1];
    if (uid === undefined) return toEngine({ request, response, ctx, issuer, below, respond });
    await serving(ctx, () => toPerson({ request, response, ctx, issuer, uid, respond }));
    return undefined;
  };
}

/** RFC 8414, 3.1, and OpenID Connect Discovery 4.1 as RFC 8414 has it: before the path of the issuer. */
export function metadataDoor(issuers: Issuers, respond: Responder): Handle {
  return async (request, response, ctx) => {
    const issuer = await issuers.of(ctx);
    const below = '/.well-known/openid-configuration';
    return toEngine({ request, response, ctx, issuer, below, respond });
  };
}

/** The same of our API, which the tokens of this issuer are for (RFC 9728, 3). */
export function resourceDoor(issuers: Issuers, respond: Responder): Handle {
  return async (request, response, ctx) => {
    if (!(request.url ?? '').split('?')[0]?.endsWith('/api')) throw new NotFound('Page');
    return tellOfApi(request, response, await issuers.of(ctx), respond);
  };
}

function tellOfApi(
  { method }: IncomingMessage,
  response: ServerResponse,
  { issuer }: Issuer,
  respond: Responder,
): undefined {
  if (method !== 'GET' && method !== 'HEAD') throw new MethodNotAllowed();
  // As public as what the issuer says of itself.
  const open = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=60' };
  respond.json(response, 200, resourceMetadata(issuer), open);
}

async function toEngine(of: {
  request: IncomingMessage;
  response: ServerResponse;
  ctx: Context;
  issuer: Issuer;
  /** Path and query below the issuer. */
  below: string;
  respond: Responder;
}): Promise<undefined> {
  const { request, response, ctx, issuer, below, respond } = of;
  const { host, protocol, pathname } = new URL(issuer.issuer);
  // Links are made of the issuer, whatever was sent (security.md A20).
  delete request.headers['x-forwarded-host'];
  request.headers.host = host;
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  // The engine would have a script send the code that an address holds; our page shows it.
  request.url = below.startsWith('/device?') ? '/device' : below;
  Object.assign(request, { originalUrl: `${pathname.replace(/\/$/, '')}${below}` });
  for (const [name, value] of Object.entries(respond.headers)) response.setHeader(name, value);
  response.setHeader('content-security-policy', ENGINE_POLICY);
  if (CACHEABLE.test(below.split('?')[0] ?? ''))
    response.setHeader('cache-control', 'public, max-age=60');
  await serving(ctx, () => issuer.handle(request, response));
  return undefined;
}

/** As of our own pages, but that an answer may be a form that goes to the client (form_post). */
const ENGINE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; base-uri 'none'; frame-ancestors 'none'";

async function toPerson(of: {
  request: IncomingMessage;
  response: ServerResponse;
  ctx: Context;
  issuer: Issuer;
  uid: string;
  respond: Responder;
}): Promise<void> {
  const { request, response, ctx, issuer, uid, respond } = of;
  const here = await visit(ctx, request, response, formTokenOf(ctx, request, issuer.slug));
  const outcome = await answered(here, issuer, uid);
  if ('location' in outcome)
    respond.empty(response, 303, { location: outcome.location, 'content-length': '0' });
  else
    respond.html(response, outcome.status ?? 200, outcome.page, {
      'content-security-policy': await policyFor(here, issuer, uid),
    });
}

async function answered(here: Visit, issuer: Issuer, uid: string): Promise<Outcome> {
  const { request } = here;
  if (request.method === 'GET' || request.method === 'HEAD')
    return interactionPage(here, issuer, uid);
  if (request.method !== 'POST') throw new MethodNotAllowed();
  const fields = await readForm(request);
  assertOwnForm(request, fields, { token: here.formToken, origin: originOf(here) });
  return consentForm(here, issuer, { uid, fields });
}

/** Browsers hold the answer to a form, a redirect to the client at last, against `form-action`. */
async function policyFor(here: Visit, issuer: Issuer, uid: string): Promise<string> {
  const interaction = await interactionOf(here, issuer, uid);
  const target = URL.parse(String(interaction?.params['redirect_uri'] ?? ''));
  const goal = target ? (target.origin === 'null' ? target.protocol : target.origin) : '';
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; form-action 'self' ${goal}; base-uri 'none'; frame-ancestors 'none'`;
}
