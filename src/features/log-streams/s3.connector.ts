/**
 * S3 and stores that speak it: one gzipped NDJSON object a batch, under a key that follows from the
 * bounds that were frozen, so that a second attempt writes the same object again. 200 means stored.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AwsV4Signer } from 'aws4fetch';
import { z } from 'zod';
import { encodeId } from '#kernel/ids.ts';
import type { Batch, Destination } from './destination.ts';
import { receiverOrigin, token } from './destination-settings.ts';
import { ndjson } from './http.connector.ts';
import { deliver, overLimits } from './receiver-answers.ts';
import { s3Outcome } from './s3-answers.ts';

const compress = promisify(gzip);

/** A batch of some megabytes over a slow line. */
const TIMEOUT_MS = 30_000;

export const s3Settings = z
  .strictObject({
    bucket: z
      .string()
      .min(3, 'must have at least 3 characters')
      .max(63, 'must have at most 63 characters')
      .regex(
        /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9]))*[a-z0-9]$/,
        'must be the name of a bucket',
      )
      .describe('The bucket, which must exist.'),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'must be a region such as eu-central-1')
      .describe('The region of the bucket, such as eu-central-1.'),
    endpoint: receiverOrigin
      .optional()
      .describe('Scheme, host and port of a store that is not Amazon S3.'),
    pathStyle: z
      .boolean()
      .optional()
      .describe(
        'Whether the bucket stands in the path rather than in the host; true with an endpoint, unless told.',
      ),
    prefix: z
      .string()
      .max(200, 'must have at most 200 characters')
      .regex(
        /^(?:[A-Za-z0-9_=-][A-Za-z0-9_.=-]*\/)*[A-Za-z0-9_=-][A-Za-z0-9_.=-]*$/,
        'must be folders such as audit/signet, without a slash at its ends',
      )
      .optional()
      .describe('What every key begins with.'),
    encryption: z
      .enum(['AES256', 'aws:kms'])
      .optional()
      .describe('How the store encrypts what it keeps; as the bucket says, unless told.'),
    kmsKeyId: token(2000).optional().describe('The key for aws:kms: its id or its ARN.'),
  })
  .refine(({ encryption, kmsKeyId }) => kmsKeyId === undefined || encryption === 'aws:kms', {
    path: ['kmsKeyId'],
    message: 'must be given with encryption aws:kms only',
  });

type S3Settings = z.infer<typeof s3Settings>;

export const s3Secrets = z.strictObject({
  accessKeyId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{3,128}$/, 'must be the id of an access key')
    .describe('The id of an access key that may put objects.'),
  secretAccessKey: token(200).describe('That access key.'),
});

type S3Secrets = z.infer<typeof s3Secrets>;

const LIMITS = { maxEvents: 10_000, maxBytes: 8_000_000 } as const;

export function openS3(settings: S3Settings, secrets: S3Secrets): Destination {
  return {
    kind: 'S3',
    limits: LIMITS,
    async send(outbound, batch, signal) {
      const over = overLimits(batch, LIMITS);
      if (over) return over;
      const body = await compress(ndjson(batch));
      const request = await signedPut(settings, secrets, batch, body);
      return deliver(outbound, batch, { ...request, signal, timeoutMs: TIMEOUT_MS }, s3Outcome);
    },
  };
}

/** The request as it leaves, signed with AWS Signature Version 4, its body and all headers included. */
async function signedPut(settings: S3Settings, secrets: S3Secrets, batch: Batch, body: Buffer) {
  const headers = {
    // No Content-Encoding: many clients would unpack what is kept packed.
    'content-type': 'application/gzip',
    // Buckets with a lock on their objects demand it.
    'content-md5': createHash('md5').update(body).digest('base64'),
    'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    ...encryptionHeaders(settings),
  };
  const signer = new AwsV4Signer({
    ...secrets,
    method: 'PUT',
    url: urlOf(settings, keyOf(settings, batch)),
    service: 's3',
    region: settings.region,
    datetime: batch.attemptAt.toISOString().replace(/[:-]|\.\d{3}/g, ''),
    headers,
    allHeaders: true,
  });
  const signed = await signer.sign();
  return {
    url: signed.url.href,
    method: 'PUT' as const,
    headers: Object.fromEntries(signed.headers),
    body,
  };
}

function encryptionHeaders({ encryption, kmsKeyId }: S3Settings): Record<string, string> {
  return {
    ...(encryption === undefined ? {} : { 'x-amz-server-side-encryption': encryption }),
    ...(kmsKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
  };
}

/** Hive's way of naming folders, which query engines read as columns; the time is the first event's. */
function keyOf({ prefix }: S3Settings, { tenantId, streamId, events }: Batch): string {
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last) throw new Error('a batch of a log stream has no events');
  const at = first.occurredAt.toISOString();
  return [
    ...(prefix === undefined ? [] : [prefix]),
    `tenant=${encodeId('tenant', tenantId)}`,
    `stream=${streamId}`,
    `dt=${at.slice(0, 10)}`,
    `hour=${at.slice(11, 13)}`,
    `${padded(first.leafIndex)}-${padded(last.leafIndex)}.ndjson.gz`,
  ].join('/');
}

/** So that keys sort as their events do. */
function padded(leafIndex: bigint): string {
  return leafIndex.toString().padStart(16, '0');
}

/** Encoded as the signature sees it, so that no store has to do it anew. */
function urlOf({ bucket, region, endpoint, pathStyle }: S3Settings, key: string): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  const amazon = `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const { protocol, host } = new URL(endpoint ?? amazon);
  // A certificate for *.s3... covers no bucket with a dot in its name.
  const inPath = pathStyle ?? (endpoint !== undefined || bucket.includes('.'));
  return inPath
    ? `${protocol}//${host}/${bucket}/${path}`
    : `${protocol}//${bucket}.${host}/${path}`;
}
