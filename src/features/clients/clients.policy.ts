/** Which clients a caller may make, change, get secrets of and stop. */
import { assertHolds } from '#features/roles/roles.policy.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { isPlatformScope, tenantScopes } from '#kernel/scopes.ts';
import type { ClientSettings } from './clients.model.ts';

type Powers = Pick<ClientSettings, 'apiScopes' | 'firstParty'>;

/**
 * What whoever decides over the client must hold. One of the tenant's own that reaches our API does
 * there, unasked, whatever people do for themselves: change their address, add a passkey. With the
 * sign-in of an owner it is the owner.
 */
function powersOf({ apiScopes, firstParty }: Powers): readonly string[] {
  return firstParty && apiScopes.length > 0 ? [...tenantScopes(), ...apiScopes] : apiScopes;
}

/**
 * Whoever decides where a client's codes go, what its secret is and whether it works decides over what
 * it may do: they must hold all of it. Call it under the lock of the client's row.
 */
export function assertMayChangeClient(ctx: Context, client: Powers): void {
  assertHolds(ctx, powersOf(client));
}

/** The same for what a client is to be able to do. Throws `InvalidInput` for what the tenant cannot give. */
export function assertMayGive(ctx: Context, client: Powers): void {
  const foreign = client.apiScopes.findIndex(
    (scope) => isPlatformScope(scope) && ctx.tenantId !== PLATFORM_TENANT_ID,
  );
  if (foreign >= 0)
    throw new InvalidInput([
      { path: `apiScopes.${foreign}`, message: "exists only in the platform's own tenant" },
    ]);
  assertHolds(ctx, powersOf(client));
}
