/** A credential as it is kept while its request runs: idempotency seals answers under it. */
import { createHmac } from 'node:crypto';

/** Not what is stored of it: whoever reads the database must not open what is sealed under this. */
export function digest(secret: string): Buffer {
  return createHmac('sha256', 'signet presented credential').update(secret).digest();
}
