/**
 * What a field and a type demand of the caller. One declaration is printed into the SDL and enforced
 * three times: over the whole document before any resolver runs, at each field, and on each object
 * that a field returns.
 */
import type { Context } from '#kernel/context.ts';
import { type DomainError, Forbidden, Unauthenticated } from '#kernel/errors.ts';

/** `scopes`: any one of the groups, of which every scope. */
export type Access =
  | 'public'
  | 'authenticated'
  | { readonly scopes: readonly (readonly string[])[] };

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

/** Null when the caller may; otherwise what to answer. `where` is a coordinate such as `User.email`. */
export function refusal(
  access: Access,
  ctx: Pick<Context, 'actor'>,
  where: string,
): DomainError | null {
  if (access === 'public') return null;
  if (ctx.actor.kind === 'anonymous') return new Unauthenticated();
  if (access === 'authenticated') return null;
  if (access.scopes.some((group) => group.every((scope) => ctx.actor.scopes.has(scope))))
    return null;
  return new Forbidden(`${where} needs the scope ${describeScopes(access.scopes)}`);
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

const together = new Intl.ListFormat('en', { type: 'conjunction' });

export function describeScopes(scopes: readonly (readonly string[])[]): string {
  return scopes.map((group) => together.format(group)).join(', or ');
}

/** A sentence for people; empty when nothing is required. */
export function requirement(access: Access, mark = (scope: string) => scope): string {
  if (access === 'public') return '';
  if (access === 'authenticated') return 'Requires a caller, whatever their scopes.';
  const scopes = access.scopes.map((group) => group.map(mark));
  const noun = new Set(scopes.flat()).size > 1 ? 'scopes' : 'scope';
  return `Requires the ${noun} ${describeScopes(scopes)}.`;
}
