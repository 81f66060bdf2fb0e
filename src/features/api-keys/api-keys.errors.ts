import { DomainError } from '#kernel/errors.ts';

export class ApiKeyNotFound extends DomainError {
  static override readonly code = 'API_KEY_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no API key with this id');
  }
}

export class ApiKeyRevoked extends DomainError {
  static override readonly code = 'API_KEY_REVOKED';
  static override readonly status = 409;
  constructor() {
    super('The API key is revoked; create another one');
  }
}

export class ApiKeyExpired extends DomainError {
  static override readonly code = 'API_KEY_EXPIRED';
  static override readonly status = 409;
  constructor() {
    super('The API key has expired; create another one');
  }
}

/** A key that learns the secret of another one would live on in it after its own end. */
export class ApiKeyNotOwn extends DomainError {
  static override readonly code = 'API_KEY_NOT_OWN';
  static override readonly status = 403;
  constructor() {
    super(
      'An API key may rotate itself and the keys that it made; ask the key that made this one, or the platform’s operator',
    );
  }
}

export class TooManySecrets extends DomainError {
  static override readonly code = 'TOO_MANY_SECRETS';
  static override readonly status = 409;
  constructor(most: number) {
    super(
      `The API key has ${most} secrets that still work; rotate with a shorter overlapSeconds, 0 to end them all`,
    );
  }
}

export class ApiKeyChainTooLong extends DomainError {
  static override readonly code = 'API_KEY_CHAIN_TOO_LONG';
  static override readonly status = 409;
  constructor(most: number) {
    super(`Keys that make keys end after ${most}; create this one with an earlier key`);
  }
}
