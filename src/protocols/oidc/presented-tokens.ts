/**
 * Access tokens at the doors of our own API (RFC 9068). What a token says is verified once and kept as
 * long as it is good; whether it still counts (its grant, person, session and client) is asked anew
 * within a second, so that what was ended is refused everywhere within one.
 */
import { createHash } from 'node:crypto';
import { type CryptoKey, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { SigningKeys } from '#features/keys/keys.store.ts';
import type { HostedTenants, NamedTenant, NamedTenants } from '#features/tenants/tenants.store.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Services } from '#kernel/context.ts';
import { ownApi } from './resources.ts';
import { actorOf, type TokenClaims } from './token-actors.ts';

export interface PresentedToken {
  readonly actor: Actor;
  readonly tenant: NamedTenant;
}

export interface PresentedTokens {
  /** Null: not ours, forged, over or taken back. */
  find(token: string): Promise<PresentedToken | null>;
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

interface Verified {
  readonly claims: TokenClaims;
  readonly tenant: NamedTenant;
  readonly issuer: string;
  readonly kid: string;
}

interface Asked {
  readonly at: number;
  readonly actor: Promise<Actor | null>;
}

/** Characters; ours have about a thousand. */
const LONGEST = 8_192;
const REMEMBERED_MS = 700;
/** Seconds (RFC 9068, 4; security.md E04). */
const LEEWAY = 30;

/** RFC 7515: three parts of base64url. Anything else is another kind of credential. */
export function looksLikeJwt(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text);
}

export function presentedTokens(
  services: Services,
  keys: SigningKeys,
  tenantOf: TenantOfIssuer,
): PresentedTokens {
  const asked = new LRUCache<string, Asked>({ max: 20_000, ttl: REMEMBERED_MS });
  const read = reader(services, keys, tenantOf);

  /** Others wait for this answer too: it does not end with the request that asked first. */
  function ask(name: string, { tenant, claims }: Verified): Promise<Actor | null> {
    const now = services.clock.ms();
    const known = asked.get(name);
    if (known && now - known.at < REMEMBERED_MS) return known.actor;
    const actor = services.db.until(null, () =>
      services.db.inTenant(tenant.id, () => actorOf(services, tenant.id, claims)),
    );
    asked.set(name, { at: now, actor });
    actor.catch(() => asked.delete(name));
    return actor;
  }

  return {
    async find(token) {
      if (token.length > LONGEST || !looksLikeJwt(token)) return null;
      const name = createHash('sha256').update(token).digest('base64url');
      const found = await read(token, name);
      const actor = found && (await ask(name, found));
      return actor ? { actor, tenant: found.tenant } : null;
    },
  };
}

/** Reads a token whose signature it remembers; null for what is wrong with it. */
function reader(services: Services, keys: SigningKeys, tenantOf: TenantOfIssuer) {
  const verified = new LRUCache<string, Verified>({ max: 20_000 });
  const verify = verifier(services, keys, tenantOf);

  return async (token: string, name: string): Promise<Verified | null> => {
    const known = verified.get(name);
    // A key that was retired at once takes its tokens with it, a tenant that was closed too.
    if (known && (await keys.publicKey(known.tenant.id, known.kid))) {
      const tenant = await tenantOf(known.issuer);
      const over = known.claims.exp + LEEWAY <= services.clock.ms() / 1000;
      return tenant && !over ? { ...known, tenant } : null;
    }
    const found = await verify(token).catch((error: unknown) => {
      if (isAboutTheToken(error)) return null;
      throw error;
    });
    if (found) verified.set(name, found);
    return found;
  };
}

function verifier(services: Services, keys: SigningKeys, tenantOf: TenantOfIssuer) {
  const imported = new LRUCache<string, CryptoKey>({ max: 5_000 });

  return async (token: string): Promise<Verified | null> => {
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
      audience: ownApi(iss),
      typ: 'at+jwt',
      algorithms: [jwk.alg],
      currentDate: services.clock.now(),
      clockTolerance: LEEWAY,
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
    });
    // Bound to a key (RFC 9449): whoever has no more than the token has nothing.
    if (payload['cnf'] !== undefined) return null;
    return { claims: payload as unknown as TokenClaims, tenant, kid, issuer: iss };
  };
}

/** jose's own errors have codes that say so; what the database says is another matter. */
function isAboutTheToken(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return error instanceof TypeError || (typeof code === 'string' && code.startsWith('ERR_J'));
}
