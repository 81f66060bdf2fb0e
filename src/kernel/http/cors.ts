/** Owns which origins of browsers may read our answers: those of CORS_ORIGINS, and no others. */
import type { IncomingMessage } from 'node:http';

type Headers = Readonly<Record<string, string>>;

export interface Cors {
  /** For every answer. An unknown origin gets no Access-Control header at all. */
  headers(request: IncomingMessage): Headers;
  /** The headers of a preflight's 204; null when the request is none. */
  preflight(request: IncomingMessage): Headers | null;
}

/** Credentials stay off: foreign origins call with a token, cookies are for our own. */
export function corsRules(origins: readonly string[]): Cors {
  const none = { vary: 'Origin' };
  const granted = new Map(
    origins.map((origin) => [origin, { ...none, 'access-control-allow-origin': origin }]),
  );
  const headers = (request: IncomingMessage): Headers =>
    granted.get(request.headers.origin ?? '') ?? none;
  return {
    headers(request) {
      const found = headers(request);
      return found === none ? none : { ...found, 'access-control-expose-headers': EXPOSED };
    },
    preflight(request) {
      const asked = request.headers['access-control-request-method'];
      if (request.method !== 'OPTIONS' || asked === undefined) return null;
      const found = headers(request);
      return found === none ? none : { ...found, ...PREFLIGHT };
    },
  };
}

const EXPOSED =
  'DPoP-Nonce, ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, X-Request-Id';

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'Accept, Authorization, Content-Type, DPoP, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Signet-Background, X-Signet-CSRF',
  'access-control-max-age': '600',
};
