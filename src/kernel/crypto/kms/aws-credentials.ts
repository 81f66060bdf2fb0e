/**
 * Owns who we are to AWS: keys of the environment, else those of the role that the container (ECS,
 * EKS Pod Identity) or the instance (EC2, IMDSv2) has. A role's endpoint is link-local, so the
 * guarded client asks it only where KMS_ALLOW names it.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AwsCredentials } from './aws-signature.ts';
import type { Expiring } from './credential.ts';
import { type Answer, ask, type KeyServiceOptions, read, unusable } from './key-service.ts';

export interface AwsIdentity {
  readonly awsAccessKeyId?: string | undefined;
  readonly awsSecretAccessKey?: string | undefined;
  readonly awsSessionToken?: string | undefined;
  readonly awsContainerCredentialsRelativeUri?: string | undefined;
  readonly awsContainerCredentialsFullUri?: string | undefined;
  readonly awsContainerAuthorizationToken?: string | undefined;
  readonly awsContainerAuthorizationTokenFile?: string | undefined;
}

type Fetch = () => Promise<Expiring<AwsCredentials>>;

const CONTAINER = 'http://169.254.170.2';
const INSTANCE = 'http://169.254.169.254';

/** The first source that there is. `metadata` is replaced by tests. */
export function awsCredentials(
  identity: AwsIdentity,
  options: KeyServiceOptions,
  metadata = INSTANCE,
): Fetch {
  const { awsAccessKeyId, awsSecretAccessKey, awsSessionToken } = identity;
  if (awsAccessKeyId !== undefined && awsSecretAccessKey !== undefined) {
    const value = {
      accessKeyId: awsAccessKeyId,
      secretAccessKey: awsSecretAccessKey,
      sessionToken: awsSessionToken,
    };
    return async () => ({ value, ends: Number.POSITIVE_INFINITY });
  }
  const relative = identity.awsContainerCredentialsRelativeUri;
  const url =
    relative === undefined ? identity.awsContainerCredentialsFullUri : CONTAINER + relative;
  return url === undefined ? ofInstance(metadata, options) : ofContainer(url, identity, options);
}

function ofContainer(url: string, identity: AwsIdentity, options: KeyServiceOptions): Fetch {
  const variable = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
  return async () => {
    const token = authorization(identity);
    const headers: Record<string, string> = token === undefined ? {} : { authorization: token };
    const answer = await ask(options, { url, variable, method: 'GET', headers });
    if (answer.status !== 200)
      throw unusable(variable, `gives no credentials (status ${answer.status})`);
    return given(variable, answer);
  };
}

/** The file is read each time: the platform renews it. */
function authorization(identity: AwsIdentity): string | undefined {
  const file = identity.awsContainerAuthorizationTokenFile;
  if (file === undefined) return identity.awsContainerAuthorizationToken;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw unusable('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'names a file that cannot be read');
  }
}

function ofInstance(metadata: string, options: KeyServiceOptions): Fetch {
  const variable = 'AWS_ACCESS_KEY_ID';
  async function fetch(method: 'GET' | 'PUT', path: string, headers: Record<string, string>) {
    const answer = await ask(options, {
      url: `${metadata}/latest/${path}`,
      variable,
      method,
      headers,
    });
    if (answer.status === 200) return answer;
    throw unusable(
      variable,
      `is not set, and this instance has no role to use instead (status ${answer.status})`,
    );
  }
  return async () => {
    const { text: token } = await fetch('PUT', 'api/token', {
      'x-aws-ec2-metadata-token-ttl-seconds': '60',
    });
    const headers = { 'x-aws-ec2-metadata-token': token.trim() };
    const roles = 'meta-data/iam/security-credentials/';
    const { text: role } = await fetch('GET', roles, headers);
    const path = `${roles}${encodeURIComponent(role.trim())}`;
    return given(variable, await fetch('GET', path, headers));
  };
}

function given(variable: string, answer: Answer): Expiring<AwsCredentials> {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = read(variable, GIVEN, answer);
  return {
    value: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token },
    ends: Date.parse(Expiration),
  };
}

const GIVEN = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().min(1),
  Expiration: z.iso.datetime({ offset: true }),
});
