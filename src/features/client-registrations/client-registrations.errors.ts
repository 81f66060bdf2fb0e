import { DomainError } from '#kernel/errors.ts';

export class InitialAccessTokenNotFound extends DomainError {
  static override readonly code = 'INITIAL_ACCESS_TOKEN_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no initial access token with this id');
  }
}

/** Told to whoever holds it, so there is no harm in saying why it might be. */
export class InitialAccessTokenOver extends DomainError {
  static override readonly code = 'INITIAL_ACCESS_TOKEN_OVER';
  static override readonly status = 401;
  constructor() {
    super('The initial access token is unknown, expired, revoked or used up; ask for another one');
  }
}

export class ClientRegistrationOff extends DomainError {
  static override readonly code = 'CLIENT_REGISTRATION_OFF';
  static override readonly status = 403;
  constructor() {
    super('Clients do not register themselves here; ask an administrator');
  }
}

/** A client that registered itself is managed by administrators alone, or never did. */
export class ClientRegistrationNotFound extends DomainError {
  static override readonly code = 'CLIENT_REGISTRATION_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no client with this id that manages itself');
  }
}
