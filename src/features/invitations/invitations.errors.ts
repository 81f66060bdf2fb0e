import { DomainError } from '#kernel/errors.ts';

export class AlreadyJoined extends DomainError {
  static override readonly code = 'ALREADY_JOINED';
  static override readonly status = 409;
  constructor() {
    super('This user can sign in already; require a password reset instead');
  }
}

export class UserSuspended extends DomainError {
  static override readonly code = 'USER_SUSPENDED';
  static override readonly status = 409;
  constructor() {
    super('This user is suspended; activate them first');
  }
}
