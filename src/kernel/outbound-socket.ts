/**
 * Plain connections to a host that the operator named, for protocols other than http. The same
 * guard: public addresses only, and the address that was checked is the one that is connected to.
 */
import net from 'node:net';
import {
  guardedLookup,
  isPublicAddress,
  nameServers,
  OutboundError,
  openLookup,
  type Resolve,
} from '#kernel/outbound-addresses.ts';

export interface ConnectTarget {
  /** A name, or an address as a URL spells it. */
  readonly host: string;
  readonly port: number;
  /** Whether the operator allowed this very host and port, private or not. */
  readonly isOpen: boolean;
  /** Name and connection. */
  readonly timeoutMs: number;
}

/** Throws `OutboundError`. */
export type Connect = (target: ConnectTarget) => Promise<net.Socket>;

/** `resolve` is replaced by tests of the guard itself. */
export function guardedConnect(resolve: Resolve = nameServers(2000)): Connect {
  const guarded = guardedLookup(resolve);
  return ({ host: spelled, port, isOpen, timeoutMs }) =>
    new Promise((settle, reject) => {
      const host = spelled.startsWith('[') ? spelled.slice(1, -1) : spelled;
      // A socket does not look up what is an address already.
      if (!isOpen && net.isIP(host) && !isPublicAddress(host)) {
        reject(new OutboundError('address', `${host} is not public`));
        return;
      }
      const socket = net.connect({ host, port, lookup: isOpen ? openLookup : guarded });
      const late = setTimeout(
        () => socket.destroy(new OutboundError('timeout', `connecting took ${timeoutMs} ms`)),
        timeoutMs,
      );
      const failed = (error: NodeJS.ErrnoException) => {
        clearTimeout(late);
        const why = error.message || error.code || 'the connection failed';
        reject(error instanceof OutboundError ? error : new OutboundError('network', why, error));
      };
      socket.once('error', failed);
      socket.once('connect', () => {
        clearTimeout(late);
        socket.off('error', failed);
        settle(socket);
      });
    });
}
