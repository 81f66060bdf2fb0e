/** Who a token is now: a person through an application, or a service by itself. */
import { clientOf } from '#features/clients/clients.queries.ts';
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
  readonly exp: number;
  readonly iat: number;
  readonly scope?: string;
  readonly grant_id?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly auth_time?: number;
}

/** Inside the tenant. Null: it was taken back, or what it stands on is no more. */
export async function actorOf(
  services: Services,
  tenantId: string,
  claims: TokenClaims,
): Promise<Actor | null> {
  const clientId = decodeId('client', claims.client_id);
  if (clientId === null) return null;
  const [client, takenBack] = await Promise.all([
    clientOf(services, tenantId, clientId),
    wasTakenBack(services, tenantId, claims.jti),
  ]);
  if (!client || client.disabledAt !== null || takenBack) return null;
  const told = new Set(claims.scope?.split(' ') ?? []);
  const credential = Buffer.from(claims.jti);
  if (claims.sub === claims.client_id) {
    const scopes = new Set(client.apiScopes.filter((scope) => told.has(scope)));
    return { ...anonymous, kind: 'client', id: clientId, tenantId, scopes, credential };
  }
  const { id, firstParty } = client;
  const person = await personOf(services, tenantId, claims);
  if (!person) return null;
  const scopes = new Set([...person.may].filter((scope) => told.has(scope)));
  return {
    kind: 'user',
    id: person.userId,
    tenantId,
    scopes,
    credential,
    authentication: person.authentication,
    client: { id, firstParty },
  };
}

async function personOf({ db, clock }: Services, tenantId: string, claims: TokenClaims) {
  const grant = claims.grant_id ? await liveGrant({ db, tenantId, clock }, claims.grant_id) : null;
  if (!grant || grant.userId !== decodeId('user', claims.sub)) return null;
  const { userId, sessionId } = grant;
  const [scopes, { mfa }] = await Promise.all([
    effectiveScopes({ db, tenantId }, [userId]),
    signInPolicyOf({ db, tenantId }),
  ]);
  const acr: Acr = claims.acr === 'mfa' ? 'mfa' : 'pwd';
  const authTime = new Date((claims.auth_time ?? 0) * 1000);
  return {
    userId,
    may: scopes.get(userId) ?? new Set<string>(),
    authentication: { sessionId, acr, amr: claims.amr ?? [], authTime, waived: mfa === 'OFF' },
  };
}
