/**
 * Owns how one value of the environment is read. Each kind is a zod shape from text, with one
 * sentence that says what to do; no sentence repeats the value, which may be a secret.
 */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** A network as ipaddr.js holds it: an address and the number of its leading bits. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

export const text = z.string();

/** A port to listen on; 0 takes any that is free. */
export const port = wholeNumber(0, 65_535, 'must be a port between 0 (any free one) and 65535');

export function count(least: number, most: number) {
  return wholeNumber(least, most, `must be a whole number between ${least} and ${most}`);
}

export function choice<const T extends string>(values: readonly T[]) {
  return read(
    (value) => values.find((one) => one === value),
    `must be one of: ${values.join(', ')}`,
  );
}

/** A comma-separated subset, at least one. */
export function flagList<const T extends string>(values: readonly T[]) {
  return read(
    (value): ReadonlySet<T> | undefined => {
      const chosen = list(value, (item) => values.find((one) => one === item));
      return chosen && chosen.length > 0 ? new Set(chosen) : undefined;
    },
    `must name one or more of: ${values.join(', ')} (separated by commas)`,
  );
}

/** Printable ASCII, because it travels in a header. */
export function secretText(least: number) {
  return read(
    (value) => (value.length >= least && /^[!-~]+$/.test(value) ? value : undefined),
    `must have ${least} or more characters, printable ASCII without spaces`,
  );
}

/** `pattern` must span the whole value. */
export function matching(pattern: RegExp, rule: string) {
  return read((value) => (pattern.test(value) ? value : undefined), rule);
}

export const key32 = read(keyBytes, 'must be 32 bytes, as base64 or as 64 hex digits');

export const keys32 = read(
  (value) => list(value, keyBytes),
  'must be keys of 32 bytes each (base64 or 64 hex digits), separated by commas',
);

export const origin = read(
  originOf,
  'must be an origin such as https://id.example.com, without a path',
);

export const origins = read(
  (value) => list(value, originOf),
  'must be origins such as https://app.example.com, separated by commas, without paths',
);

export const postgresUrl = read((value) => {
  const url = URL.parse(value);
  return url && /^postgres(ql)?:$/.test(url.protocol) && url.hostname ? value : undefined;
}, 'must be a URL like postgres://user:password@host:5432/database');

export const networks = read(
  (value) => list(value, networkOf),
  'must be addresses or CIDR ranges such as 10.0.0.0/8, separated by commas',
);

export const ports = read((value) => {
  const found = list(value, (item) => port.safeParse(item).data || undefined);
  return found && new Set(found);
}, 'must be ports between 1 and 65535, separated by commas');

export const hostPorts = read((value) => {
  const found = list(value, hostPort);
  return found && new Set(found);
}, 'must be host:port pairs such as localhost:8080, separated by commas');

/** A kind of value of its own: `parse` answers undefined for what breaks the rule. */
export function read<T>(parse: (value: string) => T | undefined, rule: string) {
  return z.string().transform((value, context) => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });
}

function wholeNumber(least: number, most: number, rule: string) {
  return read((value) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    return number >= least && number <= most ? number : undefined;
  }, rule);
}

function list<T>(value: string, parse: (item: string) => T | undefined): T[] | undefined {
  const items: T[] = [];
  for (const item of value.split(',')) {
    if (item.trim() === '') continue;
    const parsed = parse(item.trim());
    if (parsed === undefined) return undefined;
    items.push(parsed);
  }
  return items;
}

function keyBytes(value: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(value)) return Buffer.from(value, 'hex');
  return /^[\w+/-]{43}=?$/.test(value) ? Buffer.from(value, 'base64') : undefined;
}

function originOf(value: string): string | undefined {
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  return url.href === `${url.origin}/` && !value.includes('?') ? url.origin : undefined;
}

function networkOf(value: string): Network | undefined {
  const [address = '', bits] = value.split('/');
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) {
    return undefined;
  }
  const parsed = ipaddr.parse(address);
  const most = parsed.kind() === 'ipv4' ? 32 : 128;
  const length = bits === undefined ? most : Number(/^\d{1,3}$/.test(bits) ? bits : Number.NaN);
  return length <= most ? [parsed, length] : undefined;
}

function hostPort(value: string): string | undefined {
  const url = URL.parse(`http://${value}`);
  if (url?.pathname !== '/' || url.username || url.search || url.hash) return undefined;
  return /:\d+$/.test(value) ? `${url.hostname}:${url.port || '80'}` : undefined;
}
