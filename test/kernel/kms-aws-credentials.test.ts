/** Credentials of a role: of a container, of an instance; fetched, kept, replaced. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { awsCredentials } from '#kernel/crypto/kms/aws-credentials.ts';
import { type AwsKms, awsKms } from '#kernel/crypto/kms/aws-kms.ts';
import { guardedOutbound } from '#kernel/outbound.ts';
import { type AwsFake, awsFake, newArn, REGION } from './kms-aws-fake.ts';
import { OTHER, OWNER, problem } from './kms-contract.ts';
import { type FakeServer, fakeServer, outboundTo } from './kms-server.ts';

const user = { secretAccessKey: 'secret/of+the/role', sessionToken: 'session+of=the+role==' };
const secrets = [user.secretAccessKey, user.sessionToken];
const key = randomBytes(32);
let fake: AwsFake;
let arn: string;
const folder = mkdtempSync(join(tmpdir(), 'signet-kms-'));
const tokenFile = join(folder, 'token');
let endpoint: FakeServer;
let issued = 0;
let lasts = 3_600_000;
let clock = 0;
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => Promise.all([fake.close(), endpoint.close()]));
beforeEach(async () => {
  fake = await awsFake();
  arn = newArn();
  fake.keys.set(arn, randomBytes(32));
  [issued, lasts, clock] = [0, 3_600_000, Date.now()];
  fake.now = () => clock;
  endpoint = await fakeServer(({ method, path, headers }) => {
    const session = 'imds+session==';
    if (method === 'PUT' && path === '/latest/api/token')
      return Number(headers['x-aws-ec2-metadata-token-ttl-seconds']) > 0
        ? { status: 200, body: session }
        : { status: 400, body: '' };
    const ofInstance = headers['x-aws-ec2-metadata-token'] === session;
    const roles = '/latest/meta-data/iam/security-credentials/';
    if (path === roles) return { status: ofInstance ? 200 : 401, body: 'the-role\n' };
    const ofContainer = path === '/v1/credentials' && headers.authorization === 'pod+token';
    if (!ofContainer && !(ofInstance && path === `${roles}the-role`))
      return { status: 401, body: 'who is this' };
    issued += 1;
    const role = { ...user, accessKeyId: `ASIA${issued}` };
    fake.users.set(role.accessKeyId, role);
    const body = {
      Code: 'Success',
      AccessKeyId: role.accessKeyId,
      SecretAccessKey: role.secretAccessKey,
      Token: role.sessionToken,
      Expiration: new Date(clock + lasts).toISOString(),
    };
    return { status: 200, body };
  });
});

const container = () => ({
  awsContainerCredentialsFullUri: `${endpoint.url}/v1/credentials`,
  awsContainerAuthorizationTokenFile: tokenFile,
});
const open = (role: Partial<AwsKms>) =>
  awsKms({ awsKmsKeyId: arn, awsRegion: REGION, awsEndpointUrlKms: fake.url, ...role }, options());
const options = () => ({ outbound: outboundTo(fake, endpoint), now: () => clock });

test('are fetched once, kept until shortly before their end, and replaced when refused', async () => {
  writeFileSync(tokenFile, 'pod+token\n');
  const service = open(container());
  const [wrapped] = await Promise.all([service.wrap(key, OWNER), service.wrap(key, OTHER)]);
  expect(issued).toBe(1);
  clock += lasts - 121_000;
  expect(await service.unwrap(wrapped, OWNER)).toEqual(key);
  expect(issued).toBe(1);
  clock += 2_000;
  await service.unwrap(wrapped, OWNER);
  expect(issued).toBe(2);
  fake.users.clear();
  expect(await service.unwrap(wrapped, OWNER)).toEqual(key);
  expect(issued).toBe(3);
});

test('of a container need its token, and a file that can be read', async () => {
  writeFileSync(tokenFile, 'another+token');
  const service = open(container());
  expect((await problem(service.wrap(key, OWNER), [...secrets, 'another+token'])).line).toBe(
    'AWS_CONTAINER_CREDENTIALS_FULL_URI: gives no credentials (status 401)',
  );
  rmSync(tokenFile);
  expect((await problem(service.wrap(key, OWNER), secrets)).line).toBe(
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: names a file that cannot be read',
  );
  const told = { ...container(), awsContainerAuthorizationTokenFile: undefined };
  const given = open({ ...told, awsContainerAuthorizationToken: 'pod+token' });
  expect((await given.wrap(key, OWNER)).kid).toBe(`aws-kms:${arn}`);
});

test('of an instance are asked for with a session token', async () => {
  const fetch = awsCredentials({}, options(), endpoint.url);
  const { value, ends } = await fetch();
  expect(value).toEqual({ ...user, accessKeyId: 'ASIA1' });
  expect(ends).toBe(clock + lasts);
  expect(endpoint.asked.map(({ method }) => method)).toEqual(['PUT', 'GET', 'GET']);
  endpoint.otherwise = () => ({ status: 404, body: '' });
  expect((await problem(fetch(), secrets)).line).toBe(
    'AWS_ACCESS_KEY_ID: is not set, and this instance has no role to use instead (status 404)',
  );
});

test.each([
  [{}, 'AWS_ACCESS_KEY_ID: 169.254.169.254 is not public'],
  [
    { awsContainerCredentialsRelativeUri: '/v2/credentials/x' },
    'AWS_CONTAINER_CREDENTIALS_FULL_URI: 169.254.170.2 is not public',
  ],
])('H05 are not looked for where KMS_ALLOW does not say so: %j', async (identity, line) => {
  const allowsPort = { outboundPorts: new Set([80]), outboundAllow: new Set<string>() };
  const fetch = awsCredentials(identity, { outbound: guardedOutbound(allowsPort) });
  expect((await problem(fetch(), [])).line).toBe(`${line}; name its host:port in KMS_ALLOW`);
});
