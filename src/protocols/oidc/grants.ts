/** What a client is given when a person signs in to it: what they, or the tenant for its own, allowed. */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { ConsentRow } from '#features/consents/consents.model.ts';
import { consentOf, holdConsent } from '#features/consents/consents.queries.ts';
import { decodeId } from '#kernel/ids.ts';
import { CLAIMS } from './claims.ts';
import { current } from './current.ts';
import { loadEngine } from './engine.ts';

/** Of one authorization request. */
export interface Asked {
  /** About the person. */
  readonly scopes: readonly string[];
  /** By API. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
  /** One by one (OpenID Connect Core 5.5). */
  readonly claims: readonly string[];
}

export function askedBy({ oidc }: KoaContextWithOIDC): Asked {
  const scopes = [...oidc.requestParamScopes];
  const resources = Object.entries(oidc.resourceServers ?? {}).map(([identifier, server]) => {
    const known = new Set(String(server.scope ?? '').split(' '));
    return [identifier, scopes.filter((scope) => known.has(scope))] as const;
  });
  return {
    scopes: [...oidc.requestParamOIDCScopes],
    resources: Object.fromEntries(resources),
    claims: [...oidc.requestParamClaims],
  };
}

/**
 * A grant of its own for every sign-in, so that what is stolen of one ends that one alone. Undefined
 * when somebody must be asked first.
 */
export async function grantWithoutAsking(koa: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { oidc } = koa;
  const made = oidc.result?.consent?.grantId;
  if (made) return oidc.provider.Grant.find(made);
  const { client, account } = oidc;
  if (!client || !account) return undefined;
  const asked = askedBy(koa);
  const own = client['signet_first_party'] === true;
  // Who is asked anyway is asked about all of it.
  if (oidc.promptPending('consent') || (!own && client.applicationType === 'native'))
    return undefined;
  const grant = grantOf(koa, asked);
  if (own) {
    await grant.save();
    return grant;
  }
  const [user, by] = [decodeId('user', account.accountId), decodeId('client', client.clientId)];
  const consents = (find: typeof consentOf) =>
    user && by ? find(current(), user, by).then((consent) => allows(consent, asked)) : false;
  if (!(await consents(consentOf))) return undefined;
  // Whoever takes the consent back meanwhile ends this grant too, or it is not made.
  await current().db.transaction(async () => {
    await grant.save();
    if (await consents(holdConsent)) return;
    const { errors } = await loadEngine();
    throw new errors.AccessDenied('the consent has just been taken back');
  });
  return grant;
}

export function grantOf({ oidc }: KoaContextWithOIDC, asked: Asked): Grant {
  const { Grant } = oidc.provider;
  const grant = new Grant({
    accountId: oidc.account?.accountId as string,
    clientId: oidc.client?.clientId as string,
  });
  fill(grant, asked);
  return grant;
}

export function fill(grant: Grant, { scopes, resources, claims }: Asked): void {
  grant.addOIDCScope(scopes.join(' '));
  if (claims.length > 0) grant.addOIDCClaims([...claims]);
  for (const [identifier, names] of Object.entries(resources))
    if (names.length > 0) grant.addResourceScope(identifier, names.join(' '));
}

/** Whether all of it was allowed before. */
function allows(consent: ConsentRow | null, asked: Asked): boolean {
  if (!consent) return false;
  const known = new Set(consent.scopes.flatMap((scope) => CLAIMS[scope] ?? []));
  return (
    asked.scopes.every((scope) => consent.scopes.includes(scope)) &&
    asked.claims.every((claim) => known.has(claim)) &&
    Object.entries(asked.resources).every(([identifier, names]) =>
      names.every((name) => consent.resourceScopes[identifier]?.includes(name)),
    )
  );
}
