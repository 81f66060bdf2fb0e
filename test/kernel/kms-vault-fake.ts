/**
 * The transit engine of HashiCorp Vault as its HTTP API describes it: tokens, namespaces, versions of
 * keys, `associated_data`, and data really encrypted.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Asked, type FakeServer, fakeServer, type Said } from './kms-server.ts';

export interface VaultFake extends FakeServer {
  readonly tokens: Set<string>;
  /** Versions by the path of the key, such as `transit/signet`; version 1 first. */
  readonly keys: Map<string, Buffer[]>;
  /** What a request must name in `X-Vault-Namespace`. */
  namespace: string | undefined;
  /** Vault before 1.12 takes the field and looks at it no further. */
  ignoresAssociatedData: boolean;
}

export async function vaultFake(): Promise<VaultFake> {
  const server = await fakeServer(answer);
  const fake: VaultFake = Object.assign(server, {
    tokens: new Set<string>(),
    keys: new Map<string, Buffer[]>(),
    namespace: undefined,
    ignoresAssociatedData: false,
  });

  function answer({ method, path, headers, body }: Asked): Said {
    const token = String(headers['x-vault-token']);
    if (!fake.tokens.has(token) || headers['x-vault-namespace'] !== fake.namespace)
      return vaultError(403, `permission denied: ${token}`);
    const [, mount = '', action = '', name = ''] =
      /^\/v1\/(.+)\/(encrypt|decrypt)\/([^/]+)$/.exec(path) ?? [];
    const mounts = [...fake.keys.keys()].map((key) => key.slice(0, key.lastIndexOf('/')));
    if (!mounts.includes(mount)) return vaultError(404, `no handler for route "${path}"`);
    if (method !== 'POST' && method !== 'PUT') return vaultError(405, 'unsupported operation');
    const versions = fake.keys.get(`${mount}/${name}`);
    if (!versions) return vaultError(400, 'encryption key not found');
    const input = JSON.parse(body) as Record<string, string>;
    const given = input['associated_data'] ?? '';
    const aad = Buffer.from(fake.ignoresAssociatedData ? '' : given, 'base64');
    if (aad.toString('base64') !== given && !fake.ignoresAssociatedData)
      return vaultError(400, 'illegal base64 data');
    return action === 'encrypt'
      ? encrypt(versions, input['plaintext'] ?? '', aad)
      : decrypt(versions, input['ciphertext'] ?? '', aad);
  }
  return fake;
}

function encrypt(versions: readonly Buffer[], plaintext: string, aad: Buffer): Said {
  const data = Buffer.from(plaintext, 'base64');
  if (data.toString('base64') !== plaintext) return vaultError(400, 'illegal base64 data');
  const version = versions.length;
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', versions[version - 1] as Buffer, iv).setAAD(aad);
  const sealed = Buffer.concat([iv, cipher.update(data), cipher.final(), cipher.getAuthTag()]);
  return ok({ ciphertext: `vault:v${version}:${sealed.toString('base64')}`, key_version: version });
}

function decrypt(versions: readonly Buffer[], ciphertext: string, aad: Buffer): Said {
  const [, version, text = ''] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
  const key = versions[Number(version) - 1];
  if (!key) return vaultError(400, 'invalid ciphertext: no prefix');
  const sealed = Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
      .setAAD(aad)
      .setAuthTag(sealed.subarray(-16));
    const data = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    return ok({ plaintext: data.toString('base64') });
  } catch {
    return vaultError(400, 'cipher: message authentication failed');
  }
}

function ok(data: object): Said {
  const frame = {
    request_id: crypto.randomUUID(),
    lease_id: '',
    renewable: false,
    lease_duration: 0,
  };
  return { status: 200, body: { ...frame, data, warnings: null } };
}

export function vaultError(status: number, ...errors: string[]): Said {
  return { status, body: { errors } };
}
