/** How bearer values are kept: by their digest, which is enough for 256 bits of randomness. */
import { createHmac, hash, randomBytes } from 'node:crypto';

export function hashOf(value: string): Buffer {
  return hash('sha256', value, 'buffer');
}

export function newSalt(): Buffer {
  return randomBytes(16);
}

/**
 * The value that follows a refresh token. Made of the token itself and of what stands in its row, so
 * that a client that repeats its request is told the same, while neither a reader of the database nor
 * the holder of an old token can make the next.
 */
export function successorOf(value: string, salt: Buffer): string {
  return createHmac('sha256', salt).update(value).digest('base64url');
}
