/**
 * The hot path of sessions: who a presented token is. Answers are remembered for less than a second,
 * so that a session that was ended, a suspended user or a lost role is refused everywhere within one.
 * Using a session moves its idle end, which is written once in a while.
 */
import { LRUCache } from 'lru-cache';
import { scopesOf } from '#features/roles/roles.model.ts';
import { type HeldRole, heldRoles } from '#features/roles/roles.queries.ts';
import { DEFAULT_POLICY } from '#features/sign-in-policies/sign-in-policies.model.ts';
import type { Acr } from '#kernel/access.ts';
import type { Authentication } from '#kernel/actor.ts';
import type { Services } from '#kernel/context.ts';
import { hashToken, looksLikeToken } from './sessions.model.ts';

export interface PresentedSession {
  readonly tenantId: string;
  readonly userId: string;
  readonly scopes: ReadonlySet<string>;
  readonly authentication: Authentication;
  readonly idleExpiresAt: Date;
  readonly expiresAt: Date;
}

export interface PresentedSessions {
  /** Null when the tenant has no live session with this token. `quietly`: looking is not using. */
  find(tenantId: string, token: string, quietly: boolean): Promise<PresentedSession | null>;
  /**
   * Whether a live session got a newer token within the last minute. This one opens nothing any more;
   * later it is as any that has ended, or whoever missed the answer with the new one could not begin anew.
   */
  wasReplaced(tenantId: string, token: string): Promise<boolean>;
}

const REMEMBERED_MS = 700;
/** The idle end is moved when this part of the idle time is over, but not more often than a minute. */
const TOUCH = { part: 0.1, mostSeconds: 60 };

export function presentedSessions(services: Services): PresentedSessions {
  const remembered = new LRUCache<string, Remembered>({ max: 20_000, ttl: REMEMBERED_MS });

  return {
    find(tenantId, token, quietly) {
      if (!looksLikeToken(token)) return Promise.resolve(null);
      const hash = hashToken(token);
      // Apart from one another, or a use right after a look would not count.
      const key = `${tenantId} ${hash.toString('base64')} ${quietly}`;
      const now = services.clock.ms();
      const known = remembered.get(key);
      // By this process's timer, and by the clock that decides when a session ends.
      if (known && now - known.at < REMEMBERED_MS) return known.finding;
      // Others wait for this answer too: it does not end with the request that asked first.
      const finding = services.db.until(null, () =>
        services.db.inTenant(tenantId, () => lookUp(services, tenantId, hash, quietly)),
      );
      remembered.set(key, { at: now, finding });
      finding.catch(() => remembered.delete(key));
      return finding;
    },
    async wasReplaced(tenantId, token) {
      if (!looksLikeToken(token)) return false;
      const now = services.clock.ms();
      const values = [tenantId, hashToken(token), new Date(now), new Date(now - LATE_MS)];
      const rows = await services.db.inTenant(tenantId, () => services.db.query(REPLACED, values));
      return rows.length > 0;
    },
  };
}

/** How long after a step-up requests may still be under way that were sent before it. */
const LATE_MS = 60_000;

interface Remembered {
  readonly at: number;
  readonly finding: Promise<PresentedSession | null>;
}

interface Found {
  readonly id: string;
  readonly userId: string;
  readonly acr: Acr;
  readonly amr: readonly string[];
  readonly authTime: Date;
  readonly idleExpiresAt: Date;
  readonly expiresAt: Date;
  readonly mfa: string;
  readonly idleSeconds: number;
  readonly roles: readonly HeldRole[];
}

async function lookUp(
  services: Services,
  tenantId: string,
  hash: Buffer,
  quietly: boolean,
): Promise<PresentedSession | null> {
  const { db, clock } = services;
  const [found] = await db.query<Found>(FIND, [tenantId, hash]);
  if (!found || found.idleExpiresAt <= clock.now()) return null;
  const idleExpiresAt = quietly ? found.idleExpiresAt : await touch(services, tenantId, found);
  const { id: sessionId, userId, acr, amr, authTime, expiresAt } = found;
  const may = new Set(found.roles.flatMap((role) => scopesOf(role)));
  const authentication = { sessionId, acr, amr, authTime, waived: found.mfa === 'OFF', may };
  return {
    tenantId,
    userId,
    scopes: may,
    authentication,
    idleExpiresAt,
    expiresAt,
  };
}

const FIND = `
SELECT s.id, s.user_id AS "userId", s.acr, s.amr, s.auth_time AS "authTime",
  s.idle_expires_at AS "idleExpiresAt", s.expires_at AS "expiresAt",
  coalesce(p.mfa, '${DEFAULT_POLICY.mfa}') AS mfa,
  coalesce(p.session_idle_seconds, ${DEFAULT_POLICY.sessionIdleSeconds}) AS "idleSeconds",
  ${heldRoles('s.user_id')} AS roles
FROM sessions s
JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.status = 'ACTIVE'
LEFT JOIN sign_in_policies p ON p.tenant_id = s.tenant_id
WHERE s.tenant_id = $1 AND s.token_hash = $2 AND s.ended_at IS NULL`;

const REPLACED = `
SELECT 1 FROM sessions
WHERE tenant_id = $1 AND previous_token_hash = $2 AND ended_at IS NULL AND idle_expires_at > $3
  AND auth_time > $4`;

async function touch(
  { db, clock }: Services,
  tenantId: string,
  { id, idleExpiresAt, expiresAt, idleSeconds }: Found,
): Promise<Date> {
  const now = clock.ms();
  const next = new Date(Math.min(now + idleSeconds * 1000, expiresAt.getTime()));
  const gained = (next.getTime() - idleExpiresAt.getTime()) / 1000;
  if (gained < Math.min(idleSeconds * TOUCH.part, TOUCH.mostSeconds)) return idleExpiresAt;
  await db.query(
    `UPDATE sessions SET idle_expires_at = greatest(idle_expires_at, $3), last_used_at = $4
     WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL`,
    [tenantId, id, next, new Date(now)],
  );
  return next;
}
