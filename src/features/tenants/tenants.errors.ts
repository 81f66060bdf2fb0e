import { DomainError } from '#kernel/errors.ts';

export class SlugTaken extends DomainError {
  static override readonly code = 'SLUG_TAKEN';
  static override readonly status = 409;
  constructor() {
    super('Another tenant has this slug; choose another one');
  }
}

export class HostTaken extends DomainError {
  static override readonly code = 'HOST_TAKEN';
  static override readonly status = 409;
  constructor() {
    super('Another tenant has this host; choose another one');
  }
}

export class TenantNotFound extends DomainError {
  static override readonly code = 'TENANT_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no tenant with this id');
  }
}

export class PlatformTenant extends DomainError {
  static override readonly code = 'PLATFORM_TENANT';
  static override readonly status = 409;
  constructor() {
    super("The platform's own tenant cannot be suspended or deleted");
  }
}

export class TenantNotOpen extends DomainError {
  static override readonly code = 'TENANT_NOT_OPEN';
  static override readonly status = 404;
  constructor() {
    super('There is no tenant of this name where people can sign in');
  }
}
