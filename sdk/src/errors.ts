/** Owns what goes wrong. No error ever holds the credential nor the request that carried it. */

/** What the server says of a failure. */
export interface Problem {
  /** Stable, in SCREAMING_CASE. */
  readonly code: string;
  /** For people; it may change. */
  readonly message: string;
  readonly __typename?: string;
}

/** A top-level error of a GraphQL answer. */
export interface GraphQLProblem {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly retryAfter?: number };
}

const BRAND = Symbol.for('@signet/sdk/error');

/** All that the SDK throws, but for an abort: that rejects with the signal's reason, as fetch does. */
export class SignetError<Code extends string = string> extends Error {
  readonly code: Code;
  /** The HTTP status that REST answers this error with; of a RequestError, that of the answer. */
  readonly status: number;
  /** Names the request in the server's logs and audit log; null when no server answered. */
  readonly requestId: string | null;

  constructor(
    problem: Problem,
    origin: { status: number; requestId: string | null; cause?: unknown },
  ) {
    const { __typename, code, message, ...more } = problem;
    super(message, 'cause' in origin ? { cause: origin.cause } : undefined);
    this.name = __typename ?? 'SignetError';
    this.code = code as Code;
    this.status = origin.status;
    this.requestId = origin.requestId;
    Object.assign(this, more);
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** For logs: name, message and the public members. */
  toJSON(): Record<string, unknown> {
    const { cause: _cause, ...members } = this as Record<string, unknown>;
    return { ...members, name: this.name, message: this.message };
  }
}

/**
 * The request itself failed: UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, BAD_USER_INPUT, ... from the
 * server; NETWORK_ERROR (no usable answer came) and BAD_RESPONSE (it was not GraphQL's) from here.
 */
export class RequestError extends SignetError {
  /** Seconds that the server asks to wait; null when it does not say. */
  readonly retryAfter: number | null;
  /** All top-level errors of the answer, with their paths. */
  readonly errors: readonly GraphQLProblem[];

  constructor(
    problem: Problem,
    origin: { status: number; requestId: string | null; cause?: unknown },
    {
      retryAfter = null,
      errors = [],
    }: { retryAfter?: number | null; errors?: readonly GraphQLProblem[] } = {},
  ) {
    super({ __typename: 'RequestError', ...problem }, origin);
    this.retryAfter = retryAfter;
    this.errors = errors;
  }
}

/** Also for errors of another copy of this package, where `instanceof` fails. With `code`: only those. */
export function isSignetError<Code extends string = string>(
  error: unknown,
  code?: Code,
): error is SignetError<Code> {
  const ours = typeof error === 'object' && error !== null && BRAND in error;
  return ours && (code === undefined || (error as unknown as SignetError).code === code);
}
