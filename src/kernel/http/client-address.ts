/**
 * Owns whose request it is, as the network tells. X-Forwarded-For counts only as far as proxies
 * named in TRUSTED_PROXIES wrote it: it is read from the right, and the first hop that is not such
 * a proxy is the client. Forwarded, X-Real-IP and the like are never read.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Network } from '#kernel/config-values.ts';

export interface Caller {
  /** IPv4 or IPv6 in its canonical text; null when the connection is gone already. */
  readonly address: string | null;
  /** True when the connection comes from a trusted proxy: what it forwards may be believed. */
  readonly viaProxy: boolean;
}

/** Makes the reader for `config.trustedProxies`. */
export function callerReader(trusted: readonly Network[]): (request: IncomingMessage) => Caller {
  const isTrusted = (address: string) => {
    const parsed = ipaddr.parse(address);
    return trusted.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
    );
  };
  // A connection keeps its peer: read once, not once a request.
  const peers = new WeakMap<Socket, Caller>();
  const peerOf = (socket: Socket): Caller => {
    const known = peers.get(socket);
    if (known) return known;
    const address = canonical(socket.remoteAddress ?? '');
    const peer = { address, viaProxy: address !== null && isTrusted(address) };
    peers.set(socket, peer);
    return peer;
  };

  return (request) => {
    const peer = peerOf(request.socket);
    const forwarded = peer.viaProxy ? request.headers['x-forwarded-for'] : undefined;
    if (forwarded === undefined) return peer;
    let address = peer.address;
    for (const hop of String(forwarded).split(',').reverse()) {
      const found = canonical(withoutPort(hop.trim()));
      // Nonsense ends the walk: what a proxy passed on unread is not believed either.
      if (found === null) break;
      address = found;
      if (!isTrusted(found)) break;
    }
    return { address, viaProxy: true };
  };
}

function canonical(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  const [bare = ''] = text.split('%');
  if (!bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return null;
  const address = ipaddr.IPv6.parse(bare);
  return address.isIPv4MappedAddress()
    ? address.toIPv4Address().toString()
    : address.toRFC5952String();
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  const [, inBrackets, plain] = /^\[([^\]]*)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/.exec(hop) ?? [];
  return inBrackets ?? plain ?? hop;
}
