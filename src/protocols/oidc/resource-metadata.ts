/** Where our own API says whose tokens it takes, and how they are shown (RFC 9728). */
import { tenantScopes } from '#kernel/scopes.ts';
import { PROOF_ALGS } from './dpop-proofs.ts';
import { ownApi } from './resources.ts';

/** Below the issuer, where it stands at a tenant's own host. */
export const METADATA_OF_API = '/.well-known/oauth-protected-resource/api';

/** RFC 9728, 3.1: before the path of the resource. */
export function metadataOfApi(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-protected-resource${pathname.replace(/\/$/, '')}/api`;
}

/** RFC 9728, 2. */
export function resourceMetadata(issuer: string): object {
  return {
    resource: ownApi(issuer),
    authorization_servers: [issuer],
    scopes_supported: tenantScopes(),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: [...PROOF_ALGS],
    dpop_bound_access_tokens_required: false,
  };
}
