/**
 * What the graph adds to access: whose an object is, and what the access plugin leaves at a field. A
 * declaration is enforced three times: over the whole document before any resolver runs, at each
 * field, and on each object that a field returns.
 */
import type { Access } from '#kernel/access.ts';
import type { Context } from '#kernel/context.ts';

/**
 * `tenant` names the property that holds the owning tenant's id. `orScope`: a platform scope whose
 * holder may see it from the platform's own tenant (only for what the platform itself lists).
 */
export type Tenancy = 'global' | { readonly tenant: string; readonly orScope?: string };

/** What the access plugin leaves in a field's extensions, for the preflight and the catalogues. */
export interface FieldAccess {
  /** The field's own demand, then those of the type that it returns. */
  readonly all: readonly Access[];
  /** The command behind a mutation field. */
  readonly command?: string;
}

/** Whether an object belongs to the one effective tenant. A property that was not read fails closed. */
export function isVisible(tenancy: Tenancy, object: unknown, ctx: Context): boolean {
  if (tenancy === 'global') return true;
  const owner = (object as Record<string, unknown>)[tenancy.tenant];
  if (owner === ctx.tenantId) return true;
  return (
    tenancy.orScope !== undefined &&
    ctx.door === 'platform' &&
    typeof owner === 'string' &&
    ctx.actor.scopes.has(tenancy.orScope)
  );
}
