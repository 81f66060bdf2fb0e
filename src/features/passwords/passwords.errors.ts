import { DomainError } from '#kernel/errors.ts';

export class WrongPassword extends DomainError {
  static override readonly code = 'WRONG_PASSWORD';
  static override readonly status = 422;
  constructor() {
    super('The current password is not right');
  }
}
