/** AWS KMS: the signature, whose credentials, the encryption context, and what its refusals mean. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AwsKms, awsKms } from '#kernel/crypto/kms/aws-kms.ts';
import { signAws } from '#kernel/crypto/kms/aws-signature.ts';
import type { KeyServiceOptions } from '#kernel/crypto/kms/key-service.ts';
import { type AwsFake, awsError, awsFake, newArn, REGION } from './kms-aws-fake.ts';
import { broken, keepsItsPromises, OWNER, problem } from './kms-contract.ts';
import { outboundTo } from './kms-server.ts';

const user = {
  accessKeyId: 'AKIDSIGNET',
  secretAccessKey: 'secret/of+the/user',
  sessionToken: 'session+token/of=the+user==',
};
const secrets = [user.secretAccessKey, user.sessionToken];
const key = randomBytes(32);
let fake: AwsFake;
let arn: string;

beforeEach(async () => {
  fake = await awsFake();
  arn = newArn();
  fake.keys.set(arn, randomBytes(32));
  fake.users.set(user.accessKeyId, user);
});
afterEach(() => fake.close().catch(() => undefined));

function open(options: Partial<KeyServiceOptions> = {}, settings: Partial<AwsKms> = {}) {
  return awsKms(
    {
      awsKmsKeyId: arn,
      awsRegion: REGION,
      awsEndpointUrlKms: fake.url,
      awsAccessKeyId: user.accessKeyId,
      awsSecretAccessKey: user.secretAccessKey,
      awsSessionToken: user.sessionToken,
      ...settings,
    },
    { outbound: outboundTo(fake), ...options },
  );
}

keepsItsPromises(() => ({
  fake,
  open,
  instead(said) {
    fake.otherwise = () => said;
  },
  kid: /^aws-kms:arn:aws:kms:eu-central-1:111122223333:key\/[0-9a-f-]{36}$/,
  address: 'AWS_ENDPOINT_URL_KMS',
  secrets,
}));

describe('the signature', () => {
  // Published by AWS in its test suite for Signature Version 4.
  const suite = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  };
  const token =
    'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

  test.each([
    [
      'post-vanilla',
      {},
      '',
      suite,
      'host;x-amz-date',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-header-value-case',
      { 'My-Header1': 'VALUE1' },
      '',
      suite,
      'host;my-header1;x-amz-date',
      'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
    ],
    [
      'post-x-www-form-urlencoded',
      form,
      'Param1=value1',
      suite,
      'content-type;host;x-amz-date',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
    [
      'post-sts-header-before',
      {},
      '',
      { ...suite, sessionToken: token },
      'host;x-amz-date;x-amz-security-token',
      '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    ],
  ])('%s', (_name, headers, body, credentials, names, signature) => {
    const post = { url: 'https://example.amazonaws.com/', headers, body };
    const scope = { region: 'us-east-1', service: 'service' };
    const signed = signAws(post, credentials, scope, Date.UTC(2015, 7, 30, 12, 36, 0, 999));
    expect(signed['x-amz-date']).toBe('20150830T123600Z');
    expect(signed['authorization']).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
    );
  });

  test('a host that is ten minutes off is told to look at what it signs with', async () => {
    const late = open({ now: () => Date.now() - 600_000 });
    expect((await problem(late.wrap(key, OWNER), secrets)).line).toBe(
      'AWS_ACCESS_KEY_ID: the credentials are not accepted (InvalidSignatureException)',
    );
  });
});

test('the owner is the encryption context, readable and never two owners alike', async () => {
  const service = open();
  const odd = [Buffer.from([0xc3, 0x28]), Buffer.from([0xc3, 0x29]), Buffer.from('\ufffd(')];
  for (const owner of odd) {
    const wrapped = await service.wrap(key, owner);
    for (const other of odd)
      if (other !== owner) await broken(service.unwrap(wrapped, other), secrets);
  }
  await service.wrap(key, Buffer.from('data key|tenant|id'));
  expect(JSON.parse(fake.asked.at(-1)?.body ?? '')).toEqual({
    KeyId: arn,
    Plaintext: key.toString('base64'),
    EncryptionContext: { 'signet:owner': 'data key|tenant|id' },
  });
});

test('a key is named by ARN in the kid, whatever names it in the configuration', async () => {
  fake.aliases.set('alias/signet', arn);
  for (const awsKmsKeyId of ['alias/signet', arn.split('/')[1] as string]) {
    const { kid } = await open({}, { awsKmsKeyId }).wrap(key, OWNER);
    expect(kid).toBe(`aws-kms:${arn}`);
  }
});

test('K01 only the configured key is asked, whatever a row says', async () => {
  const foreign = newArn();
  fake.keys.set(foreign, randomBytes(32));
  const planted = await open({}, { awsKmsKeyId: foreign }).wrap(key, OWNER);
  expect(await broken(open().unwrap(planted, OWNER), secrets)).toBe(
    'AWS_KMS_KEY_ID: does not open a data key of this database (IncorrectKeyException)',
  );
});

test.each([
  ['AccessDeniedException', 'AWS_KMS_KEY_ID: is not ours to use', 60],
  ['NotFoundException', 'AWS_KMS_KEY_ID: cannot be used (NotFoundException)', 60],
  ['DisabledException', 'AWS_KMS_KEY_ID: cannot be used (DisabledException)', 60],
  ['KMSInvalidStateException', 'AWS_KMS_KEY_ID: cannot be used (KMSInvalidStateException)', 60],
  ['ThrottlingException', 'AWS_KMS_KEY_ID: cannot be used just now (ThrottlingException)', 5],
  ['UnrecognizedClientException', 'AWS_ACCESS_KEY_ID: the credentials are not accepted', 60],
  ['ExpiredTokenException', 'AWS_ACCESS_KEY_ID: the credentials are not accepted', 60],
  ['an <odd> type', 'AWS_KMS_KEY_ID: cannot be used (status 400)', 60],
])('%s is no broken seal', async (type, line, retryAfter) => {
  const service = open();
  const wrapped = await service.wrap(key, OWNER);
  fake.otherwise = ({ headers }) => awsError(type, `canonical string ${JSON.stringify(headers)}`);
  for (const call of [service.wrap(key, OWNER), service.unwrap(wrapped, OWNER)]) {
    const told = await problem(call, secrets);
    expect(told.line?.startsWith(line)).toBe(true);
    expect(told.retryAfter).toBe(retryAfter);
  }
});

test('a key that is gone', async () => {
  const service = open();
  const wrapped = await service.wrap(key, OWNER);
  fake.keys.clear();
  expect((await problem(service.unwrap(wrapped, OWNER), secrets)).line).toBe(
    'AWS_KMS_KEY_ID: cannot be used (NotFoundException)',
  );
});
