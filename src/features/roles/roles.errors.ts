import { DomainError } from '#kernel/errors.ts';

export class RoleNotFound extends DomainError {
  static override readonly code = 'ROLE_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no role with this id');
  }
}

export class RoleNameTaken extends DomainError {
  static override readonly code = 'ROLE_NAME_TAKEN';
  static override readonly status = 409;
  constructor() {
    super('Another role of this tenant has this name; use another one');
  }
}

export class BuiltInRole extends DomainError {
  static override readonly code = 'BUILT_IN_ROLE';
  static override readonly status = 409;
  constructor() {
    super('A built-in role can be assigned, not changed or deleted; create a role of your own');
  }
}

/** A user or group does not have the role that was to be taken away. */
export class NotAssigned extends DomainError {
  static override readonly code = 'NOT_ASSIGNED';
  static override readonly status = 404;
  constructor() {
    super('The role is not assigned to this user or group directly');
  }
}

/** Nobody gives or touches more than they hold. */
export class OutranksCaller extends DomainError {
  static override readonly code = 'OUTRANKS_CALLER';
  static override readonly status = 403;
  /** `scopes`: what the caller lacks; leave them out when the caller may not know them. */
  constructor(scopes: readonly string[] = []) {
    const what = 'This would grant or touch more than you hold';
    super(
      scopes.length > 0 ? `${what}: ${scopes.join(', ')}` : `${what}; ask someone who holds more`,
    );
  }
}

export class LastOwner extends DomainError {
  static override readonly code = 'LAST_OWNER';
  static override readonly status = 409;
  constructor() {
    super('The tenant would be left without an active owner; make another user an owner first');
  }
}
