/** A client in the words of RFC 7591, section 2: for the engine, and for the client itself. */
import type { ClientRow } from '#features/clients/clients.model.ts';
import { encodeId } from '#kernel/ids.ts';

/** What everybody may know who knows the client; members that it does not have are undefined. */
export function publicMetadata(client: ClientRow) {
  return {
    client_id: encodeId('client', client.id),
    client_name: client.name,
    application_type: client.type === 'NATIVE' ? 'native' : 'web',
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    grant_types: [...client.grantTypes],
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    jwks: client.jwks ?? undefined,
    jwks_uri: client.jwksUri ?? undefined,
    id_token_signed_response_alg: client.idTokenAlg,
    dpop_bound_access_tokens: client.requireDpop || undefined,
    require_pushed_authorization_requests: client.requirePar || undefined,
    logo_uri: client.logoUri ?? undefined,
    client_uri: client.clientUri ?? undefined,
    policy_uri: client.policyUri ?? undefined,
    tos_uri: client.termsUri ?? undefined,
    backchannel_logout_uri: client.backchannelLogoutUri ?? undefined,
  };
}

/** Without what is undefined. */
export function known(metadata: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
}
