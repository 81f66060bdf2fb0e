/** Owns the shapes of URIs that people register: one spelling of each, so that they can be compared as texts. */
import { z } from 'zod';

/** RFC 3986, 2: what a URI is written with; a percent sign only before two digits, a fragment never. */
const WRITTEN = /^[a-z][a-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;

/**
 * An absolute URI without user and fragment whose scheme and host stand there as programs read them:
 * lower case, no numbers that mean an address, no ways around the port. Null for anything else.
 */
export function parseUri(text: string): URL | null {
  if (!WRITTEN.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  const rest = text.slice(url.protocol.length);
  if (!rest.startsWith('//')) return isHierarchical(url) ? null : url;
  const authority = rest.slice(2).split(/[/?]/, 1)[0] ?? '';
  return authority === url.host || authority === `${url.host}:${STANDARD_PORTS[url.protocol]}`
    ? url
    : null;
}

const STANDARD_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

function isHierarchical({ protocol }: URL): boolean {
  return protocol in STANDARD_PORTS;
}

/** Hosts that are always this machine (RFC 8252, 7.3 and 8.3). */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

/** A link to a page or a picture, or where something is fetched or sent. */
export const httpsUri = z
  .string()
  .max(2000, 'must have at most 2000 characters')
  .refine(
    (text) => parseUri(text)?.protocol === 'https:',
    'must be an https URI without a user and a fragment, its host in lower case',
  );
