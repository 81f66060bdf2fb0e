/** A client whose fetch answers as it is told, under fake timers. */
import { vi } from 'vitest';
import { type Client, type ClientOptions, createClient } from '../../sdk/generated/sdk.ts';

export const SECRET = 'sgnt_secret_that_no_one_may_see';
export const VARIABLES = { input: { email: 'ada@example.com' } };

export interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

type Reply = Response | Error | ((signal: AbortSignal | null | undefined) => Promise<Response>);

export function clientOf(
  replies: Reply[],
  options: Partial<ClientOptions> = {},
): { readonly client: Client; readonly sent: readonly Sent[] } {
  const sent: Sent[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    sent.push({ url: String(url), headers, body: JSON.parse(String(init?.body)) as Sent['body'] });
    const reply = replies.shift();
    if (!reply) throw new Error('no reply is left');
    if (reply instanceof Error) throw reply;
    return typeof reply === 'function' ? reply(init?.signal) : reply;
  };
  const credential = { url: 'https://id.example.com', apiKey: SECRET };
  return { client: createClient({ ...credential, ...options, fetch } as ClientOptions), sent };
}

export function json(body: object, status = 200, headers: Record<string, string> = {}): Response {
  const all = { 'content-type': 'application/graphql-response+json', 'x-request-id': 'r-1' };
  return new Response(JSON.stringify(body), { status, headers: { ...all, ...headers } });
}

export function failure(code: string, status: number, more: object = {}): Response {
  const errors = [{ message: `It is ${code}`, extensions: { code, ...more } }];
  return json({ errors }, status);
}

/** What fetch throws when nobody listens. */
export const lost = () => new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });

/**
 * Lets its waits pass; answers what the call answered, and how long it took. One timer after the
 * other, until the call is over: others in this process may set theirs for ever.
 */
export async function settle<T>(call: Promise<T>): Promise<{ value: T | unknown; waited: number }> {
  const start = Date.now();
  let over = false;
  const done = call
    .catch((error: unknown) => error)
    .finally(() => {
      over = true;
    });
  while (!over) await vi.advanceTimersToNextTimerAsync();
  return { value: await done, waited: Date.now() - start };
}
