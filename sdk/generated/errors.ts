/** Printed from schema/ by codegen.ts. Do not edit. */
import type * as T from './graphql.ts';
import { type Problem, SignetError } from '../src/errors.ts';

/** The code of each declared error. */
export interface ErrorCodes {
  AlreadyJoinedError: 'ALREADY_JOINED';
  ApiKeyChainTooLongError: 'API_KEY_CHAIN_TOO_LONG';
  ApiKeyExpiredError: 'API_KEY_EXPIRED';
  ApiKeyNotFoundError: 'API_KEY_NOT_FOUND';
  ApiKeyNotOwnError: 'API_KEY_NOT_OWN';
  ApiKeyRevokedError: 'API_KEY_REVOKED';
  BuiltInRoleError: 'BUILT_IN_ROLE';
  ClientNotFoundError: 'CLIENT_NOT_FOUND';
  ClientRegistrationNotFoundError: 'CLIENT_REGISTRATION_NOT_FOUND';
  ClientWithoutSecretError: 'CLIENT_WITHOUT_SECRET';
  ConsentNotFoundError: 'CONSENT_NOT_FOUND';
  EmailTakenError: 'EMAIL_TAKEN';
  FactorKindNotOfferedError: 'FACTOR_KIND_NOT_OFFERED';
  FactorNotFoundError: 'FACTOR_NOT_FOUND';
  FactorRequiredError: 'FACTOR_REQUIRED';
  GroupNameTakenError: 'GROUP_NAME_TAKEN';
  GroupNotFoundError: 'GROUP_NOT_FOUND';
  HostTakenError: 'HOST_TAKEN';
  InitialAccessTokenNotFoundError: 'INITIAL_ACCESS_TOKEN_NOT_FOUND';
  InvalidCodeError: 'INVALID_CODE';
  InvalidCredentialsError: 'INVALID_CREDENTIALS';
  InvalidInputError: 'INVALID_INPUT';
  LastOwnerError: 'LAST_OWNER';
  LinkNotValidError: 'LINK_NOT_VALID';
  LinkWantsSignInError: 'LINK_WANTS_SIGN_IN';
  LogStreamNotFoundError: 'LOG_STREAM_NOT_FOUND';
  NoFactorError: 'NO_FACTOR';
  NotAMemberError: 'NOT_A_MEMBER';
  NotAssignedError: 'NOT_ASSIGNED';
  OutranksCallerError: 'OUTRANKS_CALLER';
  PasskeyTakenError: 'PASSKEY_TAKEN';
  PlatformTenantError: 'PLATFORM_TENANT';
  RegistrationClosedError: 'REGISTRATION_CLOSED';
  ResourceIdentifierTakenError: 'RESOURCE_IDENTIFIER_TAKEN';
  ResourceNotFoundError: 'RESOURCE_NOT_FOUND';
  RoleNameTakenError: 'ROLE_NAME_TAKEN';
  RoleNotFoundError: 'ROLE_NOT_FOUND';
  SessionNotFoundError: 'SESSION_NOT_FOUND';
  SignInExpiredError: 'SIGN_IN_EXPIRED';
  SlugTakenError: 'SLUG_TAKEN';
  TenantNotFoundError: 'TENANT_NOT_FOUND';
  TenantNotOpenError: 'TENANT_NOT_OPEN';
  TooManyClientSecretsError: 'TOO_MANY_CLIENT_SECRETS';
  TooManyFactorsError: 'TOO_MANY_FACTORS';
  TooManyLogStreamsError: 'TOO_MANY_LOG_STREAMS';
  TooManySecretsError: 'TOO_MANY_SECRETS';
  TooManySigningKeysError: 'TOO_MANY_SIGNING_KEYS';
  UserNotFoundError: 'USER_NOT_FOUND';
  UserSuspendedError: 'USER_SUSPENDED';
  VersionMismatchError: 'VERSION_MISMATCH';
  WrongAnswerError: 'WRONG_ANSWER';
  WrongPasswordError: 'WRONG_PASSWORD';
}

