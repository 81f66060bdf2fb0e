/** Which clients a caller may make, change, get secrets of and stop. */
import { assertHolds } from '#features/roles/roles.policy.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { isPlatformScope } from '#kernel/scopes.ts';
import type { ClientSettings } from './clients.model.ts';

type ApiScopes = Pick<ClientSettings, 'apiScopes'>;

/**
 * Whoever decides where a client's codes go, what its secret is and whether it works decides over what
 * it may do: they must hold all of it. Call it under the lock of the client's row.
 */
export function assertMayChangeClient(ctx: Context, { apiScopes }: ApiScopes): void {
  assertHolds(ctx, apiScopes);
}

/** The same for what a client is to be able to do. Throws `InvalidInput` for what the tenant cannot give. */
export function assertMayGive(ctx: Context, { apiScopes }: ApiScopes): void {
  const foreign = apiScopes.findIndex(
    (scope) => isPlatformScope(scope) && ctx.tenantId !== PLATFORM_TENANT_ID,
  );
  if (foreign >= 0)
    throw new InvalidInput([
      { path: `apiScopes.${foreign}`, message: "exists only in the platform's own tenant" },
    ]);
  assertHolds(ctx, apiScopes);
}
