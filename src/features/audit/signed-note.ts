/**
 * The text of a checkpoint: C2SP tlog-checkpoint in a signed-note of Ed25519. Its body is the origin,
 * the size and the root; a signature line names the key and begins with the key's id.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Of a signature and of the key in its text form. */
const ED25519 = 1;

export interface NoteKey {
  /** The name of the key, and the origin of the log: no space, no `+`. */
  readonly origin: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
}

export function checkpointNote(
  { origin, publicKey }: NoteKey,
  privateKey: KeyObject,
  { size, root }: { readonly size: number; readonly root: Buffer },
): string {
  const body = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const signature = sign(null, Buffer.from(body), privateKey);
  const signed = Buffer.concat([keyId({ origin, publicKey }), signature]).toString('base64');
  return `${body}\n\u2014 ${origin} ${signed}\n`;
}

/** What a note of this log says; null when it is none, or was not signed by the key. */
export function saidBy(
  key: NoteKey,
  note: string,
): { readonly size: number; readonly root: Buffer } | null {
  const [, body, size, root, signed] =
    /^([^\n]+\n(\d+)\n([A-Za-z0-9+/=]+)\n)\n\u2014 [^\n ]+ ([A-Za-z0-9+/=]+)\n$/.exec(note) ?? [];
  if (!body?.startsWith(`${key.origin}\n`) || !root || !signed) return null;
  const signature = Buffer.from(signed, 'base64');
  const x = key.publicKey.toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const good =
    signature.subarray(0, 4).equals(keyId(key)) &&
    verify(null, Buffer.from(body), publicKey, signature.subarray(4));
  return good ? { size: Number(size), root: Buffer.from(root, 'base64') } : null;
}

/** `origin+keyid+base64`: what a verifier pins. */
export function verifierKey(key: NoteKey): string {
  const id = keyId(key).toString('hex');
  return `${key.origin}+${id}+${typedKey(key).toString('base64')}`;
}

/** The first 4 bytes of SHA-256(name || 0x0A || type || key). */
function keyId(key: NoteKey): Buffer {
  const hash = createHash('sha256').update(`${key.origin}\n`).update(typedKey(key)).digest();
  return hash.subarray(0, 4);
}

function typedKey({ publicKey }: NoteKey): Buffer {
  return Buffer.concat([Buffer.of(ED25519), publicKey]);
}
