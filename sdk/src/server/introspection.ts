/** Owns asking the issuer whether a token still counts (RFC 7662): revoked ones are refused at once. */
import { askIssuer, type IssuerMetadata } from './issuer-metadata.ts';
import { IssuerUnavailableError } from './token-error.ts';

export interface IntrospectionOptions {
  /** A client of the issuer with a secret, such as one of type SERVICE. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long an answer may be used again, at most 1000. Default 1000; 0 asks each time. */
  readonly cacheMilliseconds?: number;
}

export type Introspect = (token: string) => Promise<Readonly<Record<string, unknown>>>;

const MOST_REMEMBERED = 10_000;

/** Throws TypeError on options that cannot work. The answer throws IssuerUnavailableError. */
export function introspection(
  { clientId, clientSecret, cacheMilliseconds = 1_000 }: IntrospectionOptions,
  metadata: () => Promise<IssuerMetadata>,
  { send, now }: { readonly send: typeof fetch; readonly now: () => number },
): Introspect {
  if (!(cacheMilliseconds >= 0 && cacheMilliseconds <= 1_000))
    throw new TypeError('introspect.cacheMilliseconds must be 0 to 1000');
  // RFC 6749, 2.3.1
  const basic = btoa([clientId, clientSecret].map(encodeURIComponent).join(':'));
  const known = new Map<string, { readonly at: number; readonly answer: ReturnType<Introspect> }>();

  async function ask(token: string): Promise<Readonly<Record<string, unknown>>> {
    const { introspection_endpoint: url } = await metadata();
    if (url === undefined) throw new IssuerUnavailableError('The issuer introspects no tokens');
    const answer = await askIssuer(send, url, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, accept: 'application/json' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    });
    return answer as Readonly<Record<string, unknown>>;
  }

  return (token) => {
    const found = known.get(token);
    if (found && now() - found.at < cacheMilliseconds) return found.answer;
    const asked = { at: now(), answer: ask(token) };
    known.delete(token);
    known.set(token, asked);
    // The oldest stand first.
    for (const [old, { at }] of known) {
      if (known.size <= MOST_REMEMBERED && now() - at < cacheMilliseconds) break;
      known.delete(old);
    }
    asked.answer.catch(() => {
      if (known.get(token) === asked) known.delete(token);
    });
    return asked.answer;
  };
}
