/**
 * Owns the sealed form of a secret: AES-256-GCM as version (1) | nonce (12) | text | tag (16).
 * Nonces are random, which is safe for 2^32 seals under one key (NIST SP 800-38D section 8.3).
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';

const VERSION = 1;
const NONCE = 12;
const TAG = 16;
const OVERHEAD = 1 + NONCE + TAG;
// Without it node accepts tags of four bytes, which can be guessed.
const OPTIONS = { authTagLength: TAG } as const;

/** Thrown for a wrong key, a wrong place or damaged bytes, without telling them apart. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
  constructor(cause?: unknown) {
    super('sealed bytes do not open: wrong key, moved from elsewhere, or damaged', { cause });
  }
}

/**
 * Seals under a 32-byte key. `aad` says where the bytes belong; it is not stored. A key that is used
 * often should be a KeyObject: node makes one of a Buffer at every call, at four times the cost.
 */
export function seal(key: Buffer | KeyObject, plaintext: Buffer | string, aad: Buffer): Buffer {
  const text = typeof plaintext === 'string' ? Buffer.from(plaintext) : plaintext;
  const sealed = Buffer.allocUnsafe(OVERHEAD + text.length);
  sealed[0] = VERSION;
  const nonce = randomFillSync(sealed.subarray(1, 1 + NONCE));
  const cipher = createCipheriv('aes-256-gcm', key, nonce, OPTIONS).setAAD(aad);
  cipher.update(text).copy(sealed, 1 + NONCE);
  cipher.final();
  cipher.getAuthTag().copy(sealed, sealed.length - TAG);
  return sealed;
}

/** The text that was sealed under this key for this place. Throws `SealBroken`. */
export function open(key: Buffer | KeyObject, sealed: Buffer, aad: Buffer): Buffer {
  if (sealed.length < OVERHEAD || sealed[0] !== VERSION) throw new SealBroken();
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE), OPTIONS)
      .setAAD(aad)
      .setAuthTag(sealed.subarray(-TAG));
    const text = decipher.update(sealed.subarray(1 + NONCE, -TAG));
    decipher.final();
    return text;
  } catch (error) {
    throw new SealBroken(error);
  }
}
