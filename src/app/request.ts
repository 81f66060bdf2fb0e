/** One request on its way through the process: who calls, what may be asked how often, how to answer. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { expiredCookie } from '#features/sessions/sessions.model.ts';
import { anonymous } from '#kernel/actor.ts';
import { type Context, type Door, NO_TENANT, type Services } from '#kernel/context.ts';
import { type DomainError, InvalidInput, NotFound } from '#kernel/errors.ts';
import { declareEvent } from '#kernel/events/event-types.ts';
import { callerReader } from '#kernel/http/client-address.ts';
import { requestId } from '#kernel/http/request-id.ts';
import { addressKey, type Bucket } from '#kernel/limits.ts';
import type { Authenticate, Named } from './authenticate.ts';
import { SessionEnded } from './authenticate-people.ts';

export type OpenContext = (
  request: IncomingMessage,
  response: ServerResponse,
  door: Door,
  named: Named,
  signal: AbortSignal,
) => Promise<Context>;

/** Authenticates and counts the request. */
export function contextOpener(services: Services, authenticate: Authenticate): OpenContext {
  const callerOf = callerReader(services.config.trustedProxies);
  const buckets = requestBuckets(services);
  return async (request, response, door, named, signal) => {
    const { address, viaProxy } = callerOf(request);
    const stranger: Context = {
      ...services,
      actor: anonymous,
      tenantId: NO_TENANT,
      door,
      site: named.site?.id ?? null,
      requestId: requestId(request, viaProxy),
      address,
      userAgent: request.headers['user-agent'] ?? null,
      idempotencyKey: null,
      lastEventId: request.headers['last-event-id']?.toString() || null,
      setCookie: (cookie) => void response.appendHeader('set-cookie', cookie),
      signal,
      memo: new Map(),
      reauthenticate: async () => null,
    };
    response.setHeader('x-request-id', stranger.requestId);
    const presented = await authenticate(door, request, named);
    const { actor, tenantId } = presented;
    if (presented.refused)
      throw await refused(
        { ...stranger, actor, tenantId },
        response,
        buckets.anonymous,
        presented.refused,
      );
    const bucket = actor === anonymous ? buckets.anonymous : buckets.credential;
    await count(services, response, bucket, actor.id ?? addressKey(address));
    const reauthenticate = async () => {
      const again = await authenticate(door, request, named, true);
      return !again.refused && again.tenantId === tenantId ? again.actor : null;
    };
    const key = idempotencyKey(request.headers['idempotency-key']);
    return { ...stranger, actor, tenantId, idempotencyKey: key, reauthenticate };
  };
}

function requestBuckets({ config }: Services): { credential: Bucket; anonymous: Bucket } {
  return {
    credential: {
      name: 'credential',
      counted: 'local',
      points: config.rateLimitPerMinute,
      seconds: 60,
    },
    anonymous: {
      name: 'anonymous',
      counted: 'local',
      points: config.rateLimitAnonymousPerMinute,
      seconds: 60,
    },
  };
}

/** RateLimit fields as in draft-ietf-httpapi-ratelimit-headers. */
async function count(
  services: Services,
  response: ServerResponse,
  bucket: Bucket,
  key: string,
): Promise<void> {
  const { remaining, resetSeconds } = await services.limits.consume(bucket, key);
  if (remaining === Number.POSITIVE_INFINITY) return;
  response.setHeader('ratelimit-policy', `"${bucket.name}";q=${bucket.points};w=${bucket.seconds}`);
  response.setHeader('ratelimit', `"${bucket.name}";r=${remaining};t=${resetSeconds}`);
}

declareEvent({
  name: 'credential.verify',
  summary: 'A credential was refused at a door.',
  severity: 'WARNING',
  results: ['REFUSED'],
  about: ['client'],
});

/** A refused credential counts against its address; while that is not blocked, it is an event. */
async function refused(
  ctx: Context,
  response: ServerResponse,
  bucket: Bucket,
  error: DomainError,
): Promise<unknown> {
  try {
    await count(ctx, response, bucket, addressKey(ctx.address));
  } catch (limited) {
    return limited;
  }
  if (error instanceof SessionEnded && error.forget !== null)
    ctx.setCookie(expiredCookie(error.forget));
  // That there is no such page says nothing of a credential.
  if (!(error instanceof NotFound)) await ctx.refusals.record(ctx, 'credential.verify', error.code);
  return error;
}

/** draft-ietf-httpapi-idempotency-key-header: a string of the client's choice. */
function idempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[\x21-\x7e]{8,200}$/.test(header)) return header;
  throw new InvalidInput([
    { path: 'Idempotency-Key', message: 'must have 8 to 200 printable characters without spaces' },
  ]);
}
