import { DomainError } from '#kernel/errors.ts';

export class ResourceNotFound extends DomainError {
  static override readonly code = 'RESOURCE_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no API resource with this id');
  }
}

export class ResourceIdentifierTaken extends DomainError {
  static override readonly code = 'RESOURCE_IDENTIFIER_TAKEN';
  static override readonly status = 409;
  constructor() {
    super('Another API resource of this tenant has this identifier; use another one');
  }
}
