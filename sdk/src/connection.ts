/** Owns one attempt over HTTP. */
import { connectionLost } from './answer.ts';
import { type Credential, identify } from './credential.ts';
import type { RetryOptions } from './retry.ts';

export type ClientOptions = Connection & Credential;

interface Connection {
  /** The GraphQL door, such as `https://id.example.com/graphql`. An origin alone means its `/graphql`. */
  readonly url: string | URL;
  /**
   * With `session`: id or slug of the tenant whose session is meant, since a browser may be signed in
   * at several. At the platform's door (`/internal/graphql`): id of the tenant to act in.
   */
  readonly tenant?: string;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  readonly retry?: RetryOptions;
}

/** Sends a JSON body. Throws RequestError NETWORK_ERROR when no answer begins. */
export type Post = (
  body: object,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
) => Promise<Response>;

/** Asks a REST route of the same door, such as `audit-events/export`. Throws as `Post` does. */
export type Get = (path: string, signal: AbortSignal | undefined) => Promise<Response>;

/** Throws TypeError, at the first call, where the door's path does not end in `/graphql`. */
export function connectRest(options: ClientOptions): Get {
  const url = endpoint(options.url);
  const credential = identify(options, url);
  const { fetch: send = (...call) => globalThis.fetch(...call), tenant } = options;
  return async (path, signal) => {
    if (!url.endsWith('/graphql'))
      throw new TypeError('url must end in /graphql, so that /v1 is known to stand beside it');
    const headers = new Headers({
      ...(await credential()),
      ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
    });
    const init: RequestInit = { headers, redirect: 'manual' };
    try {
      const route = `${url.slice(0, -'graphql'.length)}v1/${path}`;
      return await send(route, signal ? { ...init, signal } : init);
    } catch (cause) {
      throw connectionLost(cause);
    }
  };
}

export function connect(options: ClientOptions): Post {
  const url = endpoint(options.url);
  const credential = identify(options, url);
  const { fetch: send = (...call) => globalThis.fetch(...call), tenant } = options;

  const post: Post = async (body, more, signal) => {
    const headers = new Headers({
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      ...(await credential()),
      ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
      ...more,
    });
    const init: RequestInit = {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      // Following one would lose the body, or carry the credential elsewhere. Nothing is said of
      // cookies: they go to their own origin untold, and some workers know no such option.
      redirect: 'manual',
    };
    try {
      return await send(url, signal ? { ...init, signal } : init);
    } catch (cause) {
      throw connectionLost(cause);
    }
  };
  return options.session ? afterEnd(post) : post;
}

/**
 * A cookie whose session has ended is refused, and the answer has the browser forget it: what is
 * asked once more is asked as nobody, who may sign in. Whoever may not is refused as at first.
 */
function afterEnd(post: Post): Post {
  return async (...call) => {
    const first = await post(...call);
    if (first.status !== 401) return first;
    const second = await post(...call);
    const [answer, other] = second.status === 401 ? [first, second] : [second, first];
    await other.body?.cancel();
    return answer;
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
