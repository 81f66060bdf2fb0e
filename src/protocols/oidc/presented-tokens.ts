/**
 * Access tokens at the doors of our own API (RFC 9068): those that are for it, presented as they must
 * be. Whether a token still counts (its grant, person, session and client) is asked anew within a
 * second, so that what was ended is refused everywhere within one.
 */
import { LRUCache } from 'lru-cache';
import type { NamedTenant } from '#features/tenants/tenants.store.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Services } from '#kernel/context.ts';
import { Unauthenticated } from '#kernel/errors.ts';
import { dpopProofs, PROOF_ALGS, type Presentation } from './dpop-proofs.ts';
import { metadataOfApi } from './resource-metadata.ts';
import { ownApi } from './resources.ts';
import { actorOf } from './token-actors.ts';
import type { Verified, VerifiedTokens } from './verified-tokens.ts';

export interface PresentedToken {
  readonly actor: Actor;
  readonly tenant: NamedTenant;
}

export interface PresentedTokens {
  /**
   * Throws `Unauthenticated`: not ours, not for our API, forged, over, taken back, or without the
   * proof that it needs. `shown` is null where who was let in is only looked up anew.
   */
  find(token: string, shown: Presentation | null): Promise<PresentedToken>;
}

interface Asked {
  readonly at: number;
  readonly actor: Promise<Actor | null>;
}

const REMEMBERED_MS = 700;
const REFUSED = 'The access token is not ours, over or taken back';

export function presentedTokens(services: Services, verified: VerifiedTokens): PresentedTokens {
  const asked = new LRUCache<string, Asked>({ max: 20_000, ttl: REMEMBERED_MS });
  const proofs = dpopProofs(services);

  /** Others wait for this answer too: it does not end with the request that asked first. */
  function ask(token: string, { digest, tenant, claims }: Verified): Promise<Actor | null> {
    const now = services.clock.ms();
    const known = asked.get(token);
    if (known && now - known.at < REMEMBERED_MS) return known.actor;
    const actor = services.db.until(null, async () => {
      const holder = await services.db.inTenant(tenant.id, () =>
        actorOf(services, tenant.id, claims),
      );
      return holder && { ...holder, credential: digest };
    });
    asked.set(token, { at: now, actor });
    actor.catch(() => asked.delete(token));
    return actor;
  }

  /** Throws unless the token is presented with the key that it is bound to, if it is to one. */
  async function assertHolder(
    token: string,
    { claims, tenant, issuer }: Verified,
    shown: Presentation,
  ): Promise<void> {
    const { jkt } = claims.cnf ?? {};
    const bound = claims.cnf !== undefined;
    if (bound !== (shown.scheme === 'DPoP') || (bound && jkt === undefined))
      throw refused(bound ? 'DPoP' : 'Bearer', 'invalid_token', issuer);
    if (jkt === undefined) return;
    const problem = await proofs.check(token, jkt, shown, tenant.id);
    if (problem) throw refused('DPoP', problem, issuer, { 'dpop-nonce': proofs.nonce() });
  }

  return {
    async find(token, shown) {
      const found = await verified.read(token);
      if (!found || found.claims.aud !== ownApi(found.issuer))
        throw refused(shown?.scheme ?? 'Bearer', 'invalid_token', await verified.issuerIn(token));
      const actor = await ask(token, found);
      if (!actor) throw refused(shown?.scheme ?? 'Bearer', 'invalid_token', found.issuer);
      if (shown) await assertHolder(token, found, shown);
      return { actor, tenant: found.tenant };
    },
  };
}

const SAID: Readonly<Record<string, string>> = {
  invalid_token: REFUSED,
  invalid_dpop_proof: 'The access token needs a DPoP proof of its key, for this request, used once',
  use_dpop_nonce: 'The DPoP proof needs the nonce of the DPoP-Nonce header',
};

/** RFC 6750, 3; RFC 9449, 7.1; RFC 9728, 5.1. */
function refused(
  scheme: Presentation['scheme'],
  error: string,
  issuer: string | null,
  headers: Readonly<Record<string, string>> = {},
): Unauthenticated {
  const parts = [
    `${scheme} realm="signet"`,
    `error="${error}"`,
    ...(scheme === 'DPoP' ? [`algs="${PROOF_ALGS.join(' ')}"`] : []),
    ...(issuer === null ? [] : [`resource_metadata="${metadataOfApi(issuer)}"`]),
  ];
  return new Unauthenticated(SAID[error] ?? REFUSED, {
    'www-authenticate': parts.join(', '),
    ...headers,
  });
}
