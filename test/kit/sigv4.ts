/**
 * AWS Signature Version 4 for S3, computed anew from a request as it arrived, by the specification
 * (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html) and nothing else.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Got } from './receiver.ts';

type Request = Pick<Got, 'method' | 'path' | 'headers' | 'raw'>;

export interface Told {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** What the Authorization header says. */
export function readAuthorization({ headers }: Pick<Request, 'headers'>): Told {
  const parts = AUTHORIZATION.exec(headers.authorization ?? '');
  if (!parts) throw new Error(`not a signature: ${headers.authorization}`);
  const [, accessKeyId = '', date = '', region = '', signed = '', signature = ''] = parts;
  return { accessKeyId, date, region, signedHeaders: signed.split(';'), signature };
}

export function signatureOf(request: Request, secret: string): string {
  const { date, region, signedHeaders } = readAuthorization(request);
  const [path = '', query = ''] = request.path.split('?');
  const canonical = [
    request.method,
    path.split('/').map(encoded).join('/'),
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .sort()
      .join('&'),
    ...signedHeaders.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    signedHeaders.join(';'),
    sha256(request.raw),
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    `${date}/${region}/s3/aws4_request`,
    sha256(canonical),
  ].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (under, part) => createHmac('sha256', under).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
}

/** Everything but unreserved characters, once (RFC 3986, 2.3). */
function encoded(segment: string): string {
  return encodeURIComponent(decodeURIComponent(segment)).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
