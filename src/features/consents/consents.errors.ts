import { DomainError } from '#kernel/errors.ts';

export class ConsentNotFound extends DomainError {
  static override readonly code = 'CONSENT_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no consent with this id');
  }
}
