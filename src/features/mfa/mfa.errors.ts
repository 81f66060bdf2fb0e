import { DomainError } from '#kernel/errors.ts';

export class FactorNotFound extends DomainError {
  static override readonly code = 'FACTOR_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no factor with this id; one that is not confirmed within an hour is forgotten');
  }
}

export class TooManyFactors extends DomainError {
  static override readonly code = 'TOO_MANY_FACTORS';
  static override readonly status = 409;
  constructor(most: number) {
    super(`A person has at most ${most} of these factors; remove one first`);
  }
}

export class PasskeyTaken extends DomainError {
  static override readonly code = 'PASSKEY_TAKEN';
  static override readonly status = 409;
  constructor() {
    super('This passkey was added before; use another one');
  }
}

/** The same for a code and for an authenticator's answer, whatever is wrong with it. */
export class WrongAnswer extends DomainError {
  static override readonly code = 'WRONG_ANSWER';
  static override readonly status = 422;
  constructor() {
    super('The code or the answer of the authenticator is wrong, too old or was used; try again');
  }
}

export class FactorRequired extends DomainError {
  static override readonly code = 'FACTOR_REQUIRED';
  static override readonly status = 409;
  constructor() {
    super(
      'This organisation asks you for a second factor; add another one before you remove this. Codes by e-mail are not enough for administrators',
    );
  }
}

export class NoFactor extends DomainError {
  static override readonly code = 'NO_FACTOR';
  static override readonly status = 409;
  constructor() {
    super('Backup codes stand in for a second factor beside the mailbox; add one first');
  }
}

export class FactorKindNotOffered extends DomainError {
  static override readonly code = 'FACTOR_KIND_NOT_OFFERED';
  static override readonly status = 409;
  constructor() {
    super('This service sends no text messages; choose another kind of factor');
  }
}
