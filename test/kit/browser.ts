/**
 * A browser without scripts: keeps cookies, follows forms. What it sends is what a person's would;
 * `always` goes with every request.
 */
import type { Instance } from './house.ts';
import { send, type WireAnswer } from './wire.ts';

type Fields = Readonly<Record<string, string>>;

export interface Page extends WireAnswer {
  /** The text of the notice, if there is one. */
  readonly notice: string | null;
  /** Where a 303 leads. */
  readonly location: string | null;
}

export interface Browser {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Fields): Promise<Page>;
  /** Sends a form with the token that our pages gave this browser. */
  post(path: string, fields: Fields, headers?: Fields): Promise<Page>;
  /** A call of our own scripts: the cookies, and the header that no other origin can add. */
  gql<T>(
    document: string,
    variables?: object,
    headers?: Fields,
  ): Promise<{ status: number; data: T; code: string | undefined }>;
  /** What scripts of our pages have: the cookies go along, and are kept. */
  readonly fetch: typeof globalThis.fetch;
  /** The same person at another instance. */
  at(instance: Instance): Browser;
}

export function browser(
  house: Instance,
  cookies = new Map<string, string>(),
  formToken = '',
  always: Fields = {},
): Browser {
  let token = formToken;

  async function ask(
    method: string,
    path: string,
    headers: Fields,
    body: string | null,
  ): Promise<Page> {
    const cookie = cookieHeader();
    const answer = await send(house.url, {
      method,
      path,
      headers: { ...(cookie ? { cookie } : {}), ...always, ...headers },
      body,
    });
    keep(answer.headers['set-cookie']);
    token = /name="form" value="([^"]+)"/.exec(answer.text)?.[1] ?? token;
    const notice = /class="notice[^>]*>([^<]*)</.exec(answer.text)?.[1] ?? null;
    return { ...answer, notice, location: String(answer.headers['location'] ?? '') || null };
  }

  function cookieHeader(): string {
    return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  function keep(lines: string | string[] | undefined): void {
    for (const line of [lines ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
  }

  return {
    cookies,
    get: (path, headers = {}) => ask('GET', path, headers, null),
    post: (path, fields, headers = {}) =>
      ask(
        'POST',
        path,
        { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        new URLSearchParams({ form: token, ...fields }).toString(),
      ),
    async gql(query, variables, headers = {}) {
      const own = { 'content-type': 'application/json', 'x-signet-csrf': '1', ...headers };
      const { status, text } = await ask(
        'POST',
        '/graphql',
        own,
        JSON.stringify({ query, variables }),
      );
      const { data, errors } = JSON.parse(text);
      return { status, data, code: errors?.[0]?.extensions?.code };
    },
    async fetch(url, init) {
      const headers = new Headers(init?.headers);
      if (cookies.size > 0) headers.set('cookie', cookieHeader());
      const answer = await globalThis.fetch(url, { ...init, headers });
      keep(answer.headers.getSetCookie());
      return answer;
    },
    at: (instance) => browser(instance, cookies, token, always),
  };
}
