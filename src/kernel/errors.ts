/**
 * Expected failures, and only those: each has a stable `code`, an HTTP status and a message that
 * is safe to show. Each door owns one translation of this shape; nothing else does. Anything that
 * is not a DomainError is a fault of ours: it is logged whole and answered as INTERNAL.
 */
export interface DomainErrorOptions {
  /** What we log and never show. */
  readonly cause?: unknown;
}

export abstract class DomainError extends Error {
  /** Stable, SCREAMING_CASE, part of the contract. On the class, so that catalogues can be printed. */
  static readonly code: string = 'INTERNAL';
  /** The HTTP status that the REST door answers with. */
  static readonly status: number = 500;
  constructor(message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
  }
  get code(): string {
    return (this.constructor as typeof DomainError).code;
  }
  get status(): number {
    return (this.constructor as typeof DomainError).status;
  }
}

export interface FieldProblem {
  /** Dotted path of the input field, such as `email` or `scopes.0`. */
  readonly path: string;
  readonly message: string;
  /** Which rule, for pages that say it in another language. */
  readonly reason?: string;
}

/** Well-formed but not acceptable: one entry a field. */
export class InvalidInput extends DomainError {
  static override readonly code = 'INVALID_INPUT';
  static override readonly status = 422;
  readonly fields: readonly FieldProblem[];
  constructor(fields: readonly FieldProblem[]) {
    super(
      `The input is not acceptable: ${fields.map((f) => (f.path ? `${f.path} ${f.message}` : f.message)).join('; ')}`,
    );
    this.fields = fields;
  }
}

/** Malformed: the request cannot be understood. */
export class BadRequest extends DomainError {
  static override readonly code = 'BAD_REQUEST';
  static override readonly status = 400;
}

/** An id that is malformed or names another type. */
export class InvalidId extends DomainError {
  static override readonly code = 'INVALID_ID';
  static override readonly status = 400;
  constructor(argument: string, type: string) {
    super(`${argument} must be a ${type} id (${type}_...)`);
  }
}

/** A cursor that we did not make, or that was made for another list or another tenant. */
export class InvalidCursor extends DomainError {
  static override readonly code = 'INVALID_CURSOR';
  static override readonly status = 400;
  constructor(argument: string) {
    super(`${argument} is not a cursor of this list; start again without it`);
  }
}

/** An operation that would cost more than one request may. */
export class TooCostly extends DomainError {
  static override readonly code = 'TOO_COSTLY';
  static override readonly status = 400;
}

export class Unauthenticated extends DomainError {
  static override readonly code = 'UNAUTHENTICATED';
  static override readonly status = 401;
  /** Header fields of the answer, such as a challenge that says more than that a credential is missing. */
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    message = 'This needs a caller: send Authorization: Bearer <API key>',
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.headers = headers;
  }
}

/** Only for what the caller may know exists. */
export class Forbidden extends DomainError {
  static override readonly code = 'FORBIDDEN';
  static override readonly status = 403;
}

/** What a person must do before they may: RFC 9470 section 3. */
interface StepUp {
  readonly acr?: 'mfa' | undefined;
  readonly maxAge?: number | undefined;
}

/** The caller is known, but not well or not lately enough. */
export class StepUpRequired extends DomainError {
  static override readonly code = 'STEP_UP_REQUIRED';
  static override readonly status = 401;
  /** What is missing, and nothing else. */
  readonly missing: StepUp;
  constructor(where: string, missing: StepUp) {
    const { acr, maxAge } = missing;
    const how = acr ? ' with two factors' : ' again';
    const when = maxAge === undefined ? '' : `, within ${maxAge} seconds of doing this`;
    super(`${where} needs a person who has signed in${how}${when}: sign in and repeat it`);
    this.missing = missing;
  }
}

/** The credential is good, its tenant is closed. */
export class TenantSuspended extends DomainError {
  static override readonly code = 'TENANT_SUSPENDED';
  static override readonly status = 403;
  constructor() {
    super('This tenant is suspended; ask the operator of the platform');
  }
}

/** Also for what the caller may not know exists: absent and foreign look the same. */
export class NotFound extends DomainError {
  static override readonly code = 'NOT_FOUND';
  static override readonly status = 404;
  constructor(kind: string) {
    super(`${kind} not found`);
  }
}

/** The row changed since the caller read it (RFC 9110 section 13.1.1). */
export class VersionMismatch extends DomainError {
  static override readonly code = 'VERSION_MISMATCH';
  static override readonly status = 412;
  constructor(kind: string) {
    super(`${kind} was changed by someone else; read it again and repeat the change`);
  }
}

export class IdempotencyKeyReused extends DomainError {
  static override readonly code = 'IDEMPOTENCY_KEY_REUSED';
  static override readonly status = 422;
  constructor() {
    super('This Idempotency-Key was used with another input; use a new key for a new request');
  }
}

export class MethodNotAllowed extends DomainError {
  static override readonly code = 'METHOD_NOT_ALLOWED';
  static override readonly status = 405;
  constructor() {
    super('This method is not taken here');
  }
}

export class NotAcceptable extends DomainError {
  static override readonly code = 'NOT_ACCEPTABLE';
  static override readonly status = 406;
}

export class RequestTimeout extends DomainError {
  static override readonly code = 'REQUEST_TIMEOUT';
  static override readonly status = 408;
}

/** A hash that no published operation has; send the document instead. */
export class PersistedQueryNotFound extends DomainError {
  static override readonly code = 'PERSISTED_QUERY_NOT_FOUND';
  static override readonly status = 400;
  constructor() {
    super('PersistedQueryNotFound');
  }
}

export class PayloadTooLarge extends DomainError {
  static override readonly code = 'PAYLOAD_TOO_LARGE';
  static override readonly status = 413;
}

export class UnsupportedMediaType extends DomainError {
  static override readonly code = 'UNSUPPORTED_MEDIA_TYPE';
  static override readonly status = 415;
}

/** Failures that pass: answered with Retry-After. */
export abstract class RetryableError extends DomainError {
  /** Seconds after which a retry makes sense. */
  readonly retryAfter: number;
  constructor(message: string, options: DomainErrorOptions & { retryAfter: number }) {
    super(message, options);
    this.retryAfter = options.retryAfter;
  }
}

export class RateLimited extends RetryableError {
  static override readonly code = 'RATE_LIMITED';
  static override readonly status = 429;
  constructor(options: DomainErrorOptions & { retryAfter: number }) {
    super(`Too many requests; try again in ${options.retryAfter} seconds`, options);
  }
}

export class Unavailable extends RetryableError {
  static override readonly code = 'UNAVAILABLE';
  static override readonly status = 503;
}

/** Nothing failed: more was asked for at once than can be done. */
export class Overloaded extends Unavailable {}
