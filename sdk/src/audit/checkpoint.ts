/** Checkpoints: C2SP tlog-checkpoint in a C2SP signed-note, verified by a key that the reader has pinned. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { base64Bytes, base64Hash } from './base64.ts';
import { printable } from './printable.ts';

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
        `The checkpoint is of the log ${printable(checkpoint.origin)}, the key of ${printable(name)}`,
      );
    const ours = signatures.filter((line) => line.name === name && line.keyId.equals(keyId));
    if (ours.length === 0)
      throw new CheckpointError(
        'CHECKPOINT_NOT_SIGNED',
        `The checkpoint bears no signature of ${printable(key)}`,
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

/**
 * The notes of a file that holds several, an empty line between two, in their order. Throws
 * `CheckpointError` for text that is part of none: a note that is passed over would be one not compared.
 */
export function splitCheckpoints(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const notes: string[] = [];
  for (let at = 0; at < lines.length; ) {
    if (lines[at] === '') {
      at += 1;
      continue;
    }
    const start = at;
    while (lines[at]) at += 1;
    const end = at;
    at += 1;
    while (lines[at]?.startsWith(DASH)) at += 1;
    if (end - start < BODY_LINES || at - end < 2) throw noCheckpoint(start + 1, at);
    notes.push(`${lines.slice(start, at).join('\n')}\n`);
  }
  return notes;
}

/** How a signature's line begins (C2SP signed-note). */
const DASH = '\u2014 ';
/** Origin, size and root. */
const BODY_LINES = 3;

function noCheckpoint(from: number, to: number): CheckpointError {
  return new CheckpointError(
    'CHECKPOINT_MALFORMED',
    `Line ${from} to ${to} are no whole checkpoint: ${SHAPE}`,
  );
}

const SHAPE =
  'it is an origin, a size, a root in base64, an empty line, and a signature that begins with a dash, each on a line, and nothing else';
/** As others refuse it too: nobody has so many witnesses. */
const MAX_SIGNATURES = 100;

function parse(note: string) {
  const end = note.indexOf('\n\n');
  const body = note.slice(0, end + 1);
  const [origin = '', size = '', root = ''] = body.split('\n');
  const rootBytes = base64Hash(root);
  const lines = end < 0 ? [] : note.slice(end + 2).split('\n');
  const sound =
    origin !== '' &&
    /^(0|[1-9]\d{0,15})$/.test(size) &&
    Number.isSafeInteger(Number(size)) &&
    lines.length > 1 &&
    lines.length <= MAX_SIGNATURES + 1 &&
    // The last line is ended as well.
    lines.pop() === '' &&
    // signed-note: no control characters. Half of a surrogate pair would be signed as another one.
    !/[^\P{Cc}\n]|\p{Cs}/u.test(note);
  if (!sound || rootBytes === null)
    throw new CheckpointError('CHECKPOINT_MALFORMED', `This is no checkpoint: ${SHAPE}`);
  const signatures = lines.map(signatureLine);
  return { checkpoint: { origin, size: Number(size), root: rootBytes, note }, body, signatures };
}

function signatureLine(line: string): SignatureLine {
  const [, name = '', text = ''] = /^\u2014 ([^\s+]+) (\S+)$/.exec(line) ?? [];
  const bytes = base64Bytes(text);
  if (!bytes || bytes.length < 5)
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
  const typed = base64Bytes(encoded) ?? Buffer.alloc(0);
  const keyId = createHash('sha256').update(`${name}\n`).update(typed).digest().subarray(0, 4);
  if (typed.length !== 33 || typed[0] !== 1 || keyId.toString('hex') !== id)
    throw new CheckpointError(
      'KEY_MALFORMED',
      'The key must be name+id+key as verifierKey of auditCheckpoint answers it; take all of it',
    );
  return { name, keyId, publicKey: typed.subarray(1) };
}
