/** Who a token is now: a person through an application, or a service by itself. */
import { clientOf, type RegisteredClient } from '#features/clients/clients.queries.ts';
import type { GrantRow } from '#features/grants/grants.model.ts';
import { liveGrant } from '#features/grants/grants.queries.ts';
import { effectiveScopes } from '#features/roles/roles.queries.ts';
import { signInPolicyOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { Acr } from '#kernel/access.ts';
import { type Actor, anonymous } from '#kernel/actor.ts';
import type { Context, Services } from '#kernel/context.ts';
import { decodeId } from '#kernel/ids.ts';
import { ownApi } from './resources.ts';
import { wasTakenBack } from './spent.store.ts';

/** What we put into our own access tokens; verified. */
export interface TokenClaims {
  readonly iss: string;
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
  /** Who acts for the person, the last one outermost (RFC 8693, 4.1). */
  readonly act?: Act;
  readonly within?: Within;
  /** The key that it is bound to (RFC 9449). */
  readonly cnf?: { readonly jkt?: string };
}

/**
 * The scopes of the tokens that an exchanged one was made of, by their audience: for none of these APIs
 * it is exchanged for more, by whatever other API it has gone.
 */
export type Within = Readonly<Record<string, string>>;

export interface Act {
  /** A client, or a person who acts for another. */
  readonly sub: string;
  /** What the token of that person stood on: it ends with it. */
  readonly grant_id?: string;
  readonly act?: Act;
}

/** All of them, the last one first. */
export function actsOf(act: Act | undefined): Act[] {
  return act ? [act, ...actsOf(act.act)] : [];
}

/** What a person needs to act for another, all the time that they do. */
export const IMPERSONATE = 'users:impersonate';

/** What a token stands on. */
export interface Standing {
  readonly clientId: string;
  readonly client: RegisteredClient;
  /** Null for a service by itself. */
  readonly grant: GrantRow | null;
  /** Who acts for another person (uuid); null where nobody does. */
  readonly impersonatorId: string | null;
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
  const reader = { db, tenantId, clock };
  const acts = actsOf(claims.act);
  const [client, takenBack, grant, ...actors] = await Promise.all([
    clientOf(reader, tenantId, clientId),
    wasTakenBack(reader, tenantId, claims.jti),
    claims.grant_id ? liveGrant(reader, claims.grant_id) : null,
    ...acts.map((act) => impersonatorOf(reader, act)),
  ]);
  if (!client || client.disabledAt !== null || takenBack) return null;
  if (!mayReach(client, claims)) return null;
  if (byItself) return { clientId, client, grant: null, impersonatorId: null };
  if (grant?.userId !== decodeId('user', claims.sub) || actors.includes('nobody')) return null;
  const impersonatorId = actors.find((actor) => actor !== null) ?? null;
  return grant && { clientId, client, grant, impersonatorId };
}

/** Whether the API is there, and its tokens still for this client. */
function mayReach({ apiScopes, audiences }: RegisteredClient, { aud, iss }: TokenClaims): boolean {
  return aud === ownApi(iss) ? apiScopes.length > 0 : audiences.includes(aud);
}

/** The uuid of the person that this is; null for a client, `nobody` when what they stood on is no more. */
async function impersonatorOf(
  reader: Pick<Context, 'db' | 'tenantId' | 'clock'>,
  { sub, grant_id: grantId }: Act,
): Promise<string | null> {
  const userId = decodeId('user', sub);
  if (userId === null) return null;
  const [grant, held] = await Promise.all([
    grantId ? liveGrant(reader, grantId) : null,
    effectiveScopes(reader, [userId]),
  ]);
  const may = held.get(userId)?.has(IMPERSONATE) === true;
  return may && grant?.userId === userId ? userId : 'nobody';
}

/** The same, as who may do something in our own API. */
export async function actorOf(
  services: Services,
  tenantId: string,
  claims: TokenClaims,
): Promise<Actor | null> {
  const standing = await standingOf(services, tenantId, claims);
  if (!standing) return null;
  const { clientId, client, grant, impersonatorId } = standing;
  const told = new Set(claims.scope?.split(' ') ?? []);
  if (!grant) {
    const scopes = new Set(client.apiScopes.filter((scope) => told.has(scope)));
    return { ...anonymous, kind: 'client', id: clientId, tenantId, scopes };
  }
  const { may, authentication } = await personOf(services, tenantId, claims, grant, impersonatorId);
  const { id, firstParty } = client;
  return {
    kind: 'user',
    id: grant.userId,
    tenantId,
    scopes: new Set(client.apiScopes.filter((scope) => told.has(scope) && may.has(scope))),
    credential: null,
    authentication,
    client: { id, firstParty },
    act: actedBy(claims, standing),
  };
}

/** A person before a client that acts for them in turn. */
function actedBy({ act }: TokenClaims, { clientId, impersonatorId }: Standing): Actor['act'] {
  if (impersonatorId !== null) return { kind: 'user', id: impersonatorId };
  return act ? { kind: 'client', id: clientId } : null;
}

/** Scopes of our own API that are good for somebody who acts for another: they read (security.md D11). */
export function isForImpersonation(scope: string): boolean {
  return scope.endsWith(':read');
}

/** What the person may do now; of one for whom another acts, no more than that one may, and only read. */
async function personOf(
  { db }: Services,
  tenantId: string,
  claims: TokenClaims,
  { userId, sessionId }: GrantRow,
  impersonatorId: string | null,
) {
  const both = [userId, ...(impersonatorId === null ? [] : [impersonatorId])];
  const [scopes, { mfa }] = await Promise.all([
    effectiveScopes({ db, tenantId }, both),
    signInPolicyOf({ db, tenantId }),
  ]);
  const own = scopes.get(userId) ?? new Set<string>();
  const theirs = impersonatorId === null ? null : scopes.get(impersonatorId);
  const acr: Acr = claims.acr === 'mfa' ? 'mfa' : 'pwd';
  const authTime = new Date((claims.auth_time ?? 0) * 1000);
  const { amr = [] } = claims;
  const may = theirs
    ? new Set([...own].filter((scope) => isForImpersonation(scope) && theirs.has(scope)))
    : own;
  return { may, authentication: { sessionId, acr, amr, authTime, waived: mfa === 'OFF', may } };
}
