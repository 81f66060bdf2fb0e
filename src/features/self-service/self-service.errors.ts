import { DomainError } from '#kernel/errors.ts';

/** The same for a link that was used, is over, was ended by a newer one, or never was. */
export class LinkNotValid extends DomainError {
  static override readonly code = 'LINK_NOT_VALID';
  static override readonly status = 410;
  constructor() {
    super('This link was used before or is over; ask for a new one');
  }
}

/** Told to whoever holds a link that is good: it moves an account, and that account is not theirs yet. */
export class LinkWantsSignIn extends DomainError {
  static override readonly code = 'LINK_WANTS_SIGN_IN';
  static override readonly status = 403;
  constructor() {
    super('This link moves an account to another address; follow it signed in to that account');
  }
}

export class RegistrationClosed extends DomainError {
  static override readonly code = 'REGISTRATION_CLOSED';
  static override readonly status = 403;
  constructor() {
    super('Nobody can make an account here by themselves; ask for an invitation');
  }
}
