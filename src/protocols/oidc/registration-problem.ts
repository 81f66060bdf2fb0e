/** What clients are told that could not register, or not change themselves (RFC 7591, 3.2.2; RFC 6750, 3). */
import { DomainError, InvalidInput, Unauthenticated } from '#kernel/errors.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { inMetadata } from './registration-metadata.ts';

export class SoftwareStatementNotTaken extends DomainError {
  static override readonly code = 'SOFTWARE_STATEMENT_NOT_TAKEN';
  static override readonly status = 400;
  constructor() {
    super('Software statements are not taken here: say what they say as metadata');
  }
}

export class RegistrationTokenUnknown extends DomainError {
  static override readonly code = 'REGISTRATION_TOKEN_UNKNOWN';
  static override readonly status = 401;
  constructor() {
    super('The registration access token is not the one of this client');
  }
}

/** It is an administrator's now: the tenant's own, or disabled. */
export class TakenOver extends DomainError {
  static override readonly code = 'CLIENT_TAKEN_OVER';
  static override readonly status = 403;
  constructor() {
    super('An administrator decides about this client now; ask them');
  }
}

export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  /** Whether it is about a token that was shown. */
  readonly ofToken: boolean;
}

/** Of codes of ours, those that the specifications have a word for. */
const WORDS: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'invalid_token',
  INITIAL_ACCESS_TOKEN_OVER: 'invalid_token',
  REGISTRATION_TOKEN_UNKNOWN: 'invalid_token',
  SOFTWARE_STATEMENT_NOT_TAKEN: 'unapproved_software_statement',
  CLIENT_TAKEN_OVER: 'access_denied',
  CLIENT_REGISTRATION_OFF: 'access_denied',
  OUTRANKS_CALLER: 'access_denied',
};

/** Null for what is not this request's fault. */
export function refusalOf(error: DomainError): Refusal | null {
  if (error instanceof InvalidInput) return metadataRefusal(error);
  const word = WORDS[error.code];
  const ofToken = !(error instanceof Unauthenticated);
  return word ? { status: error.status, error: word, description: error.message, ofToken } : null;
}

/** All problems of one kind at once; where a client's users return to has a word of its own. */
function metadataRefusal({ fields }: InvalidInput): Refusal {
  const problems = fields.map(inMetadata);
  const ofUris = problems.filter(({ path }) => /^redirect_uris(?:\.|$)/.test(path));
  const told = ofUris.length > 0 ? ofUris : problems;
  return {
    status: 400,
    error: ofUris.length > 0 ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    description: plain(told.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')),
    ofToken: false,
  };
}

/** RFC 6749, 5.2: which characters a description has. */
function plain(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 1000);
}

export function sayRefusal(
  respond: Responder,
  response: Parameters<Responder['json']>[0],
  issuer: string,
  { status, error, description, ofToken }: Refusal,
): void {
  const body = { error, error_description: description };
  // RFC 6750, 3.1: who has shown nothing is told of no error.
  const why = ofToken ? `, error="${error}", error_description="${description}"` : '';
  const challenge = { 'www-authenticate': `Bearer realm="${issuer}"${why}` };
  respond.json(response, status, body, status === 401 ? challenge : {});
}
