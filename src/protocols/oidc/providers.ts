/**
 * The issuers of this process: made when a tenant is first asked for, kept as long as its keys stay
 * the same, and forgotten when too many others are asked for. A tenant at rest costs nothing.
 */
import { LRUCache } from 'lru-cache';
import type { PrivateJwk } from '#features/keys/keys.model.ts';
import type { SigningKeys } from '#features/keys/keys.store.ts';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import type { Context } from '#kernel/context.ts';
import { NotFound } from '#kernel/errors.ts';
import { type Engine, loadEngine, type Provider } from './engine.ts';
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

interface Made {
  readonly generation: string;
  /** Being made, for all who wait for it. */
  readonly issuer: Promise<Issuer>;
}

export function issuers(keys: SigningKeys): Issuers {
  const made = new LRUCache<string, Made>({ max: 500 });

  return {
    async of(ctx) {
      const [engine, set] = await Promise.all([loadEngine(), keys.find(ctx.tenantId)]);
      const known = made.get(ctx.tenantId);
      if (known?.generation === set.generation) return known.issuer;
      const one = { generation: set.generation, issuer: issuerOf(ctx, engine, set.keys) };
      made.set(ctx.tenantId, one);
      one.issuer.catch(() => made.get(ctx.tenantId) === one && made.delete(ctx.tenantId));
      return one.issuer;
    },
  };
}

async function issuerOf(
  ctx: Context,
  engine: Engine,
  keys: readonly PrivateJwk[],
): Promise<Issuer> {
  const tenant = await ctx.db.until(null, () => getTenant(ctx, ctx.tenantId));
  if (!tenant?.issuer) throw new NotFound('Page');
  const { slug, issuer } = tenant;
  const provider = makeProvider(engine, { slug, issuer, keys });
  return { issuer, url: new URL(issuer), slug, provider, handle: provider.callback() };
}
