/** Audit events: the row behind the type, and the words of its filters. */
import { z } from 'zod';
import { declareScope } from '#kernel/scopes.ts';

declareScope('audit:read', 'Read the audit log');

export interface AuditEventRow {
  readonly tenantId: string;
  readonly id: string;
  readonly type: string;
  readonly severity: 'INFO' | 'NOTICE' | 'WARNING' | 'CRITICAL';
  readonly result: 'SUCCESS' | 'REFUSED' | 'FAILED';
  readonly reason: string | null;
  readonly occurredAt: Date;
  readonly actorKind: string;
  /** Typed id text. */
  readonly actorId: string | null;
  readonly onBehalfOf: string | null;
  readonly targets: readonly { readonly type: string; readonly id: string }[];
  readonly requestId: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Sealed, by subject. */
  readonly personal: Readonly<Record<string, string>>;
}

export const auditSeverity = z.enum(['INFO', 'NOTICE', 'WARNING', 'CRITICAL']).meta({
  id: 'AuditSeverity',
  description: 'How much attention an event deserves.',
});

export const auditResult = z.enum(['SUCCESS', 'REFUSED', 'FAILED']).meta({
  id: 'AuditResult',
  description: 'How it ended: done, refused by a rule, or failed.',
});
