/**
 * Owns what an operator can set about who wraps data keys. Merged into the one shape. Variables that
 * a key service's own tools read have the same name and meaning here.
 */
import {
  choice,
  hostPorts,
  key32,
  keys32,
  matching,
  origin,
  secretText,
  text,
} from './config-values.ts';

export const keyShape = {
  masterKey: key32
    .optional()
    .describe(
      'Wraps every tenant’s data key, unless `KEY_PROVIDER` names another: 32 bytes as base64 or as 64 hex digits. Required with `DATABASE_URL`; else made once and written to `DATA_DIR/master-key`.',
    ),
  previousMasterKeys: keys32
    .prefault('')
    .describe(
      'Earlier master keys, separated by commas, until `npm run rewrap` has wrapped their data keys anew.',
    ),
  keyProvider: choice(['local', 'aws-kms', 'gcp-kms', 'vault-transit'])
    .prefault('local')
    .describe(
      'Who wraps data keys: `local` is the master key. The others go on unwrapping what they wrapped, as long as their variables are set.',
    ),
  kmsAllow: hostPorts
    .prefault('')
    .describe(
      '`host:port` pairs at which key services, and the endpoints that give their credentials, may be reached although they are private, such as `vault.internal:8200`. Closed to URLs of tenants.',
    ),
  awsKmsKeyId: matching(/^[\w:/+=,.@-]{1,2048}$/, 'must be the id, ARN or alias of a KMS key')
    .optional()
    .describe('Key of `aws-kms`: symmetric; its id, ARN or alias.'),
  awsRegion: matching(/^[a-z]{2,}(-[a-z0-9]+)+$/, 'must be a region such as eu-central-1')
    .optional()
    .describe('Region of that key.'),
  awsEndpointUrlKms: origin
    .optional()
    .describe('Where AWS KMS is, if not at the region’s public address.'),
  awsAccessKeyId: secretText(1)
    .optional()
    .describe(
      'Credentials for AWS. Absent: those of the role of the container or the instance, whose endpoint `KMS_ALLOW` must name (ECS `169.254.170.2:80`, EKS `169.254.170.23:80`, EC2 `169.254.169.254:80`).',
    ),
  awsSecretAccessKey: secretText(1).optional().describe('The secret of `AWS_ACCESS_KEY_ID`.'),
  awsSessionToken: secretText(1)
    .optional()
    .describe('The session token of `AWS_ACCESS_KEY_ID`, if it is temporary.'),
  awsContainerCredentialsRelativeUri: matching(
    /^\/[!-~]*$/,
    'must be a path such as /v2/credentials',
  )
    .optional()
    .describe('Set by ECS: where the container’s role gets credentials.'),
  awsContainerCredentialsFullUri: matching(/^https?:\/\/[!-~]+$/, 'must be a URL')
    .optional()
    .describe('Set by EKS Pod Identity: where the container’s role gets credentials.'),
  awsContainerAuthorizationToken: secretText(1)
    .optional()
    .describe('Set by the platform: what that endpoint wants to see.'),
  awsContainerAuthorizationTokenFile: text
    .optional()
    .describe('Set by the platform: the file that holds it.'),
  gcpKmsKey: matching(
    /^projects\/\w[\w.:-]*\/locations\/[\w-]+\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+$/,
    'must be like projects/P/locations/L/keyRings/R/cryptoKeys/K',
  )
    .optional()
    .describe('Key of `gcp-kms`: `projects/P/locations/L/keyRings/R/cryptoKeys/K`, symmetric.'),
  googleApplicationCredentials: text
    .optional()
    .describe('File with the JSON key of the service account that may use `GCP_KMS_KEY`.'),
  gcpKmsEndpoint: origin
    .optional()
    .describe('Where Cloud KMS is, if not at `https://cloudkms.googleapis.com`.'),
  vaultAddr: origin
    .optional()
    .describe(
      'Where the Vault (or OpenBao) of `vault-transit` is, such as `https://vault.internal:8200`.',
    ),
  vaultTransitKey: matching(/^\w[\w.-]*$/, 'must be the name of a key')
    .optional()
    .describe('Key of `vault-transit`, of an AEAD type such as `aes256-gcm96`.'),
  vaultTransitMount: matching(/^\w[\w.-]*(\/\w[\w.-]*)*$/, 'must be a path such as transit')
    .prefault('transit')
    .describe('Where the transit engine is mounted.'),
  vaultNamespace: matching(/^\w[\w.-]*(\/\w[\w.-]*)*\/?$/, 'must be a namespace such as admin/team')
    .optional()
    .describe('Namespace of the mount.'),
  vaultToken: secretText(1).optional().describe('Token for that key. Nobody renews it.'),
  vaultTokenFile: text
    .optional()
    .describe(
      'File with the token instead, such as the sink of a Vault Agent; read again when its token is refused.',
    ),
};

type Given = { readonly [key in keyof typeof keyShape]?: string };

/** What is missing, one line each; told also of a provider that only unwraps. */
export function keyContradictions(given: Given): string[] {
  const { awsKmsKeyId, awsAccessKeyId, awsSecretAccessKey, gcpKmsKey, vaultTransitKey } = given;
  const found: string[] = [];
  const needs = (value: string | undefined, variable: string, why: string) => {
    if (!value) found.push(`${variable}: must be set together with ${why}`);
  };
  if (given.keyProvider === 'aws-kms') needs(awsKmsKeyId, 'AWS_KMS_KEY_ID', 'this KEY_PROVIDER');
  if (given.keyProvider === 'gcp-kms') needs(gcpKmsKey, 'GCP_KMS_KEY', 'this KEY_PROVIDER');
  if (given.keyProvider === 'vault-transit')
    needs(vaultTransitKey, 'VAULT_TRANSIT_KEY', 'this KEY_PROVIDER');
  if (awsKmsKeyId) {
    needs(given.awsRegion, 'AWS_REGION', 'AWS_KMS_KEY_ID');
    const role = 'AWS_KMS_KEY_ID; or name the endpoint of a role’s credentials in KMS_ALLOW';
    if (awsAccessKeyId) needs(awsSecretAccessKey, 'AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID');
    else if (awsSecretAccessKey) needs(awsAccessKeyId, 'AWS_ACCESS_KEY_ID', 'its secret');
    else needs(given.kmsAllow, 'AWS_ACCESS_KEY_ID', role);
  }
  if (gcpKmsKey)
    needs(given.googleApplicationCredentials, 'GOOGLE_APPLICATION_CREDENTIALS', 'GCP_KMS_KEY');
  if (vaultTransitKey) {
    needs(given.vaultAddr, 'VAULT_ADDR', 'VAULT_TRANSIT_KEY');
    const token = 'VAULT_TRANSIT_KEY, or VAULT_TOKEN_FILE';
    needs(given.vaultToken ?? given.vaultTokenFile, 'VAULT_TOKEN', token);
  }
  return found;
}
