/**
 * Owns who calls: the headers that say so. A credential stays in a closure, so it is in no object
 * that can be printed, and no complaint repeats it.
 */

/** One of these, or none: then only what strangers may ask is answered. */
export type Credential =
  | {
      /** An API key, `sgnt_...`. */
      readonly apiKey: string;
      readonly token?: never;
      readonly session?: never;
    }
  | {
      /** An access token, or a function that is asked for one before each attempt. */
      readonly token: string | (() => string | Promise<string>);
      readonly apiKey?: never;
      readonly session?: never;
    }
  | {
      /** In a browser: whoever is signed in there, by the session's cookie. For pages of url's own origin. */
      readonly session: true;
      readonly apiKey?: never;
      readonly token?: never;
    }
  | { readonly apiKey?: never; readonly token?: never; readonly session?: never };

/** The headers of one attempt, made for each anew. */
export type Identify = () => Promise<Readonly<Record<string, string>>>;

/** Throws TypeError on a credential that cannot work. */
export function identify(options: Credential, url: string): Identify {
  const named = NAMES.filter((name) => name in options);
  const given = named.filter((name) => options[name] !== undefined);
  // What was meant to be a credential and is undefined must not become a stranger's call.
  if (given.length > 1 || (named.length > 0 && given.length === 0))
    throw new TypeError(
      `Give one of apiKey, token and session, or none; ${given.length > 1 ? `these are ${given.length}` : `${named[0]} is undefined`}`,
    );
  const { apiKey, token, session } = options;
  if (session !== undefined) {
    assertOwnOrigin(session, url);
    return async () => CSRF;
  }
  const secret = apiKey ?? token;
  if (secret === undefined) return async () => ({});
  if (typeof secret === 'function') return async () => bearer(await secret());
  const headers = bearer(secret);
  return async () => headers;
}

const NAMES = ['apiKey', 'token', 'session'] as const;

/** The server looks at no cookie without it: no other origin can add it. */
const CSRF = { 'x-signet-csrf': '1' };

/** The browser sends the cookie nowhere else, which would look like nobody being signed in. */
function assertOwnOrigin(session: unknown, url: string): void {
  if (session !== true) throw new TypeError('session must be true, or be left out');
  const { location } = globalThis as { readonly location?: { readonly origin?: string } };
  const page = location?.origin;
  if (page?.startsWith('http') && page !== new URL(url).origin)
    throw new TypeError(
      `session works on pages of ${new URL(url).origin} only, and this one is of ${page}`,
    );
}

/** Checked here, since fetch would name the value in its complaint. */
function bearer(secret: unknown): { readonly authorization: string } {
  if (typeof secret !== 'string' || !/^[\x21-\x7e]+$/.test(secret))
    throw new TypeError(
      'apiKey or token must be printable characters without spaces; is there a line break at its end?',
    );
  return { authorization: `Bearer ${secret}` };
}
