/**
 * Owns which addresses of the network our own requests may reach: public unicast, nothing else.
 * Names are resolved here and the answer that was checked is the one that is connected to, so a
 * name that changes its mind in between (DNS rebinding) gains nothing.
 */
import { lookup as systemLookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export type RefusedBecause = 'url' | 'scheme' | 'port' | 'address' | 'name' | 'header';
export type FailedBecause = 'timeout' | 'too-large' | 'network';

/** The request was not sent, or did not end well. `reason` is stable; the message is for logs. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly reason: RefusedBecause | FailedBecause;
  constructor(reason: RefusedBecause | FailedBecause, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

/** Every address of a name, IPv4 and IPv6. */
export type Resolve = (hostname: string) => Promise<string[]>;

/** False for anything but public unicast, and for what cannot be read as an address. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv4') return address.toString() !== AZURE_WIRE_SERVER;
  // Global unicast is 2000::/3 (RFC 4291); IPv4-compatible and unassigned space lies outside.
  return address.match(GLOBAL_UNICAST);
}

/** A `lookup` for sockets that answers public addresses only; one other among them refuses all. */
export function guardedLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    const answer = async () => {
      const addresses = await resolve(hostname);
      const refused = addresses.find((address) => !isPublicAddress(address));
      if (refused !== undefined) {
        throw new OutboundError('address', `${hostname} is at ${refused}, which is not public`);
      }
      const wanted = options.family === 4 || options.family === 6 ? options.family : null;
      const usable = addresses
        .map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
        .filter(({ family }) => wanted === null || family === wanted);
      const [first] = usable;
      if (!first) throw new OutboundError('name', `${hostname} has no address`);
      return { first, usable };
    };
    answer().then(
      ({ first, usable }) => {
        if (options.all) callback(null, usable);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}

/** For hosts on the allow list: the system's own resolution, `/etc/hosts` included, unchecked. */
export const openLookup: LookupFunction = (hostname, options, callback) =>
  systemLookup(hostname, { ...options, all: options.all ?? false }, callback as never);

/**
 * Asks the name servers directly: the system's resolver blocks a thread of the pool that hashes
 * passwords, and cannot be told to give up.
 */
export function nameServers(timeoutMs: number): Resolve {
  return async (hostname) => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    const answers = await Promise.allSettled([
      resolver.resolve4(hostname),
      resolver.resolve6(hostname),
    ]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
}

const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');
/** Public by its number, the host's own metadata service on Azure. */
const AZURE_WIRE_SERVER = '168.63.129.16';
