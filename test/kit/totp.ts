/** An authenticator app: RFC 6238 from nothing but its text, so that it agrees with others by meaning. */
import { createHmac } from 'node:crypto';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The six digits of a base32 secret at an instant, `steps` of 30 seconds away. */
export function totp(secret: string, ms: number, steps = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(ms / 30_000) + steps));
  const mac = createHmac('sha1', base32Bytes(secret)).update(counter).digest();
  const at = (mac[19] as number) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export function base32Bytes(text: string): Buffer {
  let bits = '';
  for (const digit of text.replace(/=+$/, ''))
    bits += DIGITS.indexOf(digit).toString(2).padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}