/** Code `ALREADY_JOINED`; REST answers it with 409. */
export class AlreadyJoinedError extends SignetError<'ALREADY_JOINED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `API_KEY_CHAIN_TOO_LONG`; REST answers it with 409. */
export class ApiKeyChainTooLongError extends SignetError<'API_KEY_CHAIN_TOO_LONG'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `API_KEY_EXPIRED`; REST answers it with 409. */
export class ApiKeyExpiredError extends SignetError<'API_KEY_EXPIRED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `API_KEY_NOT_FOUND`; REST answers it with 404. */
export class ApiKeyNotFoundError extends SignetError<'API_KEY_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `API_KEY_NOT_OWN`; REST answers it with 403. */
export class ApiKeyNotOwnError extends SignetError<'API_KEY_NOT_OWN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 403, requestId });
  }
}

/** Code `API_KEY_REVOKED`; REST answers it with 409. */
export class ApiKeyRevokedError extends SignetError<'API_KEY_REVOKED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `BUILT_IN_ROLE`; REST answers it with 409. */
export class BuiltInRoleError extends SignetError<'BUILT_IN_ROLE'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `CLIENT_NOT_FOUND`; REST answers it with 404. */
export class ClientNotFoundError extends SignetError<'CLIENT_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `CLIENT_REGISTRATION_NOT_FOUND`; REST answers it with 404. */
export class ClientRegistrationNotFoundError extends SignetError<'CLIENT_REGISTRATION_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `CLIENT_WITHOUT_SECRET`; REST answers it with 409. */
export class ClientWithoutSecretError extends SignetError<'CLIENT_WITHOUT_SECRET'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `CONSENT_NOT_FOUND`; REST answers it with 404. */
export class ConsentNotFoundError extends SignetError<'CONSENT_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `EMAIL_TAKEN`; REST answers it with 409. */
export class EmailTakenError extends SignetError<'EMAIL_TAKEN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `FACTOR_KIND_NOT_OFFERED`; REST answers it with 409. */
export class FactorKindNotOfferedError extends SignetError<'FACTOR_KIND_NOT_OFFERED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `FACTOR_NOT_FOUND`; REST answers it with 404. */
export class FactorNotFoundError extends SignetError<'FACTOR_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `FACTOR_REQUIRED`; REST answers it with 409. */
export class FactorRequiredError extends SignetError<'FACTOR_REQUIRED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `GROUP_NAME_TAKEN`; REST answers it with 409. */
export class GroupNameTakenError extends SignetError<'GROUP_NAME_TAKEN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `GROUP_NOT_FOUND`; REST answers it with 404. */
export class GroupNotFoundError extends SignetError<'GROUP_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `HOST_TAKEN`; REST answers it with 409. */
export class HostTakenError extends SignetError<'HOST_TAKEN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `INITIAL_ACCESS_TOKEN_NOT_FOUND`; REST answers it with 404. */
export class InitialAccessTokenNotFoundError extends SignetError<'INITIAL_ACCESS_TOKEN_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `INVALID_CODE`; REST answers it with 401. */
export class InvalidCodeError extends SignetError<'INVALID_CODE'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 401, requestId });
  }
}

/** Code `INVALID_CREDENTIALS`; REST answers it with 401. */
export class InvalidCredentialsError extends SignetError<'INVALID_CREDENTIALS'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 401, requestId });
  }
}

/** Code `INVALID_INPUT`; REST answers it with 422. */
export class InvalidInputError extends SignetError<'INVALID_INPUT'> {
  declare readonly fields: Extract<T.AcceptInvitationMutation['acceptInvitation'], { __typename: 'InvalidInputError' }>['fields'];
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 422, requestId });
  }
}

/** Code `LAST_OWNER`; REST answers it with 409. */
export class LastOwnerError extends SignetError<'LAST_OWNER'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `LINK_NOT_VALID`; REST answers it with 410. */
export class LinkNotValidError extends SignetError<'LINK_NOT_VALID'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 410, requestId });
  }
}

/** Code `LINK_WANTS_SIGN_IN`; REST answers it with 403. */
export class LinkWantsSignInError extends SignetError<'LINK_WANTS_SIGN_IN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 403, requestId });
  }
}

