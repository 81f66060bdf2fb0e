/**
 * Owns secrets at rest. What is sealed names the tenant's data key and opens only at the place for
 * which it was sealed. What is about a person is sealed under a key of that subject as well, so
 * that erasing one row (the salt) makes all of it unreadable, wherever it was copied without that row.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { open, SealBroken, seal } from '#kernel/crypto/envelope.ts';
import type { KeyProvider } from '#kernel/crypto/key-provider.ts';
import { keyrings, uuidBytes, uuidText } from '#kernel/crypto/keyrings.ts';
import { type KeyStore, type SaltOptions, subjectSalts } from '#kernel/crypto/subject-salts.ts';

/** Where sealed bytes are stored; they open nowhere else. */
export interface Place {
  readonly table: string;
  readonly column: string;
  /** What identifies the row within its tenant, usually its id. */
  readonly row: string;
}

export interface SubjectText {
  /** uuid of the person or key whom the text is about. */
  readonly subject: string;
  readonly place: Place;
  readonly text: Buffer | string;
}

export interface SubjectSeal {
  readonly subject: string;
  readonly place: Place;
  readonly sealed: Buffer;
}

export interface Vault {
  seal(tenantId: string, place: Place, text: Buffer | string): Promise<Buffer>;
  /** Throws `SealBroken`: another tenant, another place, damaged, or its key is gone. */
  open(tenantId: string, place: Place, sealed: Buffer): Promise<Buffer>;
  /** In the order of the items; one statement for all, none when every salt is in memory. */
  sealForSubjects(
    tenantId: string,
    items: readonly SubjectText[],
    options?: SaltOptions,
  ): Promise<Buffer[]>;
  /** In the order of the items; null where the subject was erased. One statement at most. */
  openForSubjects(tenantId: string, items: readonly SubjectSeal[]): Promise<(Buffer | null)[]>;
  /** What was sealed for this subject opens no more: here at once, elsewhere within a second. */
  eraseSubject(tenantId: string, subject: string): Promise<void>;
  /** Seals with a new data key from now on; earlier ones keep opening. */
  rotate(tenantId: string): Promise<void>;
  /** Wraps the data keys anew under the provider's current key. Answers how many it changed. */
  rewrap(tenantId: string): Promise<number>;
  /** Drops what is remembered of a tenant. */
  forget(tenantId: string): void;
}

const ID_BYTES = 16;

/** The vault over the tables `data_keys` and `subject_keys`; remembers `tenants` at most. */
export function openVault(db: KeyStore, provider: KeyProvider, tenants = 20_000): Vault {
  const rings = keyrings(db, provider, tenants);
  const salts = subjectSalts(db);
  const keyOf = (tenantId: string, sealed: Buffer) =>
    rings.find(tenantId, uuidText(sealed.subarray(0, ID_BYTES)));

  return {
    async seal(tenantId, place, text) {
      const { id, key } = await rings.current(tenantId);
      return Buffer.concat([uuidBytes(id), seal(key, text, aadOf(tenantId, place))]);
    },
    async open(tenantId, place, sealed) {
      const key = await keyOf(tenantId, sealed);
      return open(key, sealed.subarray(ID_BYTES), aadOf(tenantId, place));
    },
    async sealForSubjects(tenantId, items, options = {}) {
      if (items.length === 0) return [];
      const { id, key } = await rings.current(tenantId);
      const known = await salts.ensure(tenantId, subjectsOf(items), options);
      return items.map(({ subject, place, text }) => {
        const own = subjectKey(key, subject, known.get(subject));
        return Buffer.concat([uuidBytes(id), seal(own, text, aadOf(tenantId, place))]);
      });
    },
    async openForSubjects(tenantId, items) {
      if (items.length === 0) return [];
      const known = await salts.find(tenantId, subjectsOf(items));
      return Promise.all(
        items.map(async ({ subject, place, sealed }) => {
          const salt = known.get(subject);
          if (!salt) return null;
          const own = subjectKey(await keyOf(tenantId, sealed), subject, salt);
          return open(own, sealed.subarray(ID_BYTES), aadOf(tenantId, place));
        }),
      );
    },
    eraseSubject: salts.erase,
    rotate: rings.rotate,
    rewrap: rings.rewrap,
    forget: rings.forget,
  };
}

function subjectsOf(items: readonly { readonly subject: string }[]): string[] {
  return items.map((item) => item.subject);
}

/** Derived once for as long as the salt is in memory, under each data key. */
const derived = new WeakMap<Buffer, WeakMap<KeyObject, KeyObject>>();

function subjectKey(dataKey: KeyObject, subject: string, salt: Buffer | undefined): KeyObject {
  if (!salt) throw new SealBroken(new Error(`subject ${subject} has no salt`));
  const keys = derived.get(salt) ?? new WeakMap<KeyObject, KeyObject>();
  derived.set(salt, keys);
  const known = keys.get(dataKey);
  if (known) return known;
  const key = createSecretKey(deriveKey(dataKey, `signet subject ${subject} v1`, 32, salt));
  keys.set(dataKey, key);
  return key;
}

function aadOf(tenantId: string, place: Place): Buffer {
  // Each part with its length: no two places spell alike.
  const parts = [tenantId, place.table, place.column, place.row];
  return Buffer.from(`v1|${parts.map((part) => `${part.length}:${part}`).join('|')}`);
}
