import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import S3rver from 's3rver';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '#features/log-streams/destination.ts';
import { DESTINATIONS, openDestination } from '#features/log-streams/destination-kinds.ts';
import { encodeId } from '#kernel/ids.ts';
import { makeBatch, STREAM, streamedEvent } from '../kit/batches.ts';
import { type Answer, openReceiver, outboundTo, type Receiver } from '../kit/receiver.ts';

const directory = mkdtempSync(join(tmpdir(), 'signet-s3-'));
const store = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory,
  configureBuckets: [{ name: 'audit-log' }],
});
let port: number;
let receiver: Receiver;
let told: Answer = { status: 200 };
beforeAll(async () => {
  ({ port } = await store.run());
  receiver = await openReceiver(() => told);
});
afterAll(async () => {
  await store.close();
  await receiver.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  told = { status: 200 };
  receiver.got.length = 0;
});

const never = new AbortController().signal;
/** s3rver looks at the real clock, so attempts on it are now; it knows its own pair only. */
const EXAMPLE = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const STORE = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const bucket = { bucket: 'audit-log', region: 'eu-central-1' };
const keyFor = (tenantId: string) =>
  `tenant=${encodeId('tenant', tenantId)}/stream=${STREAM}/dt=2026-03-04/hour=05/0000000000000007-0000000000000011.ndjson.gz`;

function put(batch = makeBatch(), settings: object = {}) {
  const destination = openDestination(
    'S3',
    { ...bucket, endpoint: receiver.origin, ...settings },
    EXAMPLE,
  );
  return destination.send(outboundTo(receiver.port), batch, never);
}

describe('a store', () => {
  const endpoint = () => `http://127.0.0.1:${port}`;
  const open = (settings = {}) =>
    openDestination('S3', { ...bucket, endpoint: endpoint(), ...settings }, STORE);
  const fetched = async (key: string) => {
    const answer = await outboundTo(port)(`${endpoint()}/audit-log/${key}`);
    return { ...answer, text: gunzipSync(answer.body).toString('utf8') };
  };

  test('K07 a batch becomes an object of packed NDJSON that can be read back', async () => {
    const batch = makeBatch({ attemptAt: new Date() });
    expect(await open().send(outboundTo(port), batch, never)).toEqual({ kind: 'delivered' });
    const object = await fetched(keyFor(batch.tenantId));
    expect(object.headers['content-type']).toBe('application/gzip');
    expect(object.headers['content-encoding']).toBeUndefined();
    expect(object.text).toBe(batch.events.map(({ json }) => `${json}\n`).join(''));
  });

  test('K07 a second attempt writes the same object, byte for byte', async () => {
    const batch = makeBatch({ attemptAt: new Date() });
    const key = keyFor(batch.tenantId);
    await open({ prefix: 'idp/audit' }).send(outboundTo(port), batch, never);
    const first = await fetched(`idp/audit/${key}`);
    const again = { ...batch, attemptAt: new Date(Date.now() + 60_000) };
    await open({ prefix: 'idp/audit' }).send(outboundTo(port), again, never);
    expect((await fetched(`idp/audit/${key}`)).body).toEqual(first.body);
    const listed = await outboundTo(port)(`${endpoint()}/audit-log?prefix=idp/audit/`);
    expect(listed.body.toString().match(/<Key>/g)).toHaveLength(1);
  });

  test('K07 a bucket that is not there, and a key that is not known, stop the stream', async () => {
    const missing = open({ bucket: 'not-there' });
    expect(
      await missing.send(outboundTo(port), makeBatch({ attemptAt: new Date() }), never),
    ).toMatchObject({
      kind: 'disabled',
      reason: 'the receiver answered 404: NoSuchBucket, there is no such bucket',
    });
    const stranger = openDestination('S3', { ...bucket, endpoint: endpoint() }, EXAMPLE);
    expect(
      await stranger.send(outboundTo(port), makeBatch({ attemptAt: new Date() }), never),
    ).toMatchObject({
      kind: 'disabled',
      reason: 'the receiver answered 403: InvalidAccessKeyId, the access key is not known',
    });
  });
});

describe('answers and settings', () => {
  const error = (code: string) =>
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>canary</Message></Error>`;

  test.each<[number, string, Outcome['kind']]>([
    [403, error('SignatureDoesNotMatch'), 'disabled'],
    [403, error('AccessDenied'), 'disabled'],
    [403, error('RequestTimeTooSkewed'), 'retry'],
    [403, '', 'disabled'],
    [301, error('PermanentRedirect'), 'disabled'],
    [307, error('TemporaryRedirect'), 'retry'],
    [400, error('EntityTooLarge'), 'rejected'],
    [400, error('RequestTimeout'), 'retry'],
    [400, error('AuthorizationHeaderMalformed'), 'disabled'],
    [400, error('Canary'), 'retry'],
    [404, '', 'retry'],
    [409, error('OperationAborted'), 'retry'],
    [503, error('SlowDown'), 'retry'],
    [204, '', 'retry'],
  ])(
    'K07 H05 %i %s means %s, and nothing of it is told but a known code',
    async (status, body, kind) => {
      told = { status, body };
      const outcome = await put();
      expect(outcome.kind).toBe(kind);
      expect(JSON.stringify(outcome)).not.toMatch(/canary/i);
    },
  );

  test('K07 bounds tell keys apart, and the time is the first event', async () => {
    const late = streamedEvent(123456789, {
      at: new Date(Date.UTC(2026, 0, 1) - 123456789 * 60_000),
    });
    await put(makeBatch({ events: [late] }));
    expect(receiver.got[0]?.path).toContain(
      '/dt%3D2026-01-01/hour%3D00/0000000123456789-0000000123456789.ndjson.gz',
    );
  });

  test('H05 names that are not buckets, regions, folders or stores are refused', () => {
    const { settings, secrets } = DESTINATIONS.S3;
    expect(settings.safeParse(bucket).success).toBe(true);
    for (const wrong of [
      { bucket: 'a/b' },
      { bucket: 'UPPER' },
      { bucket: '10.0.0.1' },
      { bucket: 'a..b' },
      { bucket: 'ab' },
      { bucket: 'evil.com#' },
      { region: 'eu.evil.com' },
      { region: '' },
      { prefix: '../other' },
      { prefix: 'a//b' },
      { prefix: '/a' },
      { prefix: 'a/' },
      { prefix: 'a?b' },
      { endpoint: 'https://store.example.com/path' },
      { endpoint: 'http://store.example.com' },
      { kmsKeyId: 'abc' },
      { encryption: 'none' },
    ])
      expect(settings.safeParse({ ...bucket, ...wrong }).success, JSON.stringify(wrong)).toBe(
        false,
      );
    expect(secrets.safeParse({ ...EXAMPLE, accessKeyId: 'a\nb' }).success).toBe(false);
  });
});
