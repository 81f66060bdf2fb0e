/** A request that nobody means well with, and the refusal that it must get. */

export interface Hostile {
  readonly name: string;
  readonly status: number;
  /** Any of them. */
  readonly code: string | readonly string[];
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is text or bytes. */
  readonly body?: unknown;
}

type Sent = Partial<Pick<Hostile, 'method' | 'path' | 'headers' | 'body'>>;

/** By POST /graphql unless told. */
export function graphql(name: string, status: number, code: Hostile['code'], sent: Sent): Hostile {
  return { name, status, code, method: 'POST', path: '/graphql', headers: {}, ...sent };
}

/** By `verb path`. */
export function rest(
  name: string,
  status: number,
  code: string,
  request: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Hostile {
  const [method = '', path = ''] = request.split(' ');
  return { name, status, code, method, path, headers, ...(body === undefined ? {} : { body }) };
}

export const repeat = (text: string, times: number) => text.repeat(times);

/** `times` texts, joined by spaces. */
export const many = (times: number, text: (n: number) => string) =>
  Array.from({ length: times }, (_, n) => text(n)).join(' ');

export const deepJson = (depth: number) => `${repeat('[', depth)}${repeat(']', depth)}`;
