import { DomainError } from '#kernel/errors.ts';

export class EmailTaken extends DomainError {
  static override readonly code = 'EMAIL_TAKEN';
  static override readonly status = 409;
  constructor() {
    super('Another user of this tenant has this e-mail address; use another one');
  }
}

export class UserNotFound extends DomainError {
  static override readonly code = 'USER_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no user with this id');
  }
}
