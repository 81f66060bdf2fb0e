/** What access tokens say beyond RFC 9068: who, of which tenant, how they signed in, what they are in. */
import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { encodeId } from '#kernel/ids.ts';
import { nameOf, type Person, personOf } from './claims.ts';
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
  return {
    ...common,
    oid: token.accountId,
    ...toldOf(koa, person),
    ...(shown?.acr ? { acr: shown.acr } : {}),
    ...(shown?.amr ? { amr: shown.amr } : {}),
    ...(shown?.authTime ? { auth_time: shown.authTime } : {}),
    ...(token.sid ? { sid: token.sid } : {}),
    ...(exchanged ? { act: exchanged.act, within: exchanged.within } : {}),
    // By it our own API asks whether the token is still good (RFC 7662 tells others).
    ...(token.grantId ? { grant_id: token.grantId } : {}),
  };
}

/** Clients can read their access tokens: those of others are told there, too, only what the person gave them. */
function toldOf({ oidc }: KoaContextWithOIDC, person: Person): Record<string, unknown> {
  const { client, entities } = oidc;
  const ours = client?.['signet_first_party'] === true || client?.['signet_type'] === 'SERVICE';
  const given = entities.Grant?.getOIDCScope().split(' ') ?? [];
  const may = (scope: string) => ours || given.includes(scope);
  const name = nameOf(person);
  return {
    ...(may('profile') && name !== null ? { name } : {}),
    ...(may('profile') ? { preferred_username: person.email } : {}),
    ...(may('roles') ? listed('roles', person.roles) : {}),
    ...(may('groups') ? listed('groups', person.groups) : {}),
  };
}

/** Bytes. With both, and whatever else is said, a token is still one that servers take in a header. */
const LONGEST_LIST = 2_000;

/** All of them or none: who is told a part takes it for all. */
function listed(claim: string, names: readonly string[]): Record<string, readonly string[]> {
  return Buffer.byteLength(JSON.stringify(names)) <= LONGEST_LIST ? { [claim]: [...names] } : {};
}
