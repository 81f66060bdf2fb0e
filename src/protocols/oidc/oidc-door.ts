/**
 * The issuer of a tenant, below /t/{tenant}: what is the engine's goes to the engine, as the issuer
 * would be asked; where people are asked something is ours.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '#kernel/context.ts';
import { MethodNotAllowed, NotFound, PayloadTooLarge } from '#kernel/errors.ts';
import { readForm } from '#kernel/http/read-form.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { assertOwnForm, formTokenOf } from '#protocols/hosted/form-token.ts';
import { type Outcome, originOf } from '#protocols/hosted/hosted-door.ts';
import { isAwaited, type Visit, visit } from '#protocols/hosted/page.ts';
import { type Awaited, pageHeaders } from '#protocols/hosted/page-policy.ts';
import { consentForm } from './consent.page.ts';
import { serving } from './current.ts';
import { interactionPage } from './interaction.page.ts';
import { ENGINE_POLICY } from './pages.ts';
import type { Issuer, Issuers } from './providers.ts';
import { REGISTRATION, registration } from './registration.ts';
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
    const registering = REGISTRATION.exec(path);
    if (registering) {
      const [, clientId] = registering;
      return registration({ request, response, ctx, issuer: issuer.issuer, clientId, respond });
    }
    if (path === METADATA_OF_API) return tellOfApi(request, response, issuer, respond);
    const uid = INTERACTION.exec(path)?.[1];
    const shortcut = issuer.shortcuts.get(below);
    const said = shortcut && (await serving(ctx, () => shortcut(request)));
    if (said) return void respond.json(response, 200, said);
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
  if (request.method === 'POST' && AS_GET.test(below)) {
    const location = await asGet(request, issuer, below);
    respond.empty(response, 303, { location, 'content-length': '0' });
    return undefined;
  }
  const { host, protocol, pathname } = issuer.url;
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

/** What browsers may send as a form as well (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2). */
const AS_GET = /^\/oauth2\/(?:authorize|logout)(?:\?|$)/;

/** A form from elsewhere comes without the cookies that say who is there; the same asked by GET does not. */
async function asGet(request: IncomingMessage, { issuer }: Issuer, below: string): Promise<string> {
  const [path, query] = below.split('?');
  const asked = new URLSearchParams(query);
  for (const [name, value] of await readForm(request)) asked.append(name, value);
  const text = asked.toString();
  if (text.length > LONGEST_QUERY)
    throw new PayloadTooLarge('The request is too long for a browser');
  return `${new URL(issuer).pathname.replace(/\/$/, '')}${path}?${text}`;
}

/** Of the 16 kB that a request's head may have. */
const LONGEST_QUERY = 12_000;

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
    respond.html(
      response,
      outcome.status ?? 200,
      outcome.page,
      // The client's logo may be anywhere.
      pageHeaders(['https:'], await awaited(issuer, uid)),
    );
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

/** For the other pages, on which a person does what an authorization request waits for. */
export function awaitedBy(issuers: Issuers): (here: Visit) => Promise<Awaited | null> {
  return async (here) => {
    const uid = isAwaited(here) ? INTERACTION.exec(`/${here.to}`)?.[1] : undefined;
    if (uid === undefined) return null;
    const issuer = await issuers.of(here.ctx);
    return serving(here.ctx, () => awaited(issuer, uid));
  };
}

/** Its cookie is sent to the interaction alone; whoever knows the uid learns no more than a scheme. */
async function awaited({ provider }: Issuer, uid: string): Promise<Awaited | null> {
  const params = (await provider.Interaction.find(uid))?.params;
  if (!params) return null;
  const { redirect_uri: address, display } = params;
  return {
    returnsTo: typeof address === 'string' ? address : null,
    inPopup: display === 'popup',
  };
}
