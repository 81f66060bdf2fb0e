/** Signing and verifying by keys in their JSON form, with nothing of the program's between. */
import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import type { PrivateJwk, PublicJwk } from '#features/keys/keys.model.ts';

export interface Signed {
  readonly kid: string;
  readonly text: Buffer;
  readonly signature: Buffer;
}

/** RFC 8037 section 3.1: Ed25519 takes the text itself, the others its digest. */
const digestOf = (alg: string) => (alg === 'EdDSA' ? null : 'sha256');

export function signBy(jwk: PrivateJwk, text: string): Signed {
  const key = createPrivateKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' });
  const bytes = Buffer.from(text);
  return { kid: jwk.kid, text: bytes, signature: signBytes(digestOf(jwk.alg), bytes, key) };
}

/** False where the key is not among them, and for any other signature. */
export function isGoodBy(jwk: PublicJwk | null | undefined, signed: Signed): boolean {
  if (jwk?.kid !== signed.kid) return false;
  const key = createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' });
  return verifyBytes(digestOf(jwk.alg), signed.text, key, signed.signature);
}
