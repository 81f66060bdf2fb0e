import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDestination } from '#features/log-streams/destination-kinds.ts';
import type { OutboundRequest } from '#kernel/outbound.ts';
import { makeBatch } from '../kit/batches.ts';
import { openReceiver, outboundTo, type Receiver } from '../kit/receiver.ts';
import { readAuthorization, signatureOf } from '../kit/sigv4.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await openReceiver(() => ({ status: 200 }));
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.got.length = 0;
});

const never = new AbortController().signal;
/** What AWS documents with. */
const EXAMPLE = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const bucket = { bucket: 'audit-log', region: 'eu-central-1' };

function put(batch = makeBatch(), settings: object = {}) {
  const destination = openDestination(
    'S3',
    { ...bucket, endpoint: receiver.origin, ...settings },
    EXAMPLE,
  );
  return destination.send(outboundTo(receiver.port), batch, never);
}

describe('the signature', () => {
  test('K08 the check of this test agrees with the examples that AWS publishes', () => {
    const { secretAccessKey } = EXAMPLE;
    const signedBy = (names: string, signature: string) =>
      `AWS4-HMAC-SHA256 Credential=${EXAMPLE.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`;
    const host = 'examplebucket.s3.amazonaws.com';
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const common = { host, 'x-amz-date': '20130524T000000Z' };
    const examples = [
      {
        method: 'PUT',
        path: '/test$file.text',
        raw: Buffer.from('Welcome to Amazon S3.'),
        names: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
        headers: {
          date: 'Fri, 24 May 2013 00:00:00 GMT',
          'x-amz-content-sha256':
            '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
          'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        },
        signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      },
      {
        method: 'GET',
        path: '/test.txt',
        raw: Buffer.of(),
        names: 'host;range;x-amz-content-sha256;x-amz-date',
        headers: { range: 'bytes=0-9', 'x-amz-content-sha256': empty },
        signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      },
      {
        method: 'GET',
        path: '/?max-keys=2&prefix=J',
        raw: Buffer.of(),
        names: 'host;x-amz-content-sha256;x-amz-date',
        headers: { 'x-amz-content-sha256': empty },
        signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
      },
      {
        method: 'GET',
        path: '/?lifecycle',
        raw: Buffer.of(),
        names: 'host;x-amz-content-sha256;x-amz-date',
        headers: { 'x-amz-content-sha256': empty },
        signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
      },
    ];
    for (const { method, path, raw, names, headers, signature } of examples) {
      const authorization = signedBy(names, signature);
      const request = { method, path, raw, headers: { ...common, ...headers, authorization } };
      expect(signatureOf(request, secretAccessKey)).toBe(signature);
    }
  });

  test.each([
    {},
    { prefix: 'audit/signet_1', region: 'us-east-1' },
    { encryption: 'aws:kms', kmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:key/abc' },
  ])('K08 what leaves is signed whole, headers and body: %j', async (settings) => {
    expect(await put(makeBatch(), settings)).toEqual({ kind: 'delivered' });
    const [got] = receiver.got;
    if (!got) throw new Error('nothing came');
    const { accessKeyId, date, region, signedHeaders, signature } = readAuthorization(got);
    expect({ accessKeyId, date }).toEqual({
      accessKeyId: EXAMPLE.accessKeyId,
      date: '20260304',
    });
    expect(region).toBe(settings.region ?? bucket.region);
    expect(got.headers['x-amz-date']).toBe('20260304T060000Z');
    expect(signature).toBe(signatureOf(got, EXAMPLE.secretAccessKey));
    const unsigned = Object.keys(got.headers).filter((name) => !signedHeaders.includes(name));
    expect(unsigned.sort()).toEqual([
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'user-agent',
    ]);
    expect(JSON.stringify(got.headers)).not.toContain(EXAMPLE.secretAccessKey);
    expect(signatureOf({ ...got, raw: Buffer.from('other') }, EXAMPLE.secretAccessKey)).not.toBe(
      signature,
    );
  });

  test('K07 the bucket stands in the host at Amazon, in the path with dots and elsewhere', async () => {
    const urls: string[] = [];
    const told = async (settings: object) => {
      const destination = openDestination('S3', { ...bucket, ...settings }, EXAMPLE);
      const seen = async (url: string, _: OutboundRequest = {}) => {
        urls.push(new URL(url).origin + new URL(url).pathname.split('tenant')[0]);
        return { status: 200, headers: {}, body: Buffer.of() };
      };
      await destination.send(seen, makeBatch(), never);
    };
    await told({});
    await told({ bucket: 'audit.example.com' });
    await told({ region: 'cn-north-1' });
    await told({ endpoint: 'https://minio.example.com:9000', prefix: 'a/b' });
    await told({ endpoint: 'https://r2.example.com', pathStyle: false });
    expect(urls).toEqual([
      'https://audit-log.s3.eu-central-1.amazonaws.com/',
      'https://s3.eu-central-1.amazonaws.com/audit.example.com/',
      'https://audit-log.s3.cn-north-1.amazonaws.com.cn/',
      'https://minio.example.com:9000/audit-log/a/b/',
      'https://audit-log.r2.example.com/',
    ]);
  });
});
