/** What access tokens say beyond RFC 9068: who, of which tenant, how they signed in, what they are in. */
import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { encodeId } from '#kernel/ids.ts';
import { nameOf, personOf } from './claims.ts';
import { current } from './current.ts';
import { exchangedFor } from './exchanged.ts';

/** The version of this set of claims. */
const VERSION = '1';

export async function tokenClaims(
  koa: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
): Promise<Record<string, unknown>> {
  const ctx = current();
  const common = {
    ver: VERSION,
    tid: encodeId('tenant', ctx.tenantId),
    nbf: Math.floor(ctx.clock.ms() / 1000),
  };
  if (!('accountId' in token) || !token.accountId) return common;
  const person = await personOf(ctx, token.accountId);
  if (!person) return common;
  const { AuthorizationCode, RefreshToken, DeviceCode } = koa.oidc.entities;
  const exchanged = exchangedFor(token);
  const shown = exchanged ?? RefreshToken ?? AuthorizationCode ?? DeviceCode;
  const name = nameOf(person);
  return {
    ...common,
    oid: token.accountId,
    ...(name === null ? {} : { name }),
    preferred_username: person.email,
    roles: [...person.roles],
    groups: [...person.groups],
    ...(shown?.acr ? { acr: shown.acr } : {}),
    ...(shown?.amr ? { amr: shown.amr } : {}),
    ...(shown?.authTime ? { auth_time: shown.authTime } : {}),
    ...(token.sid ? { sid: token.sid } : {}),
    ...(exchanged ? { act: exchanged.act, within: exchanged.within } : {}),
    // By it our own API asks whether the token is still good (RFC 7662 tells others).
    ...(token.grantId ? { grant_id: token.grantId } : {}),
  };
}
