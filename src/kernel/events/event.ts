/**
 * The shape of an audit event and its canonical bytes. The bytes are final: a later release may add
 * a new `v`, but never change what an old one means, because proofs are made over them.
 */
import { createHash } from 'node:crypto';
import { encodeId, type IdType } from '#kernel/ids.ts';

export type Severity = 'INFO' | 'NOTICE' | 'WARNING' | 'CRITICAL';
export type EventResult = 'SUCCESS' | 'REFUSED' | 'FAILED';
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [k: string]: Json };

/** The things that an event is about. `id` is a uuid. */
export interface Target {
  readonly type: IdType;
  readonly id: string;
}

/** What a command says about itself; the kernel adds who, when, where and the tenant. */
export interface EventDraft {
  readonly type: string;
  readonly targets: readonly Target[];
  readonly severity?: Severity;
  readonly result?: EventResult;
  /** The code of the error that refused it. */
  readonly reason?: string;
  /** Never personal data, never a secret: these bytes stay when a person is erased. */
  readonly details?: Readonly<Record<string, Json>>;
}

/** One row of audit_events as the canonical bytes see it: ids in their typed text form. */
export interface AuditRecord {
  readonly tenant: string;
  readonly id: string;
  readonly type: string;
  readonly severity: Severity;
  readonly result: EventResult;
  readonly reason: string | null;
  /** RFC 3339 UTC with milliseconds. */
  readonly occurredAt: string;
  readonly actor: {
    readonly kind: string;
    readonly id: string | null;
    readonly act: string | null;
  };
  readonly targets: readonly { readonly type: string; readonly id: string }[];
  readonly requestId: string;
  readonly details: Readonly<Record<string, Json>>;
  /** Sealed per subject, so that erasing a subject's key leaves the proof valid. */
  readonly personal: Readonly<Record<string, string>>;
}

/** RFC 8785 (JCS) over the record with its version; UTF-8. */
export function canonicalBytes(record: AuditRecord): Buffer {
  return Buffer.from(canonicalJson({ v: 1, ...record } as unknown as Json));
}

/** RFC 9162 section 2.1.1: the hash of a leaf is SHA-256(0x00 || bytes). */
export function leafHash(record: AuditRecord): Buffer {
  return createHash('sha256').update(LEAF_PREFIX).update(canonicalBytes(record)).digest();
}

const LEAF_PREFIX = Buffer.from([0]);

export function typedTargets(targets: readonly Target[]): { type: string; id: string }[] {
  return targets.map((t) => ({ type: t.type, id: encodeId(t.type, t.id) }));
}

/** JSON with the members of every object in UTF-16 code unit order; ECMAScript's own number and string forms. */
export function canonicalJson(value: Json | Date): string {
  // Most values are in order already, and the engine writes them at several times the speed.
  if (isInOrder(value)) return JSON.stringify(value);
  // A Date has no members of its own: without this, all dates would be the same.
  if (value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const object = value as { readonly [k: string]: Json };
  const members = Object.keys(object)
    .sort()
    .filter((key) => object[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key] as Json)}`);
  return `{${members.join(',')}}`;
}

/** Whether JSON.stringify writes its canonical form: plain values whose members stand in order, all through. */
function isInOrder(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false;
  let before: string | null = null;
  for (const key in value) {
    if (before !== null && key < before) return false;
    if (key === 'toJSON' || !isInOrder((value as Record<string, unknown>)[key])) return false;
    before = key;
  }
  return true;
}
