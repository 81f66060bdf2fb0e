/** Who a token is now: a person through an application, or a service by itself. */
import { clientOf, type RegisteredClient } from '#features/clients/clients.queries.ts';
import type { GrantRow } from '#features/grants/grants.model.ts';
import { liveGrant } from '#features/grants/grants.queries.ts';
import { effectiveScopes } from '#features/roles/roles.queries.ts';
import { signInPolicyOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { Acr } from '#kernel/access.ts';
import { type Actor, anonymous } from '#kernel/actor.ts';
import type { Services } from '#kernel/context.ts';
import { decodeId } from '#kernel/ids.ts';
import { wasTakenBack } from './spent.store.ts';

/** What we put into our own access tokens; verified. */
export interface TokenClaims {
  readonly jti: string;
  readonly sub: string;
  readonly client_id: string;
  /** The one API that it is for. */
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
  readonly scope?: string;
  readonly grant_id?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly auth_time?: number;
  readonly preferred_username?: string;
  /** The key that it is bound to (RFC 9449). */
  readonly cnf?: { readonly jkt?: string };
}

/** What a token stands on. */
export interface Standing {
  readonly clientId: string;
  readonly client: RegisteredClient;
  /** Null for a service by itself. */
  readonly grant: GrantRow | null;
}

/** Inside the tenant. Null: it was taken back, or what it stands on is no more. */
export async function standingOf(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  tenantId: string,
  claims: TokenClaims,
): Promise<Standing | null> {
  const clientId = decodeId('client', claims.client_id);
  if (clientId === null) return null;
  const byItself = claims.sub === claims.client_id;
  const [client, takenBack, grant] = await Promise.all([
    clientOf({ db, clock }, tenantId, clientId),
    wasTakenBack({ db }, tenantId, claims.jti),
    claims.grant_id ? liveGrant({ db, tenantId, clock }, claims.grant_id) : null,
  ]);
  if (!client || client.disabledAt !== null || takenBack) return null;
  if (byItself) return { clientId, client, grant: null };
  return grant && grant.userId === decodeId('user', claims.sub)
    ? { clientId, client, grant }
    : null;
}

/** The same, as who may do something in our own API. */
export async function actorOf(
  services: Services,
  tenantId: string,
  claims: TokenClaims,
): Promise<Actor | null> {
  const standing = await standingOf(services, tenantId, claims);
  if (!standing) return null;
  const { clientId, client, grant } = standing;
  const told = new Set(claims.scope?.split(' ') ?? []);
  const credential = Buffer.from(claims.jti);
  if (!grant) {
    const scopes = new Set(client.apiScopes.filter((scope) => told.has(scope)));
    return { ...anonymous, kind: 'client', id: clientId, tenantId, scopes, credential };
  }
  const { may, authentication } = await personOf(services, tenantId, claims, grant);
  const { id, firstParty } = client;
  return {
    kind: 'user',
    id: grant.userId,
    tenantId,
    scopes: new Set([...may].filter((scope) => told.has(scope))),
    credential,
    authentication,
    client: { id, firstParty },
  };
}

async function personOf(
  { db }: Services,
  tenantId: string,
  claims: TokenClaims,
  { userId, sessionId }: GrantRow,
) {
  const [scopes, { mfa }] = await Promise.all([
    effectiveScopes({ db, tenantId }, [userId]),
    signInPolicyOf({ db, tenantId }),
  ]);
  const acr: Acr = claims.acr === 'mfa' ? 'mfa' : 'pwd';
  const authTime = new Date((claims.auth_time ?? 0) * 1000);
  const may = scopes.get(userId) ?? new Set<string>();
  const { amr = [] } = claims;
  return { may, authentication: { sessionId, acr, amr, authTime, waived: mfa === 'OFF', may } };
}
