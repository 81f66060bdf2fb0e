import { DomainError } from '#kernel/errors.ts';

export class TenantNotOpen extends DomainError {
  static override readonly code = 'TENANT_NOT_OPEN';
  static override readonly status = 404;
  constructor() {
    super('There is no tenant of this name where people can sign in');
  }
}

/** The same for a wrong password, an unknown address and a closed account (ASVS 6.3.8). */
export class InvalidCredentials extends DomainError {
  static override readonly code = 'INVALID_CREDENTIALS';
  static override readonly status = 401;
  constructor() {
    super('The e-mail address or the password is not right');
  }
}

export class SignInExpired extends DomainError {
  static override readonly code = 'SIGN_IN_EXPIRED';
  static override readonly status = 410;
  constructor() {
    super('This sign-in has ended or took too long; begin again');
  }
}
