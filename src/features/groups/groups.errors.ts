import { DomainError } from '#kernel/errors.ts';

export class GroupNotFound extends DomainError {
  static override readonly code = 'GROUP_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no group with this id');
  }
}

export class GroupNameTaken extends DomainError {
  static override readonly code = 'GROUP_NAME_TAKEN';
  static override readonly status = 409;
  constructor() {
    super('Another group of this tenant has this name; use another one');
  }
}

/** A user who was to be taken out of a group is not in it. */
export class NotAMember extends DomainError {
  static override readonly code = 'NOT_A_MEMBER';
  static override readonly status = 404;
  constructor() {
    super('The user is not a member of this group');
  }
}
