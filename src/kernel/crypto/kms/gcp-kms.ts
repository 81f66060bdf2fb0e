/**
 * Owns wrapping by Google Cloud KMS (REST v1: cryptoKeys.encrypt, cryptoKeys.decrypt). The owner of
 * a data key is authenticated with it, and checksums tell what was damaged on the way.
 */
import { z } from 'zod';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import type { KeyWrapper } from '#kernel/crypto/key-provider.ts';
import { crc32c } from './crc32c.ts';
import { credential } from './credential.ts';
import { gcpToken } from './gcp-token.ts';
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

export interface GcpKms {
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`. */
  readonly gcpKmsKey: string;
  readonly googleApplicationCredentials: string;
  readonly gcpKmsEndpoint?: string | undefined;
}

const KEY = 'GCP_KMS_KEY';
const checksum = z.string().regex(/^\d+$/);
const ENCRYPTED = z.object({
  name: z.string().regex(/^[\w:/.-]+$/),
  ciphertext: bytes,
  ciphertextCrc32c: checksum,
  verifiedPlaintextCrc32c: z.literal(true),
  verifiedAdditionalAuthenticatedDataCrc32c: z.literal(true),
});
const DECRYPTED = z.object({ plaintext: keyBytes, plaintextCrc32c: checksum });
const REFUSED = z.object({ error: z.object({ status: z.string() }) });

export function gcpKms(settings: GcpKms, options: KeyServiceOptions): KeyWrapper {
  const call = caller(settings, options);
  return {
    async wrap(key, aad) {
      const answer = await call('encrypt', {
        ...checked('plaintext', key),
        ...checked('additionalAuthenticatedData', aad),
      });
      if (answer.status !== 200) throw refusal(answer);
      const { name, ciphertext, ciphertextCrc32c } = read(KEY, ENCRYPTED, answer);
      if (!name.startsWith(`${settings.gcpKmsKey}/`))
        throw unusable(KEY, 'is not the key that the answer names');
      return { kid: `gcp-kms:${name}`, blob: undamaged(ciphertext, ciphertextCrc32c) };
    },
    async unwrap({ blob }, aad) {
      const answer = await call('decrypt', {
        ...checked('ciphertext', blob),
        ...checked('additionalAuthenticatedData', aad),
      });
      if (answer.status === 200) {
        const { plaintext, plaintextCrc32c } = read(KEY, DECRYPTED, answer);
        return undamaged(plaintext, plaintextCrc32c);
      }
      const status = statusIn(answer);
      if (status !== 'INVALID_ARGUMENT') throw refusal(answer);
      throw new SealBroken(
        new KeyProblem(KEY, `does not open a data key of this database (${status})`),
      );
    },
  };
}

function caller(settings: GcpKms, options: KeyServiceOptions) {
  const { gcpKmsKey, gcpKmsEndpoint: endpoint = 'https://cloudkms.googleapis.com' } = settings;
  const variable = settings.gcpKmsEndpoint === undefined ? KEY : 'GCP_KMS_ENDPOINT';
  const token = credential(
    gcpToken(settings.googleApplicationCredentials, options),
    options.now ?? Date.now,
  );
  return (action: 'encrypt' | 'decrypt', input: object): Promise<Answer> => {
    const send = (bearer: string) =>
      ask(options, {
        url: `${endpoint}/v1/${gcpKmsKey}:${action}`,
        variable,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: JSON.stringify(input),
      });
    return token.use(send, ({ status }) => status === 401);
  };
}

/** A field and its checksum, as the service names them. */
function checked(field: string, data: Buffer): Record<string, string> {
  return { [field]: data.toString('base64'), [`${field}Crc32c`]: String(crc32c(data)) };
}

function undamaged(data: Buffer, sum: string): Buffer {
  if (String(crc32c(data)) === sum) return data;
  throw busy(KEY, 'was used, but the answer was damaged on the way');
}

function statusIn(answer: Answer): string {
  return codeOf(REFUSED.safeParse(answer.body).data?.error.status, answer);
}

function refusal(answer: Answer): Error {
  const status = statusIn(answer);
  if (answer.status === 401)
    return unusable(
      'GOOGLE_APPLICATION_CREDENTIALS',
      `the token that it gives is refused (${status})`,
    );
  if (answer.status === 403)
    return unusable(
      KEY,
      `is not ours to use (${status}); grant roles/cloudkms.cryptoKeyEncrypterDecrypter on it`,
    );
  return unusable(KEY, `cannot be used (${status})`);
}
