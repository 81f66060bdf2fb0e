/**
 * The issuers of this process: made when a tenant is first asked for, kept as long as its keys stay
 * the same, and forgotten when too many others are asked for. A tenant at rest costs nothing.
 */
import { LRUCache } from 'lru-cache';
import type { SigningKeys } from '#features/keys/keys.store.ts';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import type { Context, Services } from '#kernel/context.ts';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { NotFound } from '#kernel/errors.ts';
import { guardedOutbound } from '#kernel/outbound.ts';
import type { TellOfLogout } from './backchannel-logout.ts';
import { loadEngine, type Provider } from './engine.ts';
import { fetchThrough } from './outbound-fetch.ts';
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
}

export interface Issuers {
  /** Of the effective tenant. Throws `NotFound`, `Unavailable`. */
  of(ctx: Context): Promise<Issuer>;
}

interface Made extends Issuer {
  readonly generation: string;
}

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

  return {
    async of(ctx) {
      const [engine, set] = await Promise.all([loadEngine(), keys.find(ctx.tenantId)]);
      const known = made.get(ctx.tenantId);
      if (known?.generation === set.generation) return known;
      const tenant = await getTenant(ctx, ctx.tenantId);
      if (!tenant?.issuer) throw new NotFound('Page');
      const { slug, issuer } = tenant;
      const settings = { slug, issuer, keys: set.keys };
      const { provider, tellOfLogout } = makeProvider(engine, settings, means);
      const handle = provider.callback();
      const one = { issuer, url: new URL(issuer), slug, provider, handle, tellOfLogout, ...set };
      made.set(ctx.tenantId, one);
      return one;
    },
  };
}
