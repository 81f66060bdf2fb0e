/** Shapes that settings and secrets of several destinations share. */
import { z } from 'zod';
import { isLoopback, parseUri } from '#kernel/uris.ts';

/**
 * Where a receiver of the tenant's listens. http is for receivers on this machine, which the guard
 * of outbound requests refuses unless the operator allowed that very host and port.
 */
export const receiverUrl = z
  .string()
  .max(2000, 'must have at most 2000 characters')
  .refine((text) => {
    const url = parseUri(text);
    return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
  }, 'must be an https URL without a user and a fragment, its host in lower case');

/** The origin alone, for receivers whose paths are fixed. */
export const receiverOrigin = receiverUrl
  .refine((text) => {
    const url = URL.parse(text);
    return !url || (url.pathname === '/' && url.search === '');
  }, 'must have no path and no query')
  .transform((text) => new URL(text).origin);

/** What goes into a header, so no line breaks, no control characters, nothing beyond ASCII (RFC 9110, 5.5). */
export function headerText(max: number) {
  return z
    .string()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .regex(/^[!-~](?:[ -~]*[!-~])?$/, 'must be printable ASCII without spaces at its ends');
}

/** A credential: one word. */
export function token(max: number) {
  return z
    .string()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .regex(/^[!-~]+$/, 'must be printable ASCII without spaces');
}

/** A name that receivers index by: a host, a source, a service. */
export const label = z
  .string()
  .max(100, 'must have at most 100 characters')
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:/-]*$/, 'must be made of letters, digits and _ . : / -');

const MAX_HEADERS = 20;

/** RFC 9110, 5.6.2: a token. */
const FIELD_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/**
 * Set by the client or by the stream itself; hop by hop (RFC 9110, 7.6.1); what a proxy or the
 * metadata service of a cloud would believe.
 */
const TAKEN =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|user-agent|accept-encoding|cookie2?|date|forwarded|x-forwarded-.*|x-real-ip|metadata|metadata-.*|x-aws-.*|x-amz-.*|x-google-.*|signet-.*|webhook-.*)$/i;

const header = z.strictObject({
  name: z
    .string()
    .regex(FIELD_NAME, 'must be the name of a header')
    .refine((name) => !TAKEN.test(name), 'is a header that may not be set'),
  value: headerText(2000),
});

export type Header = z.infer<typeof header>;

const headers = z
  .array(header)
  .max(MAX_HEADERS, `must hold at most ${MAX_HEADERS}`)
  .refine(
    (all) => new Set(all.map(({ name }) => name.toLowerCase())).size === all.length,
    'must not name a header twice',
  );

/** Sealed, so any credential may be among them. */
export const secretHeaders = headers;

/** Everyone who may read the stream may read these. */
export const openHeaders = headers.refine(
  (all) => all.every(({ name }) => name.toLowerCase() !== 'authorization'),
  'must not hold Authorization: it belongs among the secrets, which nobody can read back',
);

export function headerRecord(all: readonly Header[]): Record<string, string> {
  return Object.fromEntries(all.map(({ name, value }) => [name.toLowerCase(), value]));
}
