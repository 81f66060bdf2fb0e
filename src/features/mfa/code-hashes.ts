/**
 * Codes that a person types have far fewer than 112 bits, so what is stored of them is Argon2id with
 * a salt (RFC 9106), as a PHC text. Hashing waits in the queue that all of the process's hashing does.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { processQueue, type Queue } from '#kernel/crypto/hashing-queue.ts';

/** KiB and passes. */
export interface CodeCost {
  readonly memory: number;
  readonly passes: number;
}

/** For what is kept for years. */
export const LASTING: CodeCost = { memory: 19_456, passes: 2 };
/** For what is good for minutes and for ten guesses. */
export const PASSING: CodeCost = { memory: 4_096, passes: 1 };

export function newSalt(): Buffer {
  return randomBytes(16);
}

/** Throws `Unavailable` when too many wait, but not whoever is `admitted`. */
export function hashCode(
  code: string,
  cost: CodeCost,
  salt: Buffer,
  queue: Queue = processQueue,
): Promise<string> {
  const options = {
    memoryCost: cost.memory,
    timeCost: cost.passes,
    parallelism: 1,
    outputLen: 32,
    salt,
  };
  return queue.run(() => hash(code, options));
}

/** With the salt and the cost of a text that `hashCode` made. */
export function hashLike(code: string, stored: string, queue?: Queue): Promise<string> {
  const [, memory, passes, salt] = PHC.exec(stored) ?? [];
  if (salt === undefined) throw new Error('what is stored is no hash of a code');
  const cost = { memory: Number(memory), passes: Number(passes) };
  return hashCode(code, cost, Buffer.from(salt, 'base64'), queue);
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/]+)\$[\w+/]+$/;

export async function isCodeOf(code: string, stored: string, queue?: Queue): Promise<boolean> {
  const [one, other] = [Buffer.from(await hashLike(code, stored, queue)), Buffer.from(stored)];
  return one.length === other.length && timingSafeEqual(one, other);
}
