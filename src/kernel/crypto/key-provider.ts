/**
 * Owns who wraps data keys: a port, and its implementation at home, the master key. Key services
 * (`kms/`) implement the same two functions; which of them is used is `configured-keys.ts`.
 */

import { createSecretKey, type KeyObject } from 'node:crypto';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { open, SealBroken, seal } from '#kernel/crypto/envelope.ts';

export interface WrappedKey {
  /** Who wrapped it by which key, such as `local:1f2e3d4c5b6a7988`; the first part is the provider. */
  kid: string;
  blob: Buffer;
}

/** Both throw `Unavailable` when a key service does not do it, whatever the reason. */
export interface KeyWrapper {
  /** `aad` binds the wrapped key, of 32 bytes, to its owner. */
  wrap(key: Buffer, aad: Buffer): Promise<WrappedKey>;
  /** Throws `SealBroken` for another key, another owner or damaged bytes. */
  unwrap(wrapped: WrappedKey, aad: Buffer): Promise<Buffer>;
}

export interface KeyProvider extends KeyWrapper {
  /** The kid that `wrap` uses now. A key service is asked, and must prove that it works. */
  kid(): Promise<string>;
}

/** Wraps under the master key; `previous` ones still unwrap, so that the master key can change. */
export function localKeyProvider(master: Buffer, previous: readonly Buffer[] = []): KeyProvider {
  const keys = new Map([...previous, master].map((key) => [fingerprint(key), wrappingKey(key)]));
  const kid = fingerprint(master);
  const current = wrappingKey(master);
  return {
    kid: async () => kid,
    wrap: async (key, aad) => ({ kid, blob: seal(current, key, aad) }),
    async unwrap(wrapped, aad) {
      const key = keys.get(wrapped.kid);
      if (!key) {
        throw new SealBroken(
          new Error(`no key ${wrapped.kid}: name its master key in PREVIOUS_MASTER_KEYS`),
        );
      }
      return open(key, wrapped.blob, aad);
    },
  };
}

function wrappingKey(master: Buffer): KeyObject {
  return createSecretKey(deriveKey(master, 'signet data key wrapping v1'));
}

function fingerprint(master: Buffer): string {
  return `local:${deriveKey(master, 'signet master key fingerprint v1', 8).toString('hex')}`;
}
