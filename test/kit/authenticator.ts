/**
 * An authenticator with its browser (W3C Web Authentication, level 3; CTAP2's CBOR), as software: it
 * makes real keys, attestations and assertions, and does on request what none should do.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What deviates from an honest ceremony. */
export interface Deviation {
  readonly origin?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly crossOrigin?: boolean;
  /** Whether the person was verified (a PIN, a finger), and whether anybody was there. */
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  /** The counter as it will be said, instead of one more. */
  readonly counter?: number;
  readonly backupEligible?: boolean;
  /** Another credential than the first that fits. */
  readonly credential?: Credential;
  readonly userHandle?: string | null;
  readonly signature?: Buffer;
  readonly attestation?: 'none' | 'self' | 'certificate';
  /** Of the key that is made: another than the one asked for. */
  readonly algorithm?: number;
}

export interface Credential {
  readonly id: Buffer;
  readonly rpId: string;
  readonly userHandle: string;
  readonly key: KeyObject;
  counter: number;
}

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
}

interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
  readonly allowCredentials?: readonly { readonly id: string }[];
}

export class Authenticator {
  readonly credentials: Credential[] = [];
  readonly #origin: string;
  readonly #backupEligible: boolean;
  readonly #counts: boolean;

  /** `synced`: its keys can be backed up, as a phone's can, and it does not count. */
  constructor(origin: string, { synced = false }: { synced?: boolean } = {}) {
    this.#origin = origin;
    this.#backupEligible = synced;
    this.#counts = !synced;
  }

  /** `navigator.credentials.create`, in the JSON form of its answer. */
  create(options: CreationOptions, deviation: Deviation = {}) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rpId = deviation.rpId ?? options.rp.id ?? '';
    const id = randomBytes(32);
    const credential = { id, rpId, userHandle: options.user.id, key: privateKey, counter: 0 };
    this.credentials.push(credential);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const cose = coseKey(publicKey, deviation.algorithm ?? ES256);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, cose]);
    const authData = this.#authenticatorData(credential, deviation, attested);
    const clientDataJSON = this.#clientData('webauthn.create', options.challenge, deviation);
    return {
      id: id.toString('base64url'),
      rawId: id.toString('base64url'),
      type: 'public-key',
      response: {
        clientDataJSON: clientDataJSON.toString('base64url'),
        attestationObject: attestation(authData, clientDataJSON, privateKey, deviation).toString(
          'base64url',
        ),
        transports: ['usb', 'something-new'],
      },
      clientExtensionResults: { credProps: { rk: true } },
      authenticatorAttachment: 'cross-platform',
    };
  }

  /** `navigator.credentials.get`, in the JSON form of its answer. */
  get(options: RequestOptions, deviation: Deviation = {}) {
    const credential = deviation.credential ?? this.#find(options);
    const authenticatorData = this.#authenticatorData(credential, deviation);
    const clientDataJSON = this.#clientData('webauthn.get', options.challenge, deviation);
    const signed = Buffer.concat([authenticatorData, sha256(clientDataJSON)]);
    const signature = deviation.signature ?? sign('sha256', signed, credential.key);
    const { userHandle = credential.userHandle } = deviation;
    return {
      id: credential.id.toString('base64url'),
      rawId: credential.id.toString('base64url'),
      type: 'public-key',
      response: {
        clientDataJSON: clientDataJSON.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle === null ? {} : { userHandle }),
      },
      clientExtensionResults: {},
    };
  }

  #find({ rpId, allowCredentials }: RequestOptions): Credential {
    const allowed = allowCredentials?.map(({ id }) => id);
    const found = this.credentials.find(
      (one) => one.rpId === rpId && (allowed?.includes(one.id.toString('base64url')) ?? true),
    );
    if (!found) throw new Error('NotAllowedError: no credential fits');
    return found;
  }

  #clientData(type: string, challenge: string, deviation: Deviation): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: deviation.type ?? type,
        challenge: deviation.challenge ?? challenge,
        origin: deviation.origin ?? this.#origin,
        crossOrigin: deviation.crossOrigin ?? false,
      }),
    );
  }

  /** Section 6.1: hash of the RP id, flags, counter, and what was made. */
  #authenticatorData(credential: Credential, deviation: Deviation, attested?: Buffer): Buffer {
    const { userVerified = true, userPresent = true } = deviation;
    const backup = deviation.backupEligible ?? this.#backupEligible;
    credential.counter += this.#counts ? 1 : 0;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(deviation.counter ?? credential.counter);
    const flags =
      (userPresent ? 0x01 : 0) |
      (userVerified ? 0x04 : 0) |
      (backup ? 0x18 : 0) |
      (attested ? 0x40 : 0);
    return Buffer.concat([
      sha256(Buffer.from(deviation.rpId ?? credential.rpId)),
      Buffer.from([flags]),
      counter,
      attested ?? Buffer.alloc(0),
    ]);
  }
}

const ES256 = -7;

/** RFC 9052: kty EC2, the algorithm, P-256, x and y. */
function coseKey(key: KeyObject, algorithm: number): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return cbor(
    new Map<number, Cbor>([
      [1, 2],
      [3, algorithm],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  );
}

/** Section 6.5: none at all, signed by the new key itself, or by a certificate that we make up. */
function attestation(
  authData: Buffer,
  clientDataJSON: Buffer,
  key: KeyObject,
  { attestation: kind = 'none' }: Deviation,
): Buffer {
  const sig = sign('sha256', Buffer.concat([authData, sha256(clientDataJSON)]), key);
  const statement = new Map<string, Cbor>();
  if (kind !== 'none') statement.set('alg', ES256).set('sig', sig);
  if (kind === 'certificate') statement.set('x5c', [randomBytes(64)]);
  return cbor(
    new Map<string, Cbor>([
      ['fmt', kind === 'none' ? 'none' : 'packed'],
      ['attStmt', statement],
      ['authData', authData],
    ]),
  );
}

type Cbor = number | string | Buffer | readonly Cbor[] | ReadonlyMap<number | string, Cbor>;

/** RFC 8949, as far as authenticators speak it. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const map = value as ReadonlyMap<number | string, Cbor>;
  return Buffer.concat([
    head(5, map.size),
    ...[...map].flatMap(([key, item]) => [cbor(key), cbor(item)]),
  ]);
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
