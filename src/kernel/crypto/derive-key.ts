/** Owns how one key becomes many: HKDF-SHA256 (RFC 5869), one `info` a purpose. */
import { hkdfSync, type KeyObject } from 'node:crypto';

const NO_SALT = Buffer.alloc(0);

/**
 * The key of `length` bytes for one purpose, such as `signet idempotency v1`. A key is used for
 * what its `info` says and for nothing else.
 */
export function deriveKey(
  master: Buffer | KeyObject,
  info: string,
  length = 32,
  salt: Buffer = NO_SALT,
): Buffer {
  return Buffer.from(hkdfSync('sha256', master, salt, info, length));
}
