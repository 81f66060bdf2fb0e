/**
 * Cloud KMS (REST v1) and Google's token endpoint as their references describe them: grants verified
 * by the account's public key, checksums by a table of their own, data really encrypted.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  verify,
} from 'node:crypto';
import { type Asked, type FakeServer, fakeServer, type Said } from './kms-server.ts';

export interface GcpFake extends FakeServer {
  /** Key material by the number of the version, by the name of the key. */
  readonly keys: Map<string, Map<number, Buffer>>;
  /** Access tokens that are good. */
  readonly tokens: Set<string>;
  /** The JSON key of the service account. */
  readonly account: Readonly<Record<string, string>>;
  now: () => number;
}

export const GCP_KEY =
  'projects/example.com:idp/locations/europe-west3/keyRings/signet/cryptoKeys/data';

const PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });

export async function gcpFake(): Promise<GcpFake> {
  const server = await fakeServer((asked) =>
    asked.path === '/token' ? grant(asked) : keyCall(asked),
  );
  const pem = PAIR.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const fake: GcpFake = Object.assign(server, {
    keys: new Map([[GCP_KEY, new Map([[1, randomBytes(32)]])]]),
    tokens: new Set<string>(),
    account: {
      type: 'service_account',
      project_id: 'idp',
      private_key_id: 'a1b2c3',
      private_key: pem,
      client_email: 'signet@idp.iam.gserviceaccount.com',
      token_uri: `${server.url}/token`,
    },
    now: Date.now,
  });

  function grant({ method, headers, body }: Asked): Said {
    const form = new URLSearchParams(body);
    const wrong = (error: string): Said => ({
      status: 400,
      body: { error, error_description: `cannot take ${body}` },
    });
    if (method !== 'POST' || headers['content-type'] !== 'application/x-www-form-urlencoded')
      return wrong('invalid_request');
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return wrong('unsupported_grant_type');
    const now = Math.floor(fake.now() / 1000);
    const claims = readJwt(form.get('assertion') ?? '', createPublicKey(PAIR.privateKey));
    if (!claims) return wrong('invalid_grant');
    const [iat, exp] = [Number(claims['iat']), Number(claims['exp'])];
    const right =
      claims['iss'] === fake.account['client_email'] && claims['aud'] === fake.account['token_uri'];
    if (!right || Math.abs(iat - now) > 300 || exp < now || exp - iat > 3600)
      return wrong('invalid_grant');
    if (claims['scope'] !== 'https://www.googleapis.com/auth/cloudkms')
      return wrong('invalid_scope');
    const token = `ya29.${randomBytes(24).toString('base64url')}`;
    fake.tokens.add(token);
    return { status: 200, body: { access_token: token, expires_in: 3599, token_type: 'Bearer' } };
  }

  function keyCall({ method, path, headers, body }: Asked): Said {
    const [, name = '', action] = /^\/v1\/(projects\/.+):(encrypt|decrypt)$/.exec(path) ?? [];
    const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
    if (!fake.tokens.has(token)) return gcpError(401, 'UNAUTHENTICATED', token);
    const versions = fake.keys.get(name);
    if (method !== 'POST' || !versions) return gcpError(404, 'NOT_FOUND', path);
    const input = JSON.parse(body) as Record<string, string>;
    const aad = part(input, 'additionalAuthenticatedData');
    const data = part(input, action === 'encrypt' ? 'plaintext' : 'ciphertext');
    if (!aad || !data) return gcpError(400, 'INVALID_ARGUMENT', body);
    return action === 'encrypt' ? encrypt(name, versions, data, aad) : decrypt(versions, data, aad);
  }
  return fake;
}

function encrypt(name: string, versions: Map<number, Buffer>, data: Buffer, aad: Buffer): Said {
  const primary = Math.max(...versions.keys());
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', versions.get(primary) as Buffer, iv).setAAD(aad);
  const text = Buffer.concat([cipher.update(data), cipher.final()]);
  const ciphertext = Buffer.concat([Buffer.from([primary]), iv, text, cipher.getAuthTag()]);
  return {
    status: 200,
    body: {
      name: `${name}/cryptoKeyVersions/${primary}`,
      ciphertext: ciphertext.toString('base64'),
      ciphertextCrc32c: String(checksum(ciphertext)),
      verifiedPlaintextCrc32c: true,
      verifiedAdditionalAuthenticatedDataCrc32c: true,
      protectionLevel: 'SOFTWARE',
    },
  };
}

function decrypt(versions: Map<number, Buffer>, data: Buffer, aad: Buffer): Said {
  const version = data[0] ?? 0;
  const key = versions.get(version);
  const failed = gcpError(400, 'INVALID_ARGUMENT', 'Decryption failed');
  if (!key) return failed;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(1, 13))
      .setAAD(aad)
      .setAuthTag(data.subarray(-16));
    const text = Buffer.concat([decipher.update(data.subarray(13, -16)), decipher.final()]);
    return {
      status: 200,
      body: {
        plaintext: text.toString('base64'),
        plaintextCrc32c: String(checksum(text)),
        usedPrimary: version === Math.max(...versions.keys()),
        protectionLevel: 'SOFTWARE',
      },
    };
  } catch {
    return failed;
  }
}

export function gcpError(code: number, status: string, quoted = ''): Said {
  return { status: code, body: { error: { code, status, message: `cannot take ${quoted}` } } };
}

/** A field whose checksum is right. */
function part(input: Record<string, string>, field: string): Buffer | null {
  const data = Buffer.from(input[field] ?? '', 'base64');
  return input[`${field}Crc32c`] === String(checksum(data)) ? data : null;
}

function readJwt(jwt: string, key: KeyObject): Record<string, unknown> | null {
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  const signed = Buffer.from(`${head}.${claims}`);
  if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))) return null;
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
  if (header['alg'] !== 'RS256' || header['typ'] !== 'JWT' || header['kid'] !== 'a1b2c3')
    return null;
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
}

/** CRC-32C by polynomial division of the bits, most significant first: not as the program does it. */
function checksum(data: Buffer): number {
  const reflect = (value: bigint, bits: number) =>
    BigInt(`0b${value.toString(2).padStart(bits, '0').split('').reverse().join('')}`);
  let rest = 0xffffffffn;
  for (const byte of data) {
    rest ^= reflect(BigInt(byte), 8) << 24n;
    for (let bit = 0; bit < 8; bit += 1) {
      rest <<= 1n;
      if (rest >> 32n) rest ^= 0x11edc6f41n;
    }
  }
  return Number(reflect(rest ^ 0xffffffffn, 32));
}
