/**
 * Owns who wraps data keys: a port, and its one implementation at home, the master key. A cloud
 * KMS implements the same two functions.
 */

import { createSecretKey, type KeyObject } from 'node:crypto';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { open, SealBroken, seal } from '#kernel/crypto/envelope.ts';

export interface WrappedKey {
  /** Which of the provider's keys wrapped it, such as `local:1f2e3d4c5b6a7988`. */
  kid: string;
  blob: Buffer;
}

export interface KeyProvider {
  /** The kid that `wrap` uses now. */
  readonly kid: string;
  /** `aad` binds the wrapped key to its owner. */
  wrap(key: Buffer, aad: Buffer): Promise<WrappedKey>;
  /** Throws `SealBroken` for an unknown kid or another owner. */
  unwrap(wrapped: WrappedKey, aad: Buffer): Promise<Buffer>;
}

/** Wraps under the master key; `previous` ones still unwrap, so that the master key can change. */
export function localKeyProvider(master: Buffer, previous: readonly Buffer[] = []): KeyProvider {
  const keys = new Map([...previous, master].map((key) => [fingerprint(key), wrappingKey(key)]));
  const kid = fingerprint(master);
  const current = wrappingKey(master);
  return {
    kid,
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
