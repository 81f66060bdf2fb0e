/**
 * What PostgreSQL, pg and Prisma say when something fails, told in our words. A refusal by a unique
 * constraint is an answer that features turn into their own errors; a database that cannot be
 * reached, or that does not answer in time, is `Unavailable`. Everything else stays as it is: it is
 * a fault of ours.
 */
import { BadRequest, Unavailable } from '#kernel/errors.ts';

/** A statement was issued after its transaction had ended: somewhere an `await` is missing. */
export class TransactionEnded extends Error {
  override readonly name = 'TransactionEnded';
  readonly code = 'TRANSACTION_ENDED';
  constructor(text: string) {
    super(
      `A statement came after its transaction had ended; await everything inside transaction(), or enter inTenant() for work that outlives it. The statement: ${text.trim().slice(0, 200)}`,
    );
  }
}

/** The transaction could not commit because an earlier statement in it had failed. */
export class TransactionAborted extends Error {
  override readonly name = 'TransactionAborted';
  readonly code = 'TRANSACTION_ABORTED';
  constructor(cause: unknown) {
    super(
      'The transaction was rolled back: a statement in it had failed and the error was swallowed',
      { cause },
    );
  }
}

/** Whoever asked has gone away, or their time is over: nothing more is asked of the database for them. */
export class Abandoned extends Unavailable {
  constructor() {
    super('The request was given up; send it again', { retryAfter: 1 });
  }
}

interface UniqueViolation {
  /** The name of the constraint or unique index. */
  readonly constraint?: string;
  /** Its columns, where the driver tells them (it does not for tables under row-level security). */
  readonly fields: readonly string[];
}

/** Reads a unique violation out of an error of pg (SQLSTATE 23505) or of Prisma (P2002); else null. */
export function uniqueViolation(error: unknown): UniqueViolation | null {
  const { code, constraint, detail, meta } = fieldsOf(error);
  if (code === '23505') {
    const columns = /^Key \((.+?)\)=/.exec(String(detail ?? ''))?.[1];
    return violation(constraint, columns?.split(', '));
  }
  if (code !== 'P2002') return null;
  const cause = fieldsOf(fieldsOf(fieldsOf(meta).driverAdapterError).cause);
  const { index, fields } = fieldsOf(cause.constraint);
  return violation(index, fields);
}

/**
 * Ends a catch block: throws the answer for the constraint (by its name, or by its columns joined
 * with a comma) that refused the row, or the error itself when it is none of those.
 */
export function onUnique(error: unknown, answers: Record<string, () => Error>): never {
  const refused = uniqueViolation(error);
  const answer =
    refused && (answers[refused.constraint ?? ''] ?? answers[refused.fields.join(',')]);
  throw answer ? answer() : error;
}

/** 40001 and 40P01: nothing is wrong with the transaction, and running it again may succeed. */
export function isSerializationFailure(error: unknown): boolean {
  const { code, meta } = fieldsOf(error);
  if (code === '40001' || code === '40P01' || code === 'P2034') return true;
  // Raw queries of Prisma: P2010 around the adapter's error.
  const cause = fieldsOf(fieldsOf(fieldsOf(meta).driverAdapterError).cause);
  return cause.originalCode === '40001' || cause.originalCode === '40P01';
}

/** After this error nothing is known about the connection, or it is gone: never use it again. */
export function leavesConnectionUnknown(error: unknown): boolean {
  const { severity, code } = fieldsOf(error);
  // No severity: it was not the server that spoke. A broken socket, a timeout, a value that could
  // not be written. 26000 and 0A000: the server's prepared statements are not those we believe in.
  if (typeof severity !== 'string') return true;
  return severity === 'FATAL' || severity === 'PANIC' || code === '26000' || code === '0A000';
}

/** The error itself; `BadRequest` for text that cannot be stored; `Unavailable` when the database was not there, not in time, or overloaded. */
export function translated(error: unknown): unknown {
  // PostgreSQL stores no NUL (22021 in text, 22P05 in JSON): the caller's text, not our fault.
  if (NUL_STATES.has(String(fieldsOf(error).code)))
    return new BadRequest('Text must not contain the NUL character', { cause: error });
  if (error instanceof Unavailable || !isUnavailable(error)) return error;
  return new Unavailable('The database does not answer at the moment; try again shortly', {
    retryAfter: 1,
    cause: error,
  });
}

const NUL_STATES = new Set(['22021', '22P05']);

// SQLSTATE: connection exceptions, insufficient resources, cancelled by a timeout or by an
// operator, lock not available, idle in transaction too long.
const UNAVAILABLE_STATES = /^(08...|53...|57014|57P0.|55P03|25P03|25P04)$/;
const UNAVAILABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  // Prisma: unreachable, timed out, closed, pool timeout, transaction API, too many connections.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2037',
  // Prisma around what we said.
  'UNAVAILABLE',
]);
// pg and pg-pool give these no code.
const UNAVAILABLE_MESSAGES =
  /^(timeout exceeded when trying to connect|timeout expired|Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|The embedded database )/;

function isUnavailable(error: unknown): boolean {
  const { code, message } = fieldsOf(error);
  if (typeof code === 'string') return UNAVAILABLE_STATES.test(code) || UNAVAILABLE_CODES.has(code);
  return typeof message === 'string' && UNAVAILABLE_MESSAGES.test(message);
}

function violation(constraint: unknown, fields: unknown): UniqueViolation {
  return {
    ...(typeof constraint === 'string' ? { constraint } : {}),
    fields: Array.isArray(fields) ? fields.map((field) => String(field).replaceAll('"', '')) : [],
  };
}

interface Fields {
  readonly cause?: unknown;
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly detail?: unknown;
  readonly driverAdapterError?: unknown;
  readonly fields?: unknown;
  readonly index?: unknown;
  readonly message?: unknown;
  readonly meta?: unknown;
  readonly originalCode?: unknown;
  readonly severity?: unknown;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
