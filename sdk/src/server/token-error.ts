/** Owns what a request is refused with: RFC 6750 section 3, RFC 9470 section 3. */

export type TokenErrorCode =
  | 'missing_token'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication';

/** The caller must do something: send a token, a new one, or one of more. Its message may be shown. */
export class TokenError extends Error {
  readonly code: TokenErrorCode;
  readonly status: 401 | 403;
  /** The value of WWW-Authenticate. */
  readonly challenge: string;

  constructor(
    code: TokenErrorCode,
    message: string,
    {
      asks = {},
      cause,
    }: { readonly asks?: Readonly<Record<string, string>>; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TokenError';
    this.code = code;
    this.status = code === 'insufficient_scope' ? 403 : 401;
    // Who sent nothing is told no error (RFC 6750, 3.1).
    const said = code === 'missing_token' ? {} : { error: code, error_description: message };
    const parts = Object.entries({ ...said, ...asks }).map(([name, value]) => `${name}="${value}"`);
    this.challenge = ['Bearer', parts.join(', ')].filter(Boolean).join(' ');
  }
}

/** Nobody knows whether the token is good: the issuer cannot be asked. Answer 503, never let in. */
export class IssuerUnavailableError extends Error {
  readonly status = 503;

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'IssuerUnavailableError';
  }
}

/** What to answer to a request, in the terms of HTTP. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Null for an error that is none of these. */
export function refusalOf(error: unknown): Refusal | null {
  const type = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  if (error instanceof IssuerUnavailableError)
    return {
      status: error.status,
      headers: { ...type, 'retry-after': '1' },
      body: JSON.stringify({ error: 'temporarily_unavailable' }),
    };
  if (!(error instanceof TokenError)) return null;
  const { code, message, status, challenge } = error;
  return {
    status,
    headers: { ...type, 'www-authenticate': challenge },
    body: JSON.stringify({ error: code, error_description: message }),
  };
}
