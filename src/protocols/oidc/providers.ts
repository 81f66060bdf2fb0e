/**
 * The issuers of this process: made when a tenant is first asked for, kept as long as its keys stay
 * the same, and forgotten when too many others are asked for. A tenant at rest costs nothing.
 */
import { LRUCache } from 'lru-cache';
import type { PrivateJwk } from '#features/keys/keys.model.ts';
import type { SigningKeys } from '#features/keys/keys.store.ts';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import type { Context, Services } from '#kernel/context.ts';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { NotFound } from '#kernel/errors.ts';
import { guardedOutbound } from '#kernel/outbound.ts';
import type { TellOfLogout } from './backchannel-logout.ts';
import type { IssuerMeans } from './configuration.ts';
import { type Engine, loadEngine, type Provider } from './engine.ts';
import { fetchThrough } from './outbound-fetch.ts';
import type { Shortcut } from './plain-requests.ts';
import { makeProvider } from './provider.ts';
import type { VerifiedTokens } from './verified-tokens.ts';

export interface Issuer {
  readonly issuer: string;
  readonly url: Readonly<URL>;
  readonly slug: string;
  readonly provider: Provider;
  /** The engine as a handler of node:http. */
  readonly handle: ReturnType<Provider['callback']>;
  readonly tellOfLogout: TellOfLogout;
  /** Past the engine, by the path below the issuer. */
  readonly shortcuts: ReadonlyMap<string, Shortcut>;
}

export interface Issuers {
  /** Of the effective tenant. Throws `NotFound`, `Unavailable`. */
  of(ctx: Context): Promise<Issuer>;
}

interface Made {
  readonly generation: string;
  /** Milliseconds; a tenant that gets a host is another issuer. */
  lookedAt: number;
  /** Being made, for all who wait for it. */
  readonly issuer: Promise<Issuer>;
}

/** The rest of the second is for an answer that is in use. */
const REMEMBERED_MS = 700;

export function issuers(
  { config }: Pick<Services, 'config'>,
  keys: SigningKeys,
  verified: VerifiedTokens,
): Issuers {
  const means = {
    verified,
    fetch: fetchThrough(guardedOutbound(config)),
    nonceSecret: deriveKey(config.masterKey, 'signet dpop nonces of issuers v1'),
  };
  const made = new LRUCache<string, Made>({ max: 500 });

  /** Whether it is made for what the tenant is now, or was less than a second ago. */
  async function isCurrent(ctx: Context, one: Made): Promise<boolean> {
    const now = ctx.clock.ms();
    if (Math.abs(now - one.lookedAt) < REMEMBERED_MS) return true;
    // Whoever comes meanwhile need not ask as well.
    const before = one.lookedAt;
    one.lookedAt = now;
    try {
      const tenant = await ctx.db.until(null, () => getTenant(ctx, ctx.tenantId));
      return (await one.issuer).issuer === tenant?.issuer;
    } catch (error) {
      one.lookedAt = before;
      throw error;
    }
  }

  return {
    async of(ctx) {
      const [engine, set] = await Promise.all([loadEngine(), keys.find(ctx.tenantId)]);
      const known = made.get(ctx.tenantId);
      if (known?.generation === set.generation && (await isCurrent(ctx, known)))
        return known.issuer;
      const issuer = issuerOf(ctx, { engine, keys: set.keys, means });
      const one = { generation: set.generation, lookedAt: ctx.clock.ms(), issuer };
      made.set(ctx.tenantId, one);
      one.issuer.catch(() => made.get(ctx.tenantId) === one && made.delete(ctx.tenantId));
      return one.issuer;
    },
  };
}

async function issuerOf(
  ctx: Context,
  {
    engine,
    keys,
    means,
  }: { readonly engine: Engine; readonly keys: readonly PrivateJwk[]; readonly means: IssuerMeans },
): Promise<Issuer> {
  const tenant = await ctx.db.until(null, () => getTenant(ctx, ctx.tenantId));
  if (!tenant?.issuer) throw new NotFound('Page');
  const { slug, issuer } = tenant;
  const { provider, ...rest } = makeProvider(engine, { slug, issuer, keys }, means);
  const handle = provider.callback();
  return { issuer, url: new URL(issuer), slug, provider, handle, ...rest };
}
