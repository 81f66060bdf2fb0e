/**
 * The engine of OAuth: oidc-provider, loaded when it is first needed. Two modules of its own are
 * replaced as it is loaded: the one that reads the host's time, so that a code or a token is over when
 * every instance agrees that it is (kernel/clock.ts), and the one that refuses to say anything of JWT
 * access tokens, which the engine does not keep and we can tell.
 */
import { registerHooks } from 'node:module';
import type * as OidcProvider from 'oidc-provider';
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { engineTime } from './current.ts';

export type Engine = typeof OidcProvider;
export type Provider = OidcProvider.Provider;

/** What the engine asks of the storage of one of its models; it asks no model for all of it. */
export interface ModelAdapter {
  upsert?(id: string, payload: AdapterPayload, expiresIn: number): Promise<void>;
  find?(id: string): Promise<AdapterPayload | undefined>;
  findByUid?(uid: string): Promise<AdapterPayload | undefined>;
  findByUserCode?(userCode: string): Promise<AdapterPayload | undefined>;
  consume?(id: string): Promise<void>;
  destroy?(id: string): Promise<void>;
}

/** What stands in the way of a request until it is answered. */
type Step = (koa: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>;

const structured = new WeakMap<Provider, Step>();

/** At the endpoints of introspection and revocation, once the client and the parameters are known. */
export function onStructuredTokens(provider: Provider, step: Step): void {
  structured.set(provider, step);
}

/** Modules of the engine that are ours; they can import nothing, so they find it by its symbol. */
const REPLACED = [
  {
    module: /\/oidc-provider\/lib\/helpers\/epoch_time\.js$/,
    symbol: 'signet.engine-time',
    value: engineTime as unknown,
    source: (ours: string) => `export default (date = ${ours}()) => Math.floor(date / 1000);`,
  },
  {
    module: /\/oidc-provider\/lib\/shared\/reject_structured_tokens\.js$/,
    symbol: 'signet.structured-tokens',
    value: (koa: KoaContextWithOIDC, next: () => Promise<void>) =>
      structured.get(koa.oidc.provider)?.(koa, next) ?? next(),
    source: (ours: string) => `export default (ctx, next) => ${ours}(ctx, next);`,
  },
] as const;

/** What the engine's own grants use, and does not hand out: the proofs of RFC 9449. */
export interface GrantHelpers {
  validateDpop(provider: Provider, koa: KoaContextWithOIDC): Promise<Proof | undefined>;
  checkDpopReplay(
    provider: Provider,
    koa: KoaContextWithOIDC,
    proof: Proof | undefined,
    clientId: string,
  ): Promise<void>;
  checkDpopRequired(provider: Provider, koa: KoaContextWithOIDC, proof: Proof | undefined): void;
}

interface Proof {
  readonly thumbprint: string;
}

export async function grantHelpers(): Promise<GrantHelpers> {
  await loadEngine();
  const module: string = 'oidc-provider/lib/helpers/grants.js';
  return import(module);
}

let engine: Promise<Engine> | null = null;
let loaded: Engine | null = null;

export function loadEngine(): Promise<Engine> {
  engine ??= load();
  return engine;
}

async function load(): Promise<Engine> {
  const replaced = new Set<string>();
  for (const { symbol, value } of REPLACED)
    Object.defineProperty(globalThis, Symbol.for(symbol), { value, configurable: true });
  const hooks = registerHooks({
    load(url, context, next) {
      const ours = REPLACED.find(({ module }) => module.test(url));
      if (!ours) return next(url, context);
      replaced.add(ours.symbol);
      const source = ours.source(`globalThis[Symbol.for('${ours.symbol}')]`);
      return { format: 'module', shortCircuit: true, source };
    },
  });
  try {
    loaded = await import('oidc-provider');
    if (replaced.size < REPLACED.length)
      throw new Error('oidc-provider keeps its time or its tokens somewhere else by now');
    return loaded;
  } finally {
    hooks.deregister();
  }
}

/** What the engine is about, while it runs: `authorization`, `token`, ... */
export function routeOf(): string | undefined {
  return loaded?.Provider.ctx?.oidc.route;
}

/** What it was asked for, as it reads it. */
export function paramsOf(): Readonly<Record<string, unknown>> | undefined {
  return loaded?.Provider.ctx?.oidc.params;
}

/** What the engine has found out about the request that it works on. */
export function entitiesOf() {
  return loaded?.Provider.ctx?.oidc.entities;
}
