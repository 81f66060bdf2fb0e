/** Owns what goes wrong between an application and its issuer. No error holds a token or a secret. */
import {
  AuthorizationResponseError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi';

/**
 * `code` is what the issuer said (`access_denied`, `login_required`, `invalid_grant`, ...), or ours:
 * `unknown_state` (a way back that this browser has not begun), `bad_response` (what came is not the
 * issuer's), `unavailable` (nothing came).
 */
export class SignInError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SignInError';
    this.code = code;
  }
}

/** Runs what speaks to the issuer; throws SignInError. */
export async function told<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw translated(error);
  }
}

function translated(error: unknown): SignInError {
  if (error instanceof SignInError) return error;
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError)
    return new SignInError(error.error, error.error_description ?? error.error);
  if (error instanceof WWWAuthenticateChallengeError)
    return new SignInError(
      error.cause[0]?.parameters.error ?? 'invalid_client',
      'The issuer does not know this client, or its secret',
    );
  // What oauth4webapi has found wrong has a code; fetch says what it cannot do without one.
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'string' && code.startsWith('OAUTH_')
    ? new SignInError('bad_response', 'What was answered is not as the issuer would answer', error)
    : new SignInError('unavailable', 'The issuer could not be reached', error);
}
