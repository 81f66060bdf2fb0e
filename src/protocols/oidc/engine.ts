/**
 * The engine of OAuth: oidc-provider, loaded when it is first needed and made to go by our clock. It
 * reads the host's time in one module of its own; that module is replaced as it is loaded, so that a
 * code or a token is over when every instance agrees that it is (kernel/clock.ts).
 */
import { registerHooks } from 'node:module';
import type * as OidcProvider from 'oidc-provider';
import type { AdapterPayload } from 'oidc-provider';
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

const TIME_MODULE = /\/oidc-provider\/lib\/helpers\/epoch_time\.js$/;
/** Where the replaced module finds our clock: it can import nothing of ours. */
const TIME = Symbol.for('signet.engine-time');

let engine: Promise<Engine> | null = null;
let loaded: Engine | null = null;

export function loadEngine(): Promise<Engine> {
  engine ??= load();
  return engine;
}

async function load(): Promise<Engine> {
  let replaced = false;
  Object.defineProperty(globalThis, TIME, { value: engineTime, configurable: true });
  const hooks = registerHooks({
    load(url, context, next) {
      if (!TIME_MODULE.test(url)) return next(url, context);
      replaced = true;
      const source = `export default (date = globalThis[Symbol.for('signet.engine-time')]()) => Math.floor(date / 1000);`;
      return { format: 'module', shortCircuit: true, source };
    },
  });
  try {
    loaded = await import('oidc-provider');
    if (!replaced) throw new Error('oidc-provider keeps its time somewhere else by now');
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
