/**
 * Owns wrapping by the transit engine of HashiCorp Vault, or of OpenBao (HTTP API: encrypt, decrypt).
 * The owner of a data key is its `associated_data`, which needs an AEAD key and Vault 1.12.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import type { KeyWrapper } from '#kernel/crypto/key-provider.ts';
import { credential } from './credential.ts';
import {
  type Answer,
  ask,
  KeyProblem,
  type KeyServiceOptions,
  keyBytes,
  read,
  unusable,
} from './key-service.ts';

export interface VaultTransit {
  readonly vaultAddr: string;
  readonly vaultNamespace?: string | undefined;
  readonly vaultTransitMount: string;
  readonly vaultTransitKey: string;
  readonly vaultToken?: string | undefined;
  /** Counts before `vaultToken`. */
  readonly vaultTokenFile?: string | undefined;
}

const KEY = 'VAULT_TRANSIT_KEY';
const ENCRYPTED = z.object({
  data: z.object({ ciphertext: z.string().regex(/^vault:v\d+:[\w+/=]+$/) }),
});
const DECRYPTED = z.object({ data: z.object({ plaintext: keyBytes }) });
const REFUSED = z.object({ errors: z.array(z.string()) });

export function vaultTransit(settings: VaultTransit, options: KeyServiceOptions): KeyWrapper {
  const call = caller(settings, options);
  const name = `vault-transit:${settings.vaultTransitMount}/${settings.vaultTransitKey}`;
  return {
    async wrap(key, aad) {
      const answer = await call('encrypt', aad, { plaintext: key.toString('base64') });
      if (answer.status !== 200) throw refusal(settings, answer);
      const { ciphertext } = read('VAULT_ADDR', ENCRYPTED, answer).data;
      return { kid: `${name}:${ciphertext.split(':')[1]}`, blob: Buffer.from(ciphertext) };
    },
    async unwrap({ blob }, aad) {
      const answer = await call('decrypt', aad, { ciphertext: blob.toString() });
      if (answer.status === 200) return read('VAULT_ADDR', DECRYPTED, answer).data.plaintext;
      if (answer.status !== 400 || OTHER_FAULT.test(errorsIn(answer)))
        throw refusal(settings, answer);
      throw new SealBroken(new KeyProblem(KEY, 'does not open a data key of this database'));
    },
  };
}

function caller(settings: VaultTransit, options: KeyServiceOptions) {
  const { vaultAddr, vaultNamespace, vaultTransitMount, vaultTransitKey } = settings;
  const token = credential(
    async () => ({ value: readToken(settings), ends: Number.POSITIVE_INFINITY }),
    options.now ?? Date.now,
  );
  return (action: 'encrypt' | 'decrypt', aad: Buffer, input: object): Promise<Answer> => {
    const send = (value: string) =>
      ask(options, {
        url: `${vaultAddr}/v1/${vaultTransitMount}/${action}/${vaultTransitKey}`,
        variable: 'VAULT_ADDR',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-vault-request': 'true',
          'x-vault-token': value,
          ...(vaultNamespace === undefined ? {} : { 'x-vault-namespace': vaultNamespace }),
        },
        body: JSON.stringify({ ...input, associated_data: aad.toString('base64') }),
      });
    return token.use(send, ({ status }) => status === 403);
  };
}

/** The file is read again when its token is refused: an agent beside us renews it. */
function readToken({ vaultToken, vaultTokenFile: file }: VaultTransit): string {
  if (file === undefined) return vaultToken ?? '';
  let token = '';
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch {
    // Told below, as what holds no token.
  }
  if (/^[!-~]+$/.test(token)) return token;
  throw unusable('VAULT_TOKEN_FILE', 'must name a readable file with a token');
}

/** Bad requests that are not about the ciphertext. */
const OTHER_FAULT = /key not found|associated_data|context/;

function errorsIn({ body }: Answer): string {
  return REFUSED.safeParse(body).data?.errors.join('; ') ?? '';
}

function refusal({ vaultTokenFile }: VaultTransit, answer: Answer): Error {
  const { status } = answer;
  if (status === 403)
    return unusable(
      vaultTokenFile === undefined ? 'VAULT_TOKEN' : 'VAULT_TOKEN_FILE',
      'the token is not valid, or may not update encrypt/ and decrypt/ of this key',
    );
  if (status === 404) return unusable('VAULT_TRANSIT_MOUNT', 'is no transit engine of this Vault');
  if (status !== 400) return unusable('VAULT_ADDR', `answers with status ${status}`);
  if (/key not found/.test(errorsIn(answer))) return unusable(KEY, 'is no key of this Vault');
  return unusable(
    KEY,
    'does not take associated data; it must be an AEAD key, such as aes256-gcm96',
  );
}
