/** Owns whether an access token is good, for APIs of one's own (RFC 9068 section 4, RFC 8725). */
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import type { AccessTokenClaims } from './claims.ts';
import { type Demands, requireAll } from './demands.ts';
import { type Introspect, type IntrospectionOptions, introspection } from './introspection.ts';
import { assertIssuer, type IssuerMetadata, metadataOf } from './issuer-metadata.ts';
import { IssuerUnavailableError, TokenError } from './token-error.ts';

export type VerifierAlgorithm = 'ES256' | 'RS256' | 'EdDSA';

export interface VerifierOptions {
  /** As tokens say it in `iss`, such as `https://id.example.com/t/acme`. */
  readonly issuer: string;
  /** The identifier of your API resource; of several, any. */
  readonly audience: string | readonly string[];
  /** Default: all that the issuer signs access tokens with. */
  readonly algorithms?: readonly VerifierAlgorithm[];
  /** Seconds that clocks may differ, at most 60. Default 30. */
  readonly leeway?: number;
  /** Asks for every token whether it was revoked; needed where the resource's tokens are OPAQUE. */
  readonly introspect?: IntrospectionOptions;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. For tests. */
  readonly now?: () => number;
}

export interface Verifier {
  /**
   * What a good token says. Throws TokenError for any other one, and IssuerUnavailableError when the
   * issuer must be asked and cannot be.
   */
  verify(token: string, demands?: Demands): Promise<AccessTokenClaims>;
}

/** Characters; no signature of anything longer is computed. */
const LONGEST = 16_384;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const ALGORITHMS: readonly VerifierAlgorithm[] = ['ES256', 'RS256', 'EdDSA'];
const REQUIRED = ['iss', 'aud', 'sub', 'client_id', 'exp', 'iat', 'jti'];

/** Throws TypeError on options that cannot work. Nothing is fetched before the first token. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, leeway = 30, now = Date.now, introspect } = options;
  const send = options.fetch ?? ((...request) => fetch(...request));
  assertIssuer(issuer);
  if (!(leeway >= 0 && leeway <= 60)) throw new TypeError('leeway must be 0 to 60 seconds');
  const audiences = [options.audience].flat();
  if (audiences.length === 0 || audiences.some((audience) => !audience))
    throw new TypeError('audience must name your API');
  const metadata = metadataOf(issuer, send);
  const rules = { ...options, leeway, now, audiences };
  const read = reader(rules, metadata, send);
  const ask = introspect && introspection(introspect, metadata, { send, now });

  return {
    async verify(token, demands = {}) {
      const claims = await verified(token);
      requireAll(claims, demands, now());
      return claims;
    },
  };

  async function verified(token: string): Promise<AccessTokenClaims> {
    if (typeof token !== 'string' || token.length > LONGEST) throw refused();
    if (!JWT.test(token)) {
      if (!ask) throw refused();
      return opaque(await active(ask, token), rules);
    }
    const claims = await read(token);
    if (ask) await active(ask, token);
    return claims;
  }
}

interface Rules {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms?: readonly VerifierAlgorithm[];
  readonly leeway: number;
  readonly now: () => number;
}

function reader(
  { issuer, audiences, algorithms = ALGORITHMS, leeway, now }: Rules,
  metadata: () => Promise<IssuerMetadata>,
  send: typeof fetch,
): (token: string) => Promise<AccessTokenClaims> {
  const unknown = algorithms.filter((alg) => !ALGORITHMS.includes(alg));
  if (unknown.length > 0 || algorithms.length === 0)
    throw new TypeError(`algorithms must be of ${ALGORITHMS.join(', ')}`);
  let keys: { readonly uri: string; readonly set: ReturnType<typeof createRemoteJWKSet> } | null =
    null;

  function keysAt(uri: string) {
    if (keys?.uri !== uri) {
      const set = createRemoteJWKSet(new URL(uri), {
        // Keys are published an hour before they sign; a kid that is unknown still is looked for, once.
        cacheMaxAge: 600_000,
        cooldownDuration: 10_000,
        [customFetch]: (url, init) => send(url, init as RequestInit),
      });
      keys = { uri, set };
    }
    return keys.set;
  }

  return async (token) => {
    const { jwks_uri: uri } = await metadata();
    try {
      const { payload } = await jwtVerify(token, keysAt(uri), {
        issuer,
        audience: [...audiences],
        algorithms: [...algorithms],
        // What keeps ID tokens, logout tokens and assertions out.
        typ: 'at+jwt',
        clockTolerance: leeway,
        currentDate: new Date(now()),
        requiredClaims: REQUIRED,
      });
      return good(payload, { leeway, now });
    } catch (error) {
      throw told(error);
    }
  };
}

function good(
  payload: JWTPayload,
  { leeway, now }: Pick<Rules, 'leeway' | 'now'>,
): AccessTokenClaims {
  if ((payload.iat ?? 0) > now() / 1000 + leeway) throw refused('The token is of the future');
  // RFC 9449: whoever has no more than the token has nothing.
  if (payload['cnf'] !== undefined) throw refused('The token is bound to a key');
  return payload as unknown as AccessTokenClaims;
}

async function active(ask: Introspect, token: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask(token);
  if (answer['active'] !== true) throw refused('The token was revoked, or is over');
  return answer;
}

/** Of a token that only the issuer can read. */
function opaque(
  { active: _, ...claims }: Readonly<Record<string, unknown>>,
  rules: Rules,
): AccessTokenClaims {
  const { issuer, audiences, leeway, now } = rules;
  const { iss, aud, exp } = claims;
  const meant = [aud].flat().some((one) => typeof one === 'string' && audiences.includes(one));
  if ((iss !== undefined && iss !== issuer) || !meant)
    throw refused('The token is for another API');
  if (typeof exp !== 'number' || exp + leeway <= now() / 1000) throw refused('The token is over');
  return good({ iss: issuer, ...claims } as JWTPayload, rules);
}

function refused(message = 'This is no access token for this API', cause?: unknown): TokenError {
  return new TokenError('invalid_token', message, { cause });
}

/** What is wrong with the token is the caller's to know; that keys cannot be had is not their fault. */
function told(error: unknown): Error {
  if (error instanceof TokenError || error instanceof IssuerUnavailableError) return error;
  if (error instanceof errors.JWTExpired) return refused('The token is over', error);
  const unreadable =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    !(error instanceof errors.JOSEError) ||
    error.code === 'ERR_JOSE_GENERIC';
  return unreadable
    ? new IssuerUnavailableError('The keys of the issuer cannot be had', error)
    : refused(undefined, error);
}
