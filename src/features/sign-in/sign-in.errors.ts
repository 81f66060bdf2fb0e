import { DomainError } from '#kernel/errors.ts';

/** The same for a wrong password, an unknown address and a closed account (ASVS 6.3.8). */
export class InvalidCredentials extends DomainError {
  static override readonly code = 'INVALID_CREDENTIALS';
  static override readonly status = 401;
  /** Whose password it was not, for the log: uuid, null where there is no such account. */
  readonly userId: string | null;
  constructor(userId: string | null = null) {
    super('The e-mail address or the password is not right');
    this.userId = userId;
  }
}

/** A second factor that is wrong, spent or not this person's: which of them stands in the log. */
export class InvalidCode extends DomainError {
  static override readonly code = 'INVALID_CODE';
  static override readonly status = 401;
  constructor() {
    super('The code is not right, or was used before');
  }
}

export class SignInExpired extends DomainError {
  static override readonly code = 'SIGN_IN_EXPIRED';
  static override readonly status = 410;
  constructor() {
    super('This sign-in has ended or took too long; begin again');
  }
}
