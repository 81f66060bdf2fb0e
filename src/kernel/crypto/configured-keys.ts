/**
 * Owns which key providers a process has: KEY_PROVIDER wraps, and whoever wrapped a data key before
 * unwraps it, for as long as its variables are set. The master key is always among them.
 */
import type { Config } from '#kernel/config.ts';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import {
  type KeyProvider,
  type KeyWrapper,
  localKeyProvider,
} from '#kernel/crypto/key-provider.ts';
import { awsKms } from '#kernel/crypto/kms/aws-kms.ts';
import { gcpKms } from '#kernel/crypto/kms/gcp-kms.ts';
import { KeyProblem, type KeyServiceOptions } from '#kernel/crypto/kms/key-service.ts';
import { provenKeys } from '#kernel/crypto/kms/proven-keys.ts';
import { vaultTransit } from '#kernel/crypto/kms/vault-transit.ts';
import { guardedOutbound } from '#kernel/outbound.ts';

export type KeyConfig = Config & { readonly masterKey: Buffer };

/** The variable by which each is set up. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'aws-kms': 'AWS_KMS_KEY_ID',
  'gcp-kms': 'GCP_KMS_KEY',
  'vault-transit': 'VAULT_TRANSIT_KEY',
};

export function configuredKeys(
  config: KeyConfig,
  options: KeyServiceOptions = { outbound: keyServiceOutbound(config) },
): KeyProvider {
  const providers = new Map([
    ['local', localKeyProvider(config.masterKey, config.previousMasterKeys)],
    ...keyServices(config, options).map(
      ([name, service]) => [name, provenKeys(service, NAMED_BY[name] ?? name)] as const,
    ),
  ]);
  const find = (name: string) => {
    const provider = providers.get(name);
    if (provider) return provider;
    const variable = NAMED_BY[name];
    throw new SealBroken(
      variable === undefined
        ? new KeyProblem('KEY_PROVIDER', 'this release has none that can open these data keys')
        : new KeyProblem(variable, 'must be set: it wrapped data keys of this database'),
    );
  };
  const current = find(config.keyProvider);
  return {
    kid: current.kid,
    wrap: current.wrap,
    unwrap: async (wrapped, aad) =>
      find(wrapped.kid.slice(0, wrapped.kid.indexOf(':'))).unwrap(wrapped, aad),
  };
}

/** KMS_ALLOW opens private addresses to key services only; URLs of tenants go another way. */
function keyServiceOutbound({ kmsAllow, outboundAllow, outboundPorts }: Config) {
  return guardedOutbound({
    outboundPorts,
    outboundAllow: new Set([...outboundAllow, ...kmsAllow]),
  });
}

/** Those whose variables are set; the configuration sees to it that none is set by half. */
function keyServices(config: Config, options: KeyServiceOptions): [string, KeyWrapper][] {
  const { awsKmsKeyId, awsRegion, gcpKmsKey, googleApplicationCredentials } = config;
  const { vaultAddr, vaultTransitKey } = config;
  const services: [string, KeyWrapper][] = [];
  if (awsKmsKeyId && awsRegion)
    services.push(['aws-kms', awsKms({ ...config, awsKmsKeyId, awsRegion }, options)]);
  if (gcpKmsKey && googleApplicationCredentials) {
    const settings = { ...config, gcpKmsKey, googleApplicationCredentials };
    services.push(['gcp-kms', gcpKms(settings, options)]);
  }
  if (vaultAddr && vaultTransitKey)
    services.push([
      'vault-transit',
      vaultTransit({ ...config, vaultAddr, vaultTransitKey }, options),
    ]);
  return services;
}
