/**
 * Refusals as RFC 9457 problem details: the REST door's one translation of errors, in the form of
 * `#kernel/http/respond.ts`, and with the parts of the request that are wrong.
 */

import { maskError } from '#graphql/mask-errors.ts';
import type { Context } from '#kernel/context.ts';
import { BadRequest, DomainError, RetryableError } from '#kernel/errors.ts';
import { failureHeaders } from '#kernel/http/respond.ts';

/** What the app writes to the socket. */
export interface RestAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The operation behind the route, for logs and metrics; absent when no route was found. */
  readonly operation?: string;
}

/** What is wrong with one part of the request. */
export interface ProblemEntry {
  /** JSON Pointer into the body, as a URI fragment: `#/scopes/0` (RFC 6901 section 6). */
  readonly pointer?: string;
  /** A path or query parameter. */
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly ProblemEntry[];
  /** Seconds. */
  readonly retryAfter?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The request cannot be understood; one entry for each part of it that is wrong. */
export class MalformedRequest extends BadRequest {
  readonly entries: readonly ProblemEntry[];
  constructor(entries: readonly ProblemEntry[]) {
    super(`The request is malformed: ${entries.map(inWords).join('; ')}`);
    this.entries = entries;
  }
}

export function problem(given: Problem): RestAnswer {
  const { status, code, detail, requestId, errors, retryAfter, headers } = given;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      // RFC 9110 section 11.6.1: a 401 says how to do better.
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="signet"' } : {}),
      ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }),
      ...headers,
    },
    body: JSON.stringify({
      type: `urn:signet:error:${code}`,
      title: titleOf(code),
      status,
      detail,
      code,
      requestId,
      ...(errors ? { errors } : {}),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    }),
  };
}

/** Anything thrown. What is not a domain error is logged and answered as INTERNAL, without details. */
export function problemOf(
  error: unknown,
  ctx: Pick<Context, 'config' | 'log' | 'requestId'>,
  more: Partial<Problem> = {},
): RestAnswer {
  const { message, extensions } = maskError(error, ctx);
  const { code } = extensions as { code: string };
  return problem({
    status: error instanceof DomainError ? error.status : 500,
    code,
    detail: message,
    requestId: ctx.requestId,
    ...(error instanceof MalformedRequest ? { errors: error.entries } : {}),
    ...(error instanceof RetryableError ? { retryAfter: error.retryAfter } : {}),
    ...more,
    headers: { ...failureHeaders(error), ...more.headers },
  });
}

/** `EMAIL_TAKEN` -> `Email taken`: the same for every occurrence. */
export function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function inWords({ pointer, parameter, header, detail }: ProblemEntry): string {
  return [pointer ?? parameter ?? header, detail].filter(Boolean).join(' ');
}
