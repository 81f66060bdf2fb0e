/** Callers for the access matrix: strangers, and keys with exactly some scopes. */
import { allScopes, tenantScopes } from '#kernel/scopes.ts';
import { anonymous, type Caller, callerOf, operator } from '../kit/as.ts';
import type { House } from '../kit/house.ts';
import type { MadeTenant, Make } from '../kit/make.ts';
import { isOpenTo, type Scopes } from './demands.ts';

export interface Callers {
  /** Every scope that this door has. */
  readonly scopes: readonly string[];
  readonly anonymous: Caller;
  readonly everything: Caller;
  /** A caller with one scope, which opens nothing of what is asked; null when any caller may. */
  irrelevant(demanded: Scopes): Promise<Caller | null>;
  /** Callers that each lack one scope without which it is closed. */
  lacking(demanded: Scopes): Promise<readonly (readonly [string, Caller])[]>;
}

/** At the public doors: API keys of the tenant. */
export function tenantCallers(house: House, make: Make, tenant: MadeTenant): Callers {
  const withScopes = remembered((scopes) => make.apiKey(tenant, scopes));
  return callers(tenantScopes(), anonymous(house), tenant, withScopes);
}

/** At the platform's door, acting in the tenant: API keys of the platform's own tenant. */
export function platformCallers(house: House, make: Make, tenant: MadeTenant): Callers {
  const scopes = allScopes().map(({ name }) => name);
  const withScopes = remembered(async (held) => {
    const key = await make.apiKey(operator(house), held);
    // Without platform:tenants it may not choose a tenant, and acts in the platform's own.
    const chosen = held.includes('platform:tenants') ? tenant.id : undefined;
    return callerOf(house, { secret: key.secret, door: 'platform', tenant: chosen });
  });
  return callers(scopes, anonymous(house, 'platform'), operator(house, tenant.id), withScopes);
}

function callers(
  scopes: readonly string[],
  stranger: Caller,
  everything: Caller,
  withScopes: (scopes: readonly string[]) => Promise<Caller>,
): Callers {
  return {
    scopes,
    anonymous: stranger,
    everything,
    async irrelevant(demanded) {
      const named = new Set(demanded.flat());
      const scope = scopes.find((one) => !named.has(one));
      return scope && !isOpenTo([scope], demanded) ? withScopes([scope]) : null;
    },
    lacking: (demanded) =>
      Promise.all(
        [...new Set(demanded.flat())]
          .map((scope) => [scope, scopes.filter((one) => one !== scope)] as const)
          .filter(([, held]) => !isOpenTo(held, demanded))
          .map(async ([scope, held]) => [scope, await withScopes(held)] as const),
      ),
  };
}

function remembered(
  makeCaller: (scopes: readonly string[]) => Promise<Caller>,
): (scopes: readonly string[]) => Promise<Caller> {
  const made = new Map<string, Promise<Caller>>();
  return (scopes) => {
    const key = scopes.join();
    const known = made.get(key) ?? makeCaller(scopes);
    made.set(key, known);
    return known;
  };
}
