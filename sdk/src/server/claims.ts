/** Owns what an access token says (RFC 9068): docs/guides/claims.md tells what each claim means. */

export interface AccessTokenClaims {
  readonly iss: string;
  /** The person, or the client itself where it calls by itself. */
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly client_id: string;
  readonly jti: string;
  /** Seconds since the epoch, like all times here. */
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number;
  /** Separated by spaces; `scopesOf` splits them. */
  readonly scope?: string;
  /** The tenant. */
  readonly tid?: string;
  /** The person; absent where a client calls by itself. */
  readonly oid?: string;
  readonly name?: string;
  readonly preferred_username?: string;
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  /** `pwd` or `mfa`. */
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly auth_time?: number;
  readonly sid?: string;
  /** Who acts for the person (RFC 8693). */
  readonly act?: { readonly sub?: string };
  readonly [claim: string]: unknown;
}

export function scopesOf({ scope }: Pick<AccessTokenClaims, 'scope'>): readonly string[] {
  return scope?.split(' ').filter(Boolean) ?? [];
}
