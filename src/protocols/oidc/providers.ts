/**
 * The issuers of this process: made when a tenant is first asked for, kept as long as its keys stay
 * the same, and forgotten when too many others are asked for. A tenant at rest costs nothing.
 */
import { LRUCache } from 'lru-cache';
import type { SigningKeys } from '#features/keys/keys.store.ts';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import type { Context } from '#kernel/context.ts';
import { NotFound } from '#kernel/errors.ts';
import { loadEngine, type Provider } from './engine.ts';
import { makeProvider } from './provider.ts';

export interface Issuer {
  readonly issuer: string;
  readonly url: Readonly<URL>;
  readonly slug: string;
  readonly provider: Provider;
  /** The engine as a handler of node:http. */
  readonly handle: ReturnType<Provider['callback']>;
}

export interface Issuers {
  /** Of the effective tenant. Throws `NotFound`, `Unavailable`. */
  of(ctx: Context): Promise<Issuer>;
}

interface Made extends Issuer {
  readonly generation: string;
}

export function issuers(keys: SigningKeys): Issuers {
  const made = new LRUCache<string, Made>({ max: 500 });

  return {
    async of(ctx) {
      const [engine, set] = await Promise.all([loadEngine(), keys.find(ctx.tenantId)]);
      const known = made.get(ctx.tenantId);
      if (known?.generation === set.generation) return known;
      const tenant = await getTenant(ctx, ctx.tenantId);
      if (!tenant?.issuer) throw new NotFound('Page');
      const { slug, issuer } = tenant;
      const provider = makeProvider(engine, { slug, issuer, keys: set.keys });
      const url = new URL(issuer);
      const one = { issuer, url, slug, provider, handle: provider.callback(), ...set };
      made.set(ctx.tenantId, one);
      return one;
    },
  };
}
