/**
 * Owns the way out: every answer carries the security headers, nothing names the server, and a
 * failure is a problem document (RFC 9457) that says no more than the failure's public message.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import {
  DomainError,
  InvalidInput,
  RetryableError,
  StepUpRequired,
  Unauthenticated,
} from '#kernel/errors.ts';

type Headers = Readonly<Record<string, string | readonly string[]>>;

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  /** Further members that the failure carries, such as `fields`. */
  [member: string]: unknown;
}

export interface Responder {
  /** What every answer carries, for answers that are not written here. */
  readonly headers: Readonly<Record<string, string>>;
  json(response: ServerResponse, status: number, value: unknown, headers?: Headers): void;
  /** `failure` may be anything: what is no `DomainError` is answered as INTERNAL. */
  problem(response: ServerResponse, failure: unknown, requestId: string, headers?: Headers): void;
  /** A page; its scripts and styles come from our own origin. */
  html(response: ServerResponse, status: number, page: string, headers?: Headers): void;
  /** Any other text, such as metrics or a script; `headers` should hold its content-type. */
  text(response: ServerResponse, status: number, text: string, headers?: Headers): void;
  /** An answer without a body: 204, 304. */
  empty(response: ServerResponse, status: number, headers?: Headers): void;
}

/** HSTS is sent when PUBLIC_URL is https. */
export function responder(config: { readonly publicUrl: string }): Responder {
  const hsts = config.publicUrl.startsWith('https:')
    ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
    : {};
  const base = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...hsts,
  };
  const page = {
    ...base,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_POLICY,
    'cross-origin-opener-policy': 'same-origin',
  };
  const body = { ...base, 'content-type': 'application/json; charset=utf-8' };
  const plain = { ...base, 'content-type': 'text/plain; charset=utf-8' };
  const trouble = { ...base, 'content-type': 'application/problem+json; charset=utf-8' };

  return {
    headers: base,
    json: (response, status, value, headers) =>
      write(response, status, JSON.stringify(value), body, headers),
    problem(response, failure, requestId, headers) {
      const problem = problemOf(failure, requestId);
      const told = { ...trouble, 'x-request-id': requestId, ...failureHeaders(failure) };
      write(response, problem.status, JSON.stringify(problem), told, headers);
    },
    html: (response, status, text, headers) => write(response, status, text, page, headers),
    text: (response, status, text, headers) => write(response, status, text, plain, headers),
    empty(response, status, headers) {
      response.writeHead(status, { ...base, ...headers } as Record<string, string>);
      response.end();
    },
  };
}

/** The problem document of a failure. */
export function problemOf(failure: unknown, requestId: string): Problem {
  const known = failure instanceof DomainError ? failure : null;
  const code = known?.code ?? 'INTERNAL';
  const status = known?.status ?? 500;
  return {
    type: `urn:signet:error:${code}`,
    title: title(code),
    status,
    detail: known?.message ?? 'Something went wrong on our side; tell us the requestId',
    code,
    requestId,
    ...(failure instanceof InvalidInput ? { fields: failure.fields } : {}),
    ...(failure instanceof StepUpRequired ? failure.missing : {}),
    ...(failure instanceof RetryableError ? { retryAfter: failure.retryAfter } : {}),
  };
}

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The header fields that a failure asks for, whatever its body. */
export function failureHeaders(failure: unknown): Record<string, string> {
  if (failure instanceof RetryableError) return { 'retry-after': String(failure.retryAfter) };
  const status = failure instanceof DomainError ? failure.status : 500;
  if (failure instanceof StepUpRequired) return { 'www-authenticate': stepUpChallenge(failure) };
  // RFC 9110 section 11.6.1: a 401 says how to do better.
  if (status === 401) {
    const own = failure instanceof Unauthenticated ? failure.headers : {};
    return { 'www-authenticate': 'Bearer realm="signet"', ...own };
  }
  // What was not read of the request must not be taken for the next one.
  return status === 408 || status === 413 ? { connection: 'close' } : {};
}

/** RFC 9470 section 3. */
function stepUpChallenge({ missing: { acr, maxAge } }: StepUpRequired): string {
  const asks = [
    acr ? `acr_values="${acr}"` : '',
    maxAge === undefined ? '' : `max_age="${maxAge}"`,
  ];
  return ['Bearer realm="signet", error="insufficient_user_authentication"', ...asks]
    .filter(Boolean)
    .join(', ');
}

function title(code: string): string {
  const words = code.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function write(
  response: ServerResponse,
  status: number,
  text: string,
  base: Headers,
  headers: Headers | undefined,
): void {
  const all = { ...base, 'content-length': String(Buffer.byteLength(text)), ...headers };
  response.writeHead(status, STATUS_CODES[status], all as Record<string, string>);
  response.end(text);
}
