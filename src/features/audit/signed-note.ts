/**
 * The text of a checkpoint: C2SP tlog-checkpoint in a signed-note of Ed25519. Its body is the origin,
 * the size and the root; a signature line names the key and begins with the key's id.
 */
import { createHash, type KeyObject, sign } from 'node:crypto';

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