/** Code `LOG_STREAM_NOT_FOUND`; REST answers it with 404. */
export class LogStreamNotFoundError extends SignetError<'LOG_STREAM_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `NO_FACTOR`; REST answers it with 409. */
export class NoFactorError extends SignetError<'NO_FACTOR'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `NOT_A_MEMBER`; REST answers it with 404. */
export class NotAMemberError extends SignetError<'NOT_A_MEMBER'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `NOT_ASSIGNED`; REST answers it with 404. */
export class NotAssignedError extends SignetError<'NOT_ASSIGNED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `OUTRANKS_CALLER`; REST answers it with 403. */
export class OutranksCallerError extends SignetError<'OUTRANKS_CALLER'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 403, requestId });
  }
}

/** Code `PASSKEY_TAKEN`; REST answers it with 409. */
export class PasskeyTakenError extends SignetError<'PASSKEY_TAKEN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `PLATFORM_TENANT`; REST answers it with 409. */
export class PlatformTenantError extends SignetError<'PLATFORM_TENANT'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `REGISTRATION_CLOSED`; REST answers it with 403. */
export class RegistrationClosedError extends SignetError<'REGISTRATION_CLOSED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 403, requestId });
  }
}

/** Code `RESOURCE_IDENTIFIER_TAKEN`; REST answers it with 409. */
export class ResourceIdentifierTakenError extends SignetError<'RESOURCE_IDENTIFIER_TAKEN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `RESOURCE_NOT_FOUND`; REST answers it with 404. */
export class ResourceNotFoundError extends SignetError<'RESOURCE_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `ROLE_NAME_TAKEN`; REST answers it with 409. */
export class RoleNameTakenError extends SignetError<'ROLE_NAME_TAKEN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `ROLE_NOT_FOUND`; REST answers it with 404. */
export class RoleNotFoundError extends SignetError<'ROLE_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `SESSION_NOT_FOUND`; REST answers it with 404. */
export class SessionNotFoundError extends SignetError<'SESSION_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `SIGN_IN_EXPIRED`; REST answers it with 410. */
export class SignInExpiredError extends SignetError<'SIGN_IN_EXPIRED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 410, requestId });
  }
}

/** Code `SLUG_TAKEN`; REST answers it with 409. */
export class SlugTakenError extends SignetError<'SLUG_TAKEN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `TENANT_NOT_FOUND`; REST answers it with 404. */
export class TenantNotFoundError extends SignetError<'TENANT_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `TENANT_NOT_OPEN`; REST answers it with 404. */
export class TenantNotOpenError extends SignetError<'TENANT_NOT_OPEN'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `TOO_MANY_CLIENT_SECRETS`; REST answers it with 409. */
export class TooManyClientSecretsError extends SignetError<'TOO_MANY_CLIENT_SECRETS'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `TOO_MANY_FACTORS`; REST answers it with 409. */
export class TooManyFactorsError extends SignetError<'TOO_MANY_FACTORS'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `TOO_MANY_LOG_STREAMS`; REST answers it with 409. */
export class TooManyLogStreamsError extends SignetError<'TOO_MANY_LOG_STREAMS'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `TOO_MANY_SECRETS`; REST answers it with 409. */
export class TooManySecretsError extends SignetError<'TOO_MANY_SECRETS'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `TOO_MANY_SIGNING_KEYS`; REST answers it with 409. */
export class TooManySigningKeysError extends SignetError<'TOO_MANY_SIGNING_KEYS'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `USER_NOT_FOUND`; REST answers it with 404. */
export class UserNotFoundError extends SignetError<'USER_NOT_FOUND'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 404, requestId });
  }
}

/** Code `USER_SUSPENDED`; REST answers it with 409. */
export class UserSuspendedError extends SignetError<'USER_SUSPENDED'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 409, requestId });
  }
}

/** Code `VERSION_MISMATCH`; REST answers it with 412. */
export class VersionMismatchError extends SignetError<'VERSION_MISMATCH'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 412, requestId });
  }
}

/** Code `WRONG_ANSWER`; REST answers it with 422. */
export class WrongAnswerError extends SignetError<'WRONG_ANSWER'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 422, requestId });
  }
}

/** Code `WRONG_PASSWORD`; REST answers it with 422. */
export class WrongPasswordError extends SignetError<'WRONG_PASSWORD'> {
  constructor(problem: Problem, requestId: string | null) {
    super(problem, { status: 422, requestId });
  }
}
