import { DomainError } from '#kernel/errors.ts';

export class SessionNotFound extends DomainError {
  static override readonly code = 'SESSION_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no session with this id');
  }
}
