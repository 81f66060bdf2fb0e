/**
 * AWS KMS as its API Reference describes it: Encrypt and Decrypt of symmetric keys over JSON 1.1, with
 * signatures verified by a second reading of the specification of Signature Version 4.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { type Asked, type FakeServer, fakeServer, type Said } from './kms-server.ts';

export interface AwsUser {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface AwsFake extends FakeServer {
  /** Who may sign, by access key id. */
  readonly users: Map<string, AwsUser>;
  /** Key material by ARN. */
  readonly keys: Map<string, Buffer>;
  /** ARN by alias. */
  readonly aliases: Map<string, string>;
  now: () => number;
}

export const REGION = 'eu-central-1';
export const newArn = () => `arn:aws:kms:${REGION}:111122223333:key/${crypto.randomUUID()}`;

/** What is refused, as KMS says it: status 400 and a type. Its sentence quotes what was sent. */
class Refused extends Error {}

export async function awsFake(): Promise<AwsFake> {
  const server = await fakeServer((asked) => {
    try {
      return { status: 200, headers: TYPE, body: answer(asked) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return awsError(error.message, `refused: ${asked.headers.authorization} ${asked.body}`);
    }
  });
  const fake: AwsFake = Object.assign(server, {
    users: new Map(),
    keys: new Map(),
    aliases: new Map(),
    now: Date.now,
  });

  function answer(asked: Asked): object {
    if (asked.method !== 'POST' || asked.path !== '/')
      throw new Refused('UnknownOperationException');
    if (asked.headers['content-type'] !== 'application/x-amz-json-1.1')
      throw new Refused('SerializationException');
    verify(asked);
    const input = JSON.parse(asked.body) as Record<string, unknown>;
    const arn = keyOf(String(input['KeyId']));
    const context = contextOf(input['EncryptionContext']);
    const target = asked.headers['x-amz-target'];
    if (target === 'TrentService.Encrypt') return encrypt(arn, String(input['Plaintext']), context);
    if (target === 'TrentService.Decrypt')
      return decrypt(arn, String(input['CiphertextBlob']), context);
    throw new Refused('UnknownOperationException');
  }

  function keyOf(id: string): string {
    const arn = fake.aliases.get(id) ?? [...fake.keys.keys()].find((one) => one.endsWith(id));
    if (arn === undefined) throw new Refused('NotFoundException');
    return arn;
  }

  function encrypt(arn: string, plaintext: string, context: Buffer): object {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', fake.keys.get(arn) as Buffer, iv).setAAD(context);
    const text = Buffer.concat([cipher.update(plaintext, 'base64'), cipher.final()]);
    const blob = Buffer.concat([idOf(arn), iv, text, cipher.getAuthTag()]);
    return {
      CiphertextBlob: blob.toString('base64'),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      KeyId: arn,
    };
  }

  function decrypt(arn: string, ciphertext: string, context: Buffer): object {
    const blob = Buffer.from(ciphertext, 'base64');
    const used = [...fake.keys.keys()].find((one) => idOf(one).equals(blob.subarray(0, 16)));
    if (used === undefined) throw new Refused('InvalidCiphertextException');
    if (used !== arn) throw new Refused('IncorrectKeyException');
    try {
      const key = fake.keys.get(arn) as Buffer;
      const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(16, 28))
        .setAAD(context)
        .setAuthTag(blob.subarray(-16));
      const text = Buffer.concat([decipher.update(blob.subarray(28, -16)), decipher.final()]);
      return {
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        KeyId: arn,
        Plaintext: text.toString('base64'),
      };
    } catch {
      throw new Refused('InvalidCiphertextException');
    }
  }

  function verify({ headers, body }: Asked): void {
    const [, id = '', scope = '', names = '', signature = ''] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      ) ?? [];
    const user = fake.users.get(id);
    if (!user || user.sessionToken !== headers['x-amz-security-token'])
      throw new Refused('UnrecognizedClientException');
    const list = names.split(';');
    const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
    if (needed.some((name) => !list.includes(name))) throw new Refused('InvalidSignatureException');
    if (list.join() !== list.toSorted().join()) throw new Refused('InvalidSignatureException');
    const date = String(headers['x-amz-date']);
    const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
    const sent = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
    if (!(Math.abs(sent - fake.now()) < 300_000)) throw new Refused('InvalidSignatureException');
    const day = date.slice(0, 8);
    if (scope !== `${day}/${REGION}/kms/aws4_request`)
      throw new Refused('InvalidSignatureException');
    const canonical = `POST\n/\n\n${list.map((name) => `${name}:${headers[name]}\n`).join('')}\n${names}\n${hash(body)}`;
    const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash(canonical)}`;
    const dayKey = mac(Buffer.from(`AWS4${user.secretAccessKey}`), day);
    const key = mac(mac(mac(dayKey, REGION), 'kms'), 'aws4_request');
    if (!timingSafeEqual(mac(key, toSign), Buffer.from(signature, 'hex')))
      throw new Refused('InvalidSignatureException');
  }
  return fake;
}

const TYPE = { 'content-type': 'application/x-amz-json-1.1' };

export function awsError(type: string, message = '', status = 400): Said {
  return { status, headers: TYPE, body: { __type: `com.amazonaws.kms#${type}`, message } };
}

/** A map of strings to strings, in an order that does not depend on the caller's. */
function contextOf(value: unknown): Buffer {
  const pairs = Object.entries((value ?? {}) as Record<string, unknown>).toSorted();
  if (pairs.some(([, text]) => typeof text !== 'string'))
    throw new Refused('SerializationException');
  return Buffer.from(JSON.stringify(pairs));
}

const idOf = (arn: string) => createHash('md5').update(arn).digest();
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
