/**
 * Requests as programs send them by the thousand: a small form, by a client that says its secret. They
 * are answered from the engine's own models, without the long way through its middlewares. Whatever is
 * asked otherwise, and whoever is refused, is left to the engine, which reads the request as it came.
 */
import type { IncomingMessage } from 'node:http';
import type { Client } from 'oidc-provider';
import { readBody } from '#kernel/http/read-body.ts';
import type { Provider } from './engine.ts';

/** The answer; null where the engine gives it. */
export type Shortcut = (request: IncomingMessage) => Promise<object | null>;

export interface PlainRequest {
  /** Authenticated. */
  readonly client: Client;
  readonly fields: ReadonlyMap<string, string>;
}

/** Bytes. Larger forms are the engine's to refuse. */
const LARGEST = 16_384;

/** Null unless it has no other fields than these, and answers no other question. */
export async function plainRequest(
  provider: Provider,
  request: IncomingMessage,
  names: ReadonlySet<string>,
): Promise<PlainRequest | null> {
  const client = isPlain(request) ? await authenticated(provider, request) : null;
  if (!client) return null;
  const bytes = await readBody(request, { maxBytes: LARGEST });
  // Whoever finds that it is not plain after all leaves it to the engine.
  Object.defineProperties(request, {
    readable: { value: true },
    iterator: { value: () => [bytes] },
  });
  const fields = fieldsOf(bytes.toString('latin1'), names);
  return fields && { client, fields };
}

function isPlain({ method, headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length']);
  const form = method === 'POST' && headers['content-type'] === 'application/x-www-form-urlencoded';
  return form && length > 0 && length <= LARGEST && !NOT_PLAIN.some((name) => name in headers);
}

/** Scripts of other origins, proofs, and other ways to say who one is. */
const NOT_PLAIN = ['origin', 'dpop', 'oauth-client-attestation', 'oauth-client-attestation-pop'];

/** RFC 6749, 2.3.1. Null for who does not authenticate so. */
async function authenticated(
  { Client }: Provider,
  { headers }: IncomingMessage,
): Promise<Client | null> {
  const [, text] = /^Basic ([\w+/]+={0,2})$/.exec(headers.authorization ?? '') ?? [];
  const [, id, secret] = SECRET.exec(Buffer.from(text ?? '', 'base64').toString('latin1')) ?? [];
  if (!id || !secret) return null;
  const client = await Client.find(decodeURIComponent(id));
  if (!client?.clientAuthMethod?.startsWith('client_secret_')) return null;
  return (await client.compareClientSecret(decodeURIComponent(secret))) ? client : null;
}

/** What needs no second look, and its escapes (RFC 3986, 2.3). */
const PLAIN = '(?:[\\w.~-]|%[2-7][\\da-fA-F])';
const SECRET = new RegExp(`^(${PLAIN}+):(${PLAIN}+)$`);
const FIELD = new RegExp(`^(\\w+)=((?:${PLAIN}|\\+)+)$`);

function fieldsOf(form: string, names: ReadonlySet<string>): Map<string, string> | null {
  const fields = new Map<string, string>();
  for (const pair of form.split('&')) {
    const [, name, value] = FIELD.exec(pair) ?? [];
    if (!name || !value || !names.has(name) || fields.has(name)) return null;
    fields.set(name, decodeURIComponent(value.replaceAll('+', ' ')));
  }
  return fields;
}
