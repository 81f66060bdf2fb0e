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
