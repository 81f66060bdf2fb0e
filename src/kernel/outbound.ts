/**
 * Owns every request that leaves the process: webhooks, log streams, keys and metadata of others.
 * Their URLs come from tenants, so the client reaches public addresses only, follows no redirect,
 * knows no proxy, and stops at a time and at a size.
 */
import http from 'node:http';
import https from 'node:https';
import type { Config } from '#kernel/config.ts';
import {
  guardedLookup,
  isPublicAddress,
  nameServers,
  OutboundError,
  openLookup,
  type Resolve,
} from '#kernel/outbound-addresses.ts';

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** From the first step to the last byte; default 10 s. */
  readonly timeoutMs?: number;
  /** Name, connection and TLS; default 3 s. */
  readonly connectTimeoutMs?: number;
  /** Largest body that is accepted; default 1 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface OutboundResponse {
  /** Redirects are answers like any other. */
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** As sent: nothing is decompressed. */
  readonly body: Buffer;
}

/** Throws `OutboundError`: refused before anything is sent, or failed on the way. */
export type Outbound = (url: string, request?: OutboundRequest) => Promise<OutboundResponse>;

/** `resolve` is replaced by tests of the guard itself. */
export function guardedOutbound(
  config: Pick<Config, 'outboundPorts' | 'outboundAllow'>,
  resolve: Resolve = nameServers(2000),
): Outbound {
  // Agents of our own: node's global one may be told by NODE_USE_ENV_PROXY to use a proxy. No
  // keep-alive: a socket would outlive the check of its address.
  const agents = {
    'http:': new http.Agent({ keepAlive: false, maxSockets: 32 }),
    'https:': new https.Agent({ keepAlive: false, maxSockets: 32 }),
  };
  const guarded = guardedLookup(resolve);
  return async (text, request = {}) => {
    const { url, open } = destination(text, config);
    refuseHeaders(request.headers ?? {});
    const secure = url.protocol === 'https:';
    return send(secure ? https : http, url, request, {
      agent: agents[secure ? 'https:' : 'http:'],
      lookup: open ? openLookup : guarded,
    });
  };
}

/** Checks all that the URL says by itself; a name's addresses are checked at connect. */
function destination(text: string, config: Pick<Config, 'outboundPorts' | 'outboundAllow'>) {
  // Reads 0x7f.1, 2130706433 and 0177.0.0.1 as the address that they are.
  const url = URL.parse(text);
  if (!url) throw new OutboundError('url', 'not a URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new OutboundError('scheme', 'only http and https');
  }
  if (url.username || url.password) throw new OutboundError('url', 'no user information');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const open = config.outboundAllow.has(`${url.hostname}:${port}`);
  if (!open && !config.outboundPorts.has(port)) {
    throw new OutboundError('port', `port ${port} is not among OUTBOUND_PORTS`);
  }
  const literal = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  // A socket does not look up what is an address already.
  if (!open && /^[\d.]+$|:/.test(literal) && !isPublicAddress(literal)) {
    throw new OutboundError('address', `${literal} is not public`);
  }
  return { url, open };
}

function refuseHeaders(headers: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(headers)) {
    if (OWN_HEADERS.test(name)) throw new OutboundError('header', `${name} is set by the client`);
  }
}

const OWN_HEADERS =
  /^(host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*)$/i;

function send(
  client: typeof http | typeof https,
  url: URL,
  request: OutboundRequest,
  via: Pick<http.RequestOptions, 'agent' | 'lookup'>,
): Promise<OutboundResponse> {
  const { timeoutMs = 10_000, connectTimeoutMs = 3000, maxBytes = 1024 * 1024 } = request;
  return new Promise((settle, reject) => {
    let answered = false;
    const sent = client.request(url, {
      ...via,
      method: request.method ?? 'GET',
      headers: { 'user-agent': 'signet', 'accept-encoding': 'identity', ...request.headers },
    });
    const stop = (error: OutboundError) => {
      sent.destroy(error);
      reject(error);
    };
    const late = (what: string, ms: number) => () =>
      stop(new OutboundError('timeout', `${what} took more than ${ms} ms`));
    const total = setTimeout(late('the request', timeoutMs), timeoutMs);
    const connecting = setTimeout(late('connecting', connectTimeoutMs), connectTimeoutMs);
    const aborted = () => stop(new OutboundError('network', 'aborted by the caller'));
    request.signal?.addEventListener('abort', aborted, { once: true });
    if (request.signal?.aborted) aborted();

    sent.on('socket', (socket) => {
      const ready = url.protocol === 'https:' ? 'secureConnect' : 'connect';
      socket.once(ready, () => clearTimeout(connecting));
    });
    sent.on('error', (error) => reject(asOutbound(error)));
    sent.on('close', () => {
      clearTimeout(total);
      clearTimeout(connecting);
      request.signal?.removeEventListener('abort', aborted);
      // A response may still hand on what has arrived; it speaks for itself.
      if (!answered) reject(new OutboundError('network', 'the connection was closed'));
    });
    sent.on('response', (response) => {
      answered = true;
      collect(response, maxBytes, settle, stop);
    });
    sent.end(request.body);
  });
}

function collect(
  response: http.IncomingMessage,
  maxBytes: number,
  settle: (response: OutboundResponse) => void,
  stop: (error: OutboundError) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size > maxBytes) {
      stop(new OutboundError('too-large', `the answer has more than ${maxBytes} bytes`));
    }
  });
  response.on('error', (error) => stop(asOutbound(error)));
  response.on('end', () =>
    settle({
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: Buffer.concat(chunks),
    }),
  );
}

function asOutbound(error: Error): OutboundError {
  return error instanceof OutboundError
    ? error
    : new OutboundError('network', error.message || 'the connection failed', error);
}
