/**
 * Owns one attempt over HTTP, and the credential: it stays in a closure, so it is in no object that
 * can be printed, and no complaint repeats it.
 */
import { connectionLost } from './answer.ts';
import type { RetryOptions } from './retry.ts';

export type ClientOptions = Connection & Credential;

interface Connection {
  /** The GraphQL door, such as `https://id.example.com/graphql`. An origin alone means its `/graphql`. */
  readonly url: string | URL;
  /** For the platform's door (`/internal/graphql`) only: id of the tenant to act in. */
  readonly tenant?: string;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  readonly retry?: RetryOptions;
}

type Credential =
  | {
      /** An API key, `sgnt_...`. */
      readonly apiKey: string;
      readonly token?: never;
    }
  | {
      /** An access token, or a function that is asked for one before each attempt. */
      readonly token: string | (() => string | Promise<string>);
      readonly apiKey?: never;
    };

/** Sends a JSON body. Throws RequestError NETWORK_ERROR when no answer begins. */
export type Post = (
  body: object,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
) => Promise<Response>;

export function connect(options: ClientOptions): Post {
  const url = endpoint(options.url);
  const authorization = bearer(options);
  const { fetch: send = (...call) => globalThis.fetch(...call), tenant } = options;

  return async (body, more, signal) => {
    const headers = new Headers({
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      authorization: await authorization(),
      ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
      ...more,
    });
    const init: RequestInit = {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      // Following one would lose the body, or carry the credential elsewhere.
      redirect: 'manual',
    };
    try {
      return await send(url, signal ? { ...init, signal } : init);
    } catch (cause) {
      throw connectionLost(cause);
    }
  };
}

function endpoint(given: string | URL): string {
  const url = URL.canParse(String(given)) ? new URL(given) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError('url must be an absolute http or https URL');
  if (url.username || url.password)
    throw new TypeError('url must hold no user name or password; give apiKey or token');
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

/** The value of the Authorization header, for each attempt anew. */
function bearer({ apiKey, token }: Credential): () => Promise<string> {
  if ((apiKey === undefined) === (token === undefined))
    throw new TypeError('Give either apiKey or token');
  const given = apiKey ?? token;
  if (typeof given === 'function') return async () => header(await given());
  const value = header(given);
  return async () => value;
}

/** Checked here, since fetch would name the value in its complaint. */
function header(credential: unknown): string {
  if (typeof credential !== 'string' || !/^[\x21-\x7e]+$/.test(credential))
    throw new TypeError(
      'apiKey or token must be printable characters without spaces; is there a line break at its end?',
    );
  return `Bearer ${credential}`;
}
