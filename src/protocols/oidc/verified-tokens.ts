/**
 * What JWT access tokens of ours say (RFC 9068), for whatever audience: verified once, and remembered as
 * long as it is good. Whether a token still counts is another question (token-actors.ts).
 */
import { hash } from 'node:crypto';
import { type CryptoKey, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { SigningKeys } from '#features/keys/keys.store.ts';
import type { HostedTenants, NamedTenant, NamedTenants } from '#features/tenants/tenants.store.ts';
import type { Services } from '#kernel/context.ts';
import type { TokenClaims } from './token-actors.ts';

export interface Verified {
  readonly claims: TokenClaims;
  readonly tenant: NamedTenant;
  readonly issuer: string;
  readonly kid: string;
  /** Of the whole token; stored nowhere. */
  readonly digest: Buffer;
}

export interface VerifiedTokens {
  /** Null: not ours, forged or over. */
  read(token: string): Promise<Verified | null>;
  /** The issuer that a token names, if it is one of ours, whoever wrote it. */
  issuerIn(token: string): Promise<string | null>;
}

/** The tenant of this issuer; null when there is none. */
export type TenantOfIssuer = (issuer: string) => Promise<NamedTenant | null>;

/** Issuers are below PUBLIC_URL, or hosts of tenants (features/tenants). */
export function tenantOfIssuer(
  publicUrl: string,
  { tenants, hosted }: { readonly tenants: NamedTenants; readonly hosted: HostedTenants },
): TenantOfIssuer {
  const below = `${publicUrl}/t/`;
  const own = 'https://';
  return async (issuer) => {
    if (issuer.startsWith(below)) return tenants.find(issuer.slice(below.length));
    return issuer.startsWith(own) ? hosted.at(issuer.slice(own.length)) : null;
  };
}

/** Characters; ours have about a thousand. */
const LONGEST = 8_192;
/** Seconds (RFC 9068, 4; security.md E04). */
const LEEWAY = 30;

/** RFC 7515: three parts of base64url. Anything else is another kind of credential. */
export function looksLikeJwt(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text);
}

export function verifiedTokens(
  services: Services,
  keys: SigningKeys,
  tenantOf: TenantOfIssuer,
): VerifiedTokens {
  const verified = new LRUCache<string, Verified>({ max: 20_000 });
  const verify = verifier(services, keys, tenantOf);

  async function find(token: string): Promise<Verified | null> {
    const known = verified.get(token);
    // A key that was retired at once takes its tokens with it, a tenant that was closed too.
    if (known && (await keys.publicKey(known.tenant.id, known.kid))) {
      const tenant = await tenantOf(known.issuer);
      const over = known.claims.exp + LEEWAY <= services.clock.ms() / 1000;
      if (over || !tenant) return null;
      return tenant === known.tenant ? known : { ...known, tenant };
    }
    const said = await verify(token).catch((error: unknown) => {
      if (isAboutTheToken(error)) return null;
      throw error;
    });
    const found = said && { ...said, digest: hash('sha256', token, 'buffer') };
    if (found) verified.set(token, found);
    return found;
  }

  return {
    async read(token) {
      if (token.length > LONGEST || !looksLikeJwt(token)) return null;
      return find(token);
    },
    async issuerIn(token) {
      if (token.length > LONGEST) return null;
      const iss = issIn(token);
      return iss !== null && (await tenantOf(iss)) ? iss : null;
    },
  };
}

function verifier(services: Services, keys: SigningKeys, tenantOf: TenantOfIssuer) {
  const imported = new LRUCache<string, CryptoKey>({ max: 5_000 });

  return async (token: string): Promise<Omit<Verified, 'digest'> | null> => {
    const { kid, typ } = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    if (typ !== 'at+jwt' || kid === undefined || iss === undefined) return null;
    const tenant = await tenantOf(iss);
    const jwk = tenant && (await keys.publicKey(tenant.id, kid));
    if (!tenant || !jwk) return null;
    const key = imported.get(kid) ?? ((await importJWK(jwk, jwk.alg)) as CryptoKey);
    // By its thumbprint: whoever has the same kid has the same key.
    imported.set(kid, key);
    const { payload } = await jwtVerify(token, key, {
      issuer: iss,
      typ: 'at+jwt',
      algorithms: [jwk.alg],
      currentDate: services.clock.now(),
      clockTolerance: LEEWAY,
      requiredClaims: ['exp', 'iat', 'jti', 'aud', 'sub', 'client_id'],
    });
    return { claims: payload as unknown as TokenClaims, tenant, kid, issuer: iss };
  };
}

/** jose's own errors have codes that say so; what the database says is another matter. */
function isAboutTheToken(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return error instanceof TypeError || (typeof code === 'string' && code.startsWith('ERR_J'));
}

function issIn(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}
