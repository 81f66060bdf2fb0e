/** Owns finding out where an issuer has what: RFC 8414, asked once and again after an hour. */
import { IssuerUnavailableError } from './token-error.ts';

export interface IssuerMetadata {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly introspection_endpoint?: string;
}

const REMEMBERED_MS = 3_600_000;
const TIMEOUT_MS = 5_000;

/** Throws TypeError for what no issuer can be: tokens travel over TLS, but on one machine. */
export function assertIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const local = url && /^(?:localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && local)))
    throw new TypeError('issuer must be an https URL, or http on this machine');
  if (url.search || url.hash || issuer.endsWith('/'))
    throw new TypeError(
      'issuer must be exactly what tokens say in iss, without a slash at its end',
    );
}

export function metadataOf(issuer: string, send: typeof fetch): () => Promise<IssuerMetadata> {
  let known: { readonly at: number; readonly metadata: Promise<IssuerMetadata> } | null = null;
  return () => {
    if (known && Date.now() - known.at < REMEMBERED_MS) return known.metadata;
    const metadata = discover(issuer, send);
    const asked = { at: Date.now(), metadata };
    known = asked;
    // Who comes next asks again; all who wait now hear of it.
    metadata.catch(() => {
      if (known === asked) known = null;
    });
    return metadata;
  };
}

/** Throws IssuerUnavailableError. */
async function discover(issuer: string, send: typeof fetch): Promise<IssuerMetadata> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname === '/' ? '' : pathname;
  const url = `${origin}/.well-known/oauth-authorization-server${path}`;
  const found = (await askIssuer(send, url, {})) as Partial<IssuerMetadata>;
  // RFC 8414, 3.3: else somebody else's keys would be taken for the issuer's.
  if (found.issuer !== issuer || typeof found.jwks_uri !== 'string')
    throw new IssuerUnavailableError(`${url} is not the metadata of ${issuer}`);
  return found as IssuerMetadata;
}

/** The JSON of an answer with status 200. Throws IssuerUnavailableError. */
export async function askIssuer(
  send: typeof fetch,
  url: string,
  init: RequestInit,
): Promise<object> {
  try {
    const response = await send(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body: unknown = await response.json();
    if (response.status === 200 && typeof body === 'object' && body !== null) return body;
    throw new Error(`it answered with status ${response.status}`);
  } catch (cause) {
    throw new IssuerUnavailableError(`The issuer cannot be asked: ${url}`, cause);
  }
}
