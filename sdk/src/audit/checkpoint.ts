/** Checkpoints: C2SP tlog-checkpoint in a C2SP signed-note, verified by a key that the reader has pinned. */
import { createHash, createPublicKey, verify } from 'node:crypto';

export type CheckpointProblem =
  | 'KEY_MALFORMED'
  | 'CHECKPOINT_MALFORMED'
  | 'CHECKPOINT_OF_ANOTHER_LOG'
  | 'CHECKPOINT_NOT_SIGNED'
  | 'CHECKPOINT_SIGNATURE_WRONG';

/** A checkpoint that is not to be believed, or a key that is none. */
export class CheckpointError extends Error {
  readonly code: CheckpointProblem;

  constructor(code: CheckpointProblem, message: string) {
    super(message);
    this.name = 'CheckpointError';
    this.code = code;
  }
}

/** What a log said about itself. Believe it only if it comes from `verifyCheckpoint`. */
export interface Checkpoint {
  /** Which log; also the name of its key. */
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly note: string;
}

interface SignatureLine {
  readonly name: string;
  readonly keyId: Buffer;
  readonly signature: Buffer;
}

/** Reads a note without looking at its signature. Throws `CheckpointError`. */
export function readCheckpoint(note: string): Checkpoint {
  return parse(note).checkpoint;
}

/** Reads a note and verifies it by `key`, the text `name+id+key`. Throws `CheckpointError`. */
export function verifyCheckpoint(note: string, key: string): Checkpoint {
  return verifierOf(key)(note);
}

/** Reads many notes by one key. `undefined`, and nothing else, is no key: then no signature is looked at. */
export function checkpointReader(key: string | undefined): (note: string) => Checkpoint {
  return key === undefined ? readCheckpoint : verifierOf(key);
}

function verifierOf(key: string): (note: string) => Checkpoint {
  const { name, keyId, publicKey } = readKey(key);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') };
  const opened = createPublicKey({ key: jwk, format: 'jwk' });
  return (note) => {
    const { checkpoint, body, signatures } = parse(note);
    if (checkpoint.origin !== name)
      throw new CheckpointError(
        'CHECKPOINT_OF_ANOTHER_LOG',
        `The checkpoint is of the log ${checkpoint.origin}, the key of ${name}`,
      );
    const ours = signatures.filter((line) => line.name === name && line.keyId.equals(keyId));
    if (ours.length === 0)
      throw new CheckpointError(
        'CHECKPOINT_NOT_SIGNED',
        `The checkpoint bears no signature of ${key}`,
      );
    const good = ours.every(({ signature }) => verify(null, Buffer.from(body), opened, signature));
    if (!good)
      throw new CheckpointError(
        'CHECKPOINT_SIGNATURE_WRONG',
        `The signature is not of this text: the checkpoint of ${checkpoint.size} leaves was changed or forged`,
      );
    return checkpoint;
  };
}

/** The notes of a file that holds several, with an empty line between two, in their order. */
export function splitCheckpoints(text: string): string[] {
  const notes = text
    .replaceAll('\r\n', '\n')
    .matchAll(/[^\n]+\n(?:[^\n]+\n)+\n(?:\u2014 [^\n]+(?:\n|$))+/g);
  return [...notes].map(([note]) => (note.endsWith('\n') ? note : `${note}\n`));
}

function parse(note: string) {
  const end = note.indexOf('\n\n');
  const body = note.slice(0, end + 1);
  const [origin = '', size = '', root = ''] = body.split('\n');
  const rootBytes = Buffer.from(root, 'base64');
  const signatures =
    end < 0
      ? []
      : note
          .slice(end + 2)
          .split('\n')
          .slice(0, -1)
          .map(signatureLine);
  const sound =
    origin !== '' &&
    /^(0|[1-9]\d{0,15})$/.test(size) &&
    Number.isSafeInteger(Number(size)) &&
    rootBytes.length === 32 &&
    rootBytes.toString('base64') === root &&
    signatures.length > 0;
  if (!sound)
    throw new CheckpointError(
      'CHECKPOINT_MALFORMED',
      'A checkpoint is an origin, a size, a root in base64, an empty line, and a signature, each on a line',
    );
  return { checkpoint: { origin, size: Number(size), root: rootBytes, note }, body, signatures };
}

function signatureLine(line: string): SignatureLine {
  const [, name = '', text = ''] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 5)
    throw new CheckpointError(
      'CHECKPOINT_MALFORMED',
      'After the empty line every line is a signature: a dash, a name, and base64',
    );
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** `name+8 hex digits+base64 of 0x01 and 32 bytes` (C2SP signed-note). */
function readKey(text: string) {
  const [, name = '', id = '', encoded = ''] =
    /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(`${text}`.trim()) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  const keyId = createHash('sha256').update(`${name}\n`).update(typed).digest().subarray(0, 4);
  if (typed.length !== 33 || typed[0] !== 1 || keyId.toString('hex') !== id)
    throw new CheckpointError(
      'KEY_MALFORMED',
      'The key must be name+id+key as verifierKey of auditCheckpoint answers it; take all of it',
    );
  return { name, keyId, publicKey: typed.subarray(1) };
}
