/** What must be set for whom, said in one line each, without a value. */
import { expect, test } from 'vitest';
import { ConfigError, loadConfig } from '#kernel/config.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const GCP_KMS_KEY = 'projects/p/locations/global/keyRings/r/cryptoKeys/k';
const aws = { AWS_KMS_KEY_ID: 'alias/signet', AWS_REGION: 'eu-central-1' };
const vault = { VAULT_TRANSIT_KEY: 'signet', VAULT_ADDR: 'https://vault.internal:8200' };

test('the master key wraps unless another provider is chosen', () => {
  const config = loadConfig({});
  expect(config.keyProvider).toBe('local');
  expect(config.vaultTransitMount).toBe('transit');
});

test.each([
  [{ KEY_PROVIDER: 'aws-kms' }, ['AWS_KMS_KEY_ID: must be set together with this KEY_PROVIDER']],
  [{ KEY_PROVIDER: 'gcp-kms' }, ['GCP_KMS_KEY: must be set together with this KEY_PROVIDER']],
  [
    { KEY_PROVIDER: 'vault-transit' },
    ['VAULT_TRANSIT_KEY: must be set together with this KEY_PROVIDER'],
  ],
  [
    { KEY_PROVIDER: 'azure' },
    ['KEY_PROVIDER: must be one of: local, aws-kms, gcp-kms, vault-transit'],
  ],
  [
    { AWS_KMS_KEY_ID: 'alias/signet' },
    [
      'AWS_REGION: must be set together with AWS_KMS_KEY_ID',
      'AWS_ACCESS_KEY_ID: must be set together with AWS_KMS_KEY_ID; or name the endpoint of a role’s credentials in KMS_ALLOW',
    ],
  ],
  [
    { ...aws, AWS_ACCESS_KEY_ID: 'AKID' },
    ['AWS_SECRET_ACCESS_KEY: must be set together with AWS_ACCESS_KEY_ID'],
  ],
  [
    { ...aws, AWS_SECRET_ACCESS_KEY: 'hunter2' },
    ['AWS_ACCESS_KEY_ID: must be set together with its secret'],
  ],
  [{ GCP_KMS_KEY }, ['GOOGLE_APPLICATION_CREDENTIALS: must be set together with GCP_KMS_KEY']],
  [
    { VAULT_TRANSIT_KEY: 'signet' },
    [
      'VAULT_ADDR: must be set together with VAULT_TRANSIT_KEY',
      'VAULT_TOKEN: must be set together with VAULT_TRANSIT_KEY, or VAULT_TOKEN_FILE',
    ],
  ],
])('%j is told what is missing', (env, problems) => {
  expect(problemsOf(env)).toEqual(problems);
});

test.each<Record<string, string>>([
  { ...aws, KEY_PROVIDER: 'aws-kms', KMS_ALLOW: '169.254.169.254:80' },
  { ...aws, KEY_PROVIDER: 'aws-kms', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 's/+' },
  { KEY_PROVIDER: 'gcp-kms', GCP_KMS_KEY, GOOGLE_APPLICATION_CREDENTIALS: 'account.json' },
  { ...vault, KEY_PROVIDER: 'vault-transit', VAULT_TOKEN_FILE: 'token' },
  // What others read is none of our business until we are told to use it.
  {
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_REGION: 'eu-central-1',
    VAULT_ADDR: 'https://vault.internal:8200',
  },
])('%j is enough', (env) => {
  expect(problemsOf(env)).toEqual([]);
});

test.each([
  ['AWS_KMS_KEY_ID', 'not a key'],
  ['AWS_REGION', 'eu-central-1.evil.example/'],
  ['AWS_ENDPOINT_URL_KMS', 'https://kms.example.com/path'],
  ['AWS_SECRET_ACCESS_KEY', 'with\nnewline'],
  ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', '@evil.example'],
  ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'file:///etc/passwd'],
  ['GCP_KMS_KEY', 'projects/p/locations/l/keyRings/r/cryptoKeys/k/../other'],
  ['VAULT_ADDR', 'https://vault.internal/v1'],
  ['VAULT_TRANSIT_MOUNT', '../sys'],
  ['VAULT_TRANSIT_MOUNT', 'transit//x'],
  ['VAULT_TRANSIT_KEY', 'a/b'],
  ['VAULT_TRANSIT_KEY', '..'],
  ['VAULT_NAMESPACE', 'a\r\nX-Vault-Token: b'],
  ['VAULT_TOKEN', 'two words'],
  ['KMS_ALLOW', '169.254.169.254'],
])('%s=%j is refused without repeating the value', (name, value) => {
  const told = problemsOf({ [name]: value }).filter((line) => line.startsWith(`${name}: `));
  expect(told).toHaveLength(1);
  expect(told[0]).not.toContain(value);
});
