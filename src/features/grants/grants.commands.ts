/**
 * Grants: every token that is made for a person names one, and ends with it. This room owns how they
 * begin, grow and are revoked; who may ask for one belongs to the protocol, what the person agreed to
 * beforehand to consents.
 *
 * A grant is made under a lock on its user and session, so that what ends these ends it too, whichever
 * comes first.
 */
import type { Context } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import { type GrantRow, OFFLINE, type ResourceScopes } from './grants.model.ts';
import { GRANT_COLUMNS } from './grants.queries.ts';

export interface NewGrant {
  /** A uuid; a new one unless told. */
  readonly id?: string;
  readonly userId: string;
  readonly clientId: string;
  /** The session that it is made in; null where there is none. */
  readonly sessionId: string | null;
  readonly scopes: readonly string[];
  readonly resourceScopes?: ResourceScopes;
  readonly claims?: object | null;
  readonly expiresAt?: Date | null;
}

/**
 * Inside a transaction. Null when there is nobody to give it, or to give it to: the user is gone or
 * suspended, the session has ended, the client is gone or disabled.
 */
export async function makeGrant(ctx: Context, grant: NewGrant): Promise<GrantRow | null> {
  const [row] = await ctx.db.query<GrantRow>(INSERT, [
    ctx.tenantId,
    grant.id ?? newId(),
    grant.userId,
    grant.clientId,
    grant.sessionId,
    grant.scopes,
    JSON.stringify(grant.resourceScopes ?? {}),
    grant.claims ? JSON.stringify(grant.claims) : null,
    ctx.clock.now(),
    grant.expiresAt ?? null,
  ]);
  return row ?? null;
}

/** The user before the session, as everywhere. What ends with a session is over when that is, so that it is swept. */
const INSERT = `
WITH person AS (
  SELECT id FROM users WHERE tenant_id = $1 AND id = $3 AND status = 'ACTIVE' FOR SHARE
), client AS (
  SELECT id FROM oauth_clients WHERE tenant_id = $1 AND id = $4 AND disabled_at IS NULL FOR KEY SHARE
), here AS (
  SELECT s.id, s.expires_at FROM sessions s, person WHERE s.tenant_id = $1 AND s.id = $5 AND s.user_id = person.id
    AND s.ended_at IS NULL AND s.idle_expires_at > $9 FOR SHARE OF s
)
INSERT INTO oauth_grants AS g (tenant_id, id, user_id, client_id, session_id, scopes, resource_scopes, claims,
  created_at, expires_at)
SELECT $1, $2, person.id, client.id, $5::uuid, $6::text[], $7::jsonb, $8::jsonb, $9::timestamptz,
  CASE WHEN $10::timestamptz IS NULL OR '${OFFLINE}' = ANY ($6::text[]) THEN $10 ELSE least($10::timestamptz, (SELECT expires_at FROM here)) END
FROM person, client WHERE $5::uuid IS NULL OR EXISTS (SELECT FROM here)
RETURNING ${GRANT_COLUMNS}`;

/** What a grant holds from now on; null when it is revoked or gone. */
export async function changeGrant(
  ctx: Context,
  id: string,
  {
    scopes,
    resourceScopes,
    claims,
    expiresAt,
  }: Pick<GrantRow, 'scopes' | 'resourceScopes' | 'claims' | 'expiresAt'>,
): Promise<GrantRow | null> {
  const [row] = await ctx.db.query<GrantRow>(
    `UPDATE oauth_grants g SET scopes = $3, resource_scopes = $4, claims = $5, expires_at = $6
     WHERE g.tenant_id = $1 AND g.id = $2 AND g.revoked_at IS NULL RETURNING ${GRANT_COLUMNS}`,
    [
      ctx.tenantId,
      id,
      scopes,
      JSON.stringify(resourceScopes),
      claims ? JSON.stringify(claims) : null,
      expiresAt,
    ],
  );
  return row ?? null;
}

/** Those of a user, of one client or of all of them, but those of one session. */
export interface GrantsOfUser {
  readonly userId: string;
  readonly clientId?: string;
  readonly butSessionId?: string | null;
}

/** Those of a client for whomever: people are asked anew. */
export interface GrantsOfClient {
  readonly clientId: string;
}

/** Those that were made in a session; `offline`: also those that were given to outlive it. */
export interface GrantsOfSessions {
  readonly sessionIds: readonly string[];
  readonly offline: boolean;
}

/**
 * Ends grants, and every token with them. Answers those that were live until now. Part of the
 * transaction that is open.
 */
export function revokeGrants(
  ctx: Context,
  which: { readonly id: string } | GrantsOfUser | GrantsOfSessions | GrantsOfClient,
): Promise<GrantRow[]> {
  const all = [ctx.tenantId, ctx.clock.now()];
  if ('id' in which) return ctx.db.query(REVOKE_ONE, [...all, which.id]);
  if ('userId' in which) {
    const { userId, clientId = null, butSessionId = null } = which;
    return ctx.db.query(REVOKE_OF_USER, [...all, userId, clientId, butSessionId]);
  }
  if ('clientId' in which) return ctx.db.query(REVOKE_OF_CLIENT, [...all, which.clientId]);
  const { sessionIds, offline } = which;
  return ctx.db.query(REVOKE_OF_SESSIONS, [...all, sessionIds, offline]);
}

/** What is revoked is over, so that it is swept in the end. */
const revoke = (condition: string) => `
UPDATE oauth_grants g SET revoked_at = $2, expires_at = least(g.expires_at, $2::timestamptz)
WHERE g.tenant_id = $1 AND g.revoked_at IS NULL AND ${condition} RETURNING ${GRANT_COLUMNS}`;

const REVOKE_ONE = revoke('g.id = $3');
const REVOKE_OF_USER = revoke(
  `g.user_id = $3 AND ($4::uuid IS NULL OR g.client_id = $4)
   AND ($5::uuid IS NULL OR g.session_id IS DISTINCT FROM $5)`,
);
const REVOKE_OF_CLIENT = revoke('g.client_id = $3');
const REVOKE_OF_SESSIONS = revoke(
  `g.session_id = ANY ($3::uuid[]) AND ($4 OR NOT '${OFFLINE}' = ANY (g.scopes))`,
);
