/**
 * Owns wrapping by AWS KMS (API Reference: Encrypt, Decrypt). The owner of a data key is its
 * encryption context: KMS refuses another one, key policies can name it, and CloudTrail shows it.
 */
import { z } from 'zod';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import type { KeyWrapper } from '#kernel/crypto/key-provider.ts';
import { type AwsIdentity, awsCredentials } from './aws-credentials.ts';
import { type AwsCredentials, signAws } from './aws-signature.ts';
import { credential } from './credential.ts';
import {
  type Answer,
  ask,
  busy,
  bytes,
  codeOf,
  KeyProblem,
  type KeyServiceOptions,
  keyBytes,
  read,
  unusable,
} from './key-service.ts';

export interface AwsKms extends AwsIdentity {
  readonly awsKmsKeyId: string;
  readonly awsRegion: string;
  readonly awsEndpointUrlKms?: string | undefined;
}

const KEY = 'AWS_KMS_KEY_ID';
const ENCRYPTED = z.object({ KeyId: z.string().regex(/^[\w:/.-]+$/), CiphertextBlob: bytes });
const DECRYPTED = z.object({ Plaintext: keyBytes });

export function awsKms(settings: AwsKms, options: KeyServiceOptions): KeyWrapper {
  const call = caller(settings, options);
  const common = (aad: Buffer) => ({
    // Always ours: of a row that somebody put there, KMS would take the key that its blob names.
    KeyId: settings.awsKmsKeyId,
    // latin1 is one character a byte, so that no two owners are one context.
    EncryptionContext: { 'signet:owner': aad.toString('latin1') },
  });
  return {
    async wrap(key, aad) {
      const input = { ...common(aad), Plaintext: key.toString('base64') };
      const answer = await call('Encrypt', input);
      if (answer.status !== 200) throw refusal(codeIn(answer), answer);
      const { KeyId, CiphertextBlob } = read(KEY, ENCRYPTED, answer);
      return { kid: `aws-kms:${KeyId}`, blob: CiphertextBlob };
    },
    async unwrap({ blob }, aad) {
      const input = { ...common(aad), CiphertextBlob: blob.toString('base64') };
      const answer = await call('Decrypt', input);
      if (answer.status === 200) return read(KEY, DECRYPTED, answer).Plaintext;
      const code = codeIn(answer);
      if (!BROKEN.has(code)) throw refusal(code, answer);
      throw new SealBroken(
        new KeyProblem(KEY, `does not open a data key of this database (${code})`),
      );
    },
  };
}

function caller(settings: AwsKms, options: KeyServiceOptions) {
  const { awsRegion: region, awsEndpointUrlKms: endpoint } = settings;
  const { now = Date.now } = options;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = `${endpoint ?? `https://kms.${region}.${domain}`}/`;
  const variable = endpoint === undefined ? 'AWS_REGION' : 'AWS_ENDPOINT_URL_KMS';
  const identity = credential(awsCredentials(settings, options), now);

  return (action: 'Encrypt' | 'Decrypt', input: object): Promise<Answer> => {
    const post = {
      url,
      body: JSON.stringify(input),
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `TrentService.${action}`,
      },
    };
    const send = (who: AwsCredentials) => {
      const headers = signAws(post, who, { region, service: 'kms' }, now());
      return ask(options, { ...post, variable, method: 'POST', headers });
    };
    return identity.use(send, (answer) => UNKNOWN.has(codeIn(answer)));
  };
}

/** `com.example#Code` or `Code:http://...`, in the body or in a header. */
function codeIn(answer: Answer): string {
  const inBody = z.object({ __type: z.string() }).safeParse(answer.body).data?.__type;
  const type = inBody ?? answer.headers['x-amzn-errortype'];
  return codeOf(typeof type === 'string' ? type.replace(/^.*#|:.*$/g, '') : type, answer);
}

function refusal(code: string, { headers }: Answer): Error {
  if (BUSY.has(code)) return busy(KEY, `cannot be used just now (${code})`, headers);
  if (UNKNOWN.has(code))
    return unusable('AWS_ACCESS_KEY_ID', `the credentials are not accepted (${code})`);
  if (code === 'AccessDeniedException')
    return unusable(KEY, `is not ours to use (${code}); grant kms:Encrypt and kms:Decrypt on it`);
  return unusable(KEY, `cannot be used (${code})`);
}

const BROKEN = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);
const BUSY = new Set([
  'DependencyTimeoutException',
  'KeyUnavailableException',
  'KMSInternalException',
  'LimitExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'Throttling',
]);
/** Credentials that are wrong, or over. */
const UNKNOWN = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
