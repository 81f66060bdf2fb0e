/**
 * Access tokens at the doors of our own API (RFC 9068): those that are for it. Whether a token still
 * counts (its grant, person, session and client) is asked anew within a second, so that what was ended
 * is refused everywhere within one.
 */
import { LRUCache } from 'lru-cache';
import type { NamedTenant } from '#features/tenants/tenants.store.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Services } from '#kernel/context.ts';
import { ownApi } from './resources.ts';
import { actorOf } from './token-actors.ts';
import type { Verified, VerifiedTokens } from './verified-tokens.ts';

export interface PresentedToken {
  readonly actor: Actor;
  readonly tenant: NamedTenant;
}

export interface PresentedTokens {
  /** Null: not ours, not for our API, forged, over or taken back. */
  find(token: string): Promise<PresentedToken | null>;
}

interface Asked {
  readonly at: number;
  readonly actor: Promise<Actor | null>;
}

const REMEMBERED_MS = 700;

export function presentedTokens(services: Services, verified: VerifiedTokens): PresentedTokens {
  const asked = new LRUCache<string, Asked>({ max: 20_000, ttl: REMEMBERED_MS });

  /** Others wait for this answer too: it does not end with the request that asked first. */
  function ask({ name, tenant, claims }: Verified): Promise<Actor | null> {
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
      const found = await verified.read(token);
      if (!found || found.claims.aud !== ownApi(found.issuer)) return null;
      // Bound to a key (RFC 9449): whoever has no more than the token has nothing.
      if (found.claims.cnf !== undefined) return null;
      const actor = await ask(found);
      return actor ? { actor, tenant: found.tenant } : null;
    },
  };
}
