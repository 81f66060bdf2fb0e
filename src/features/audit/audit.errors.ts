import { declareErrors } from '#kernel/commands/command.ts';
import { DomainError, RetryableError } from '#kernel/errors.ts';

export class AuditEventNotSequenced extends RetryableError {
  static override readonly code = 'AUDIT_EVENT_NOT_SEQUENCED';
  static override readonly status = 409;
  constructor() {
    super(
      'The event has no leaf in the audit tree yet; it gets one within a second: ask again then',
      { retryAfter: 1 },
    );
  }
}

export class AuditLeafNotCovered extends DomainError {
  static override readonly code = 'AUDIT_LEAF_NOT_COVERED';
  static override readonly status = 409;
  constructor(leafIndex: number, size: number) {
    super(
      `The event is leaf ${leafIndex}, a checkpoint of ${size} leaves does not cover it; leave size out or take that of a later checkpoint`,
    );
  }
}

export class AuditSizeUnknown extends DomainError {
  static override readonly code = 'AUDIT_SIZE_UNKNOWN';
  static override readonly status = 422;
  constructor(argument: string, least: number, size: number) {
    super(
      `${argument} must be a whole number from ${least} to ${size}: the audit tree has ${size} leaves`,
    );
  }
}

/** What is stored contradicts what was signed: nothing more is said about it. */
export class AuditTreeDamaged extends DomainError {
  static override readonly code = 'AUDIT_TREE_DAMAGED';
  static override readonly status = 409;
  constructor() {
    super(
      'The stored audit tree is not what was signed before, so nothing is signed; compare an export with an earlier checkpoint and tell the operator',
    );
  }
}

export class AuditTailTooOld extends DomainError {
  static override readonly code = 'AUDIT_TAIL_TOO_OLD';
  static override readonly status = 410;
  constructor(most: bigint) {
    super(
      `More than ${most} events were recorded after this one; list them with auditEvents(filter: { since: ... }), then tail after the newest that you have read`,
    );
  }
}

declareErrors([
  AuditEventNotSequenced,
  AuditLeafNotCovered,
  AuditSizeUnknown,
  AuditTailTooOld,
  AuditTreeDamaged,
]);
