/** Owns one client at one issuer: where everything is, asked for when it is first needed. */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  clockTolerance,
  customFetch,
  discoveryRequest,
  None,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { told } from './sign-in-error.ts';

export interface IssuerOptions {
  /** Such as `https://id.example.com/t/acme`: what `issuer` says of a tenant. */
  readonly issuer: string;
  readonly clientId: string;
  readonly fetch?: typeof fetch;
}

/** What every request to the issuer takes. */
export interface RequestOptions {
  readonly signal: (url: string) => AbortSignal;
  readonly [customFetch]: (url: string, init: object) => Promise<Response>;
  readonly [allowInsecureRequests]: boolean;
}

export interface Connected {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly auth: ClientAuth;
  readonly requests: RequestOptions;
}

/** Seconds: clocks of browsers differ. */
const LEEWAY = 60;
const TIMEOUT_MS = 10_000;

/** Throws TypeError on options that cannot work; the answer throws SignInError, and may be asked again. */
export function connectIssuer(
  { issuer, clientId, fetch: own }: IssuerOptions,
  clientSecret?: string,
): () => Promise<Connected> {
  const url = issuerUrl(issuer);
  if (!clientId) throw new TypeError('clientId is missing');
  const send = own ?? ((...request: Parameters<typeof fetch>) => fetch(...request));
  const requests: RequestOptions = {
    signal: () => AbortSignal.timeout(TIMEOUT_MS),
    [customFetch]: (target, init) => send(target, init as RequestInit),
    [allowInsecureRequests]: url.protocol === 'http:',
  };
  const auth = clientSecret === undefined ? None() : ClientSecretBasic(clientSecret);
  const client: Client = { client_id: clientId, [clockTolerance]: LEEWAY };
  let known: Promise<Connected> | null = null;
  return () => {
    if (known) return known;
    const asked = told(async () => {
      const server = await processDiscoveryResponse(url, await discoveryRequest(url, requests));
      return { server, client, auth, requests };
    });
    known = asked;
    asked.catch(() => {
      known = null;
    });
    return asked;
  };
}

/** Tokens travel over TLS, but on one machine. */
function issuerUrl(issuer: string): URL {
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const local = url && /^(?:localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && local)))
    throw new TypeError('issuer must be an https URL, or http on this machine');
  return url;
}
