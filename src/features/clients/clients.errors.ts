import { DomainError } from '#kernel/errors.ts';

export class ClientNotFound extends DomainError {
  static override readonly code = 'CLIENT_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no client with this id');
  }
}

/** Public clients have none, and those that sign with a key of their own need none. */
export class ClientWithoutSecret extends DomainError {
  static override readonly code = 'CLIENT_WITHOUT_SECRET';
  static override readonly status = 409;
  constructor() {
    super(
      'The client authenticates without a secret; change its tokenEndpointAuthMethod to client_secret_basic or client_secret_post first',
    );
  }
}

export class TooManyClientSecrets extends DomainError {
  static override readonly code = 'TOO_MANY_CLIENT_SECRETS';
  static override readonly status = 409;
  constructor(most: number) {
    super(
      `The client has ${most} secrets that still work; rotate with a shorter overlapSeconds, 0 to end them all`,
    );
  }
}
