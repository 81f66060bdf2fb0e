/**
 * Sessions as they come and go: started at the end of a sign-in, renewed at a step-up, ended by the
 * person or by an administrator. This room owns them; what a person must show first belongs to
 * sign-in, how long a session lives to the policy. How many a user may have is exact, since the
 * user's row is locked meanwhile.
 */

import { z } from 'zod';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers } from '#features/roles/roles.policy.ts';
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import { UserNotFound } from '#features/users/users.errors.ts';
import { userId } from '#features/users/users.model.ts';
import type { Acr } from '#kernel/access.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { told } from '#kernel/events/event-types.ts';
import { idAt } from '#kernel/ids.ts';
import { endGrants } from './ended-grants.ts';
import { SessionNotFound } from './sessions.errors.ts';
import {
  type EndReason,
  expiredCookie,
  newToken,
  type SessionRow,
  sessionCookie,
  sessionId,
} from './sessions.model.ts';
import { SESSION_COLUMNS, sealSignedInFrom } from './sessions.queries.ts';

/** What a person has shown. */
export interface Shown {
  readonly userId: string;
  readonly acr: Acr;
  readonly amr: readonly string[];
}

export interface StartedSession {
  readonly session: SessionRow;
  /** For the cookie; nothing of it is stored. */
  readonly token: string;
  /** Those that gave way. */
  readonly ended: readonly string[];
}

/** The cookie that a browser keeps as long as the session may live. */
export function cookieOf(ctx: Context, slug: string, { token, session }: StartedSession): string {
  const seconds = Math.floor((session.expiresAt.getTime() - ctx.clock.ms()) / 1000);
  return sessionCookie(slug, token, seconds);
}

/**
 * Inside a transaction that holds the user's row (`holdUser`): how many there may be is exact by that.
 * Null when the user is gone or closed by now.
 */
export async function startSession(
  ctx: Context,
  policy: SignInPolicyRow,
  { userId, acr, amr }: Shown,
): Promise<StartedSession | null> {
  // After the lock: who waited longest is not the oldest.
  const now = ctx.clock.now();
  const id = idAt(now);
  const { token, hash } = newToken();
  const expiresAt = later(now, policy.sessionSeconds);
  const [row] = await ctx.db.query<SessionRow & { ended: string[] }>(START_SESSION, [
    ctx.tenantId,
    id,
    userId,
    hash,
    amr,
    acr,
    now,
    await sealSignedInFrom(ctx, userId, id),
    earlier(later(now, policy.sessionIdleSeconds), expiresAt),
    expiresAt,
    policy.maxSessions,
  ]);
  if (!row) return null;
  const { ended, ...session } = row;
  if (ended.length > 0) await endGrants(ctx, { sessionIds: ended, reason: 'LIMIT' });
  return { session, token, ended };
}

/**
 * The new one, and the end of the oldest beside it, which see none of one another. The user is said twice:
 * by the id alone, without fresh statistics, all sessions of a tenant are read.
 */
const START_SESSION = `
WITH s AS (
  INSERT INTO sessions (tenant_id, id, user_id, token_hash, amr, acr, auth_time, personal, created_at,
    last_used_at, idle_expires_at, expires_at)
  SELECT $1, $2, u.id, $4, $5, $6, $7, $8, $7, $7, $9, $10
  FROM users u WHERE u.tenant_id = $1 AND u.id = $3 AND u.status = 'ACTIVE' RETURNING *
), gone AS (
  UPDATE sessions SET ended_at = $7, end_reason = 'LIMIT' WHERE tenant_id = $1 AND user_id = $3 AND id = ANY (ARRAY(
    SELECT id FROM sessions
    WHERE tenant_id = $1 AND user_id = $3 AND ended_at IS NULL AND idle_expires_at > $7
      AND EXISTS (SELECT FROM s)
    ORDER BY id DESC OFFSET $11::int - 1))
  RETURNING id)
SELECT ${SESSION_COLUMNS}, ARRAY(SELECT id FROM gone)::text[] AS ended FROM s`;

/**
 * After a step-up: a new token, what was shown, and the same end. Of the old one we know no more than
 * that it was replaced. Null when the session has ended.
 */
export async function renewSession(
  ctx: Context,
  sessionId: string,
  { userId, acr, amr }: Shown,
): Promise<StartedSession | null> {
  const { token, hash } = newToken();
  const [session] = await ctx.db.query<SessionRow>(
    `UPDATE sessions s SET previous_token_hash = token_hash, token_hash = $3, acr = $4, amr = $5, auth_time = $6, last_used_at = $6
     WHERE s.tenant_id = $1 AND s.id = $2 AND s.user_id = $7 AND s.ended_at IS NULL
       AND s.idle_expires_at > $6
     RETURNING ${SESSION_COLUMNS}`,
    [ctx.tenantId, sessionId, hash, acr, amr, ctx.clock.now(), userId],
  );
  return session ? { session, token, ended: [] } : null;
}

/** Ends the live sessions of a user but one, and the grants of clients with them; answers their ids. */
export async function endSessions(
  ctx: Context,
  userId: string,
  reason: EndReason,
  but: string | null = null,
): Promise<string[]> {
  const rows = await ctx.db.query<{ id: string }>(
    `UPDATE sessions SET ended_at = $3, end_reason = $4
     WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND id IS DISTINCT FROM $5::uuid
     RETURNING id`,
    [ctx.tenantId, userId, ctx.clock.now(), reason, but],
  );
  const ids = rows.map((row) => row.id);
  await endGrants(ctx, { sessionIds: ids, reason, everything: { userId, butSessionId: but } });
  return ids;
}

interface Ended {
  readonly ids: readonly string[];
}

const ended = ({ ids }: Ended) => ids.map((id) => ({ type: 'session' as const, id }));

export const endSession = command({
  name: 'session.end',
  summary: 'Ends a session of any user: refused everywhere within a second.',
  scope: 'sessions:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: sessionId }),
  errors: [SessionNotFound, OutranksCaller],
  targets: ended,
  refusedTargets: ({ id }) => ended({ ids: [id] }),
  async run(ctx, { id }): Promise<Ended> {
    const [row] = await ctx.db.query<{ userId: string }>(
      'SELECT user_id AS "userId" FROM sessions WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
      [ctx.tenantId, id],
    );
    if (!row) throw new SessionNotFound();
    await assertMayChangeUsers(ctx, [row.userId]);
    await endOne(ctx, row.userId, id, 'ENDED');
    return { ids: [id] };
  },
});

export const endUserSessions = command({
  name: 'session.end-all',
  summary: 'Ends every session of a user: refused everywhere within a second.',
  scope: 'sessions:write',
  severity: 'NOTICE',
  input: z.strictObject({ userId }),
  errors: [UserNotFound, OutranksCaller],
  targets: (_: Ended, input) => [{ type: 'user' as const, id: input.userId }],
  refusedTargets: (input) => [{ type: 'user' as const, id: input.userId }],
  about: ['user'],
  tells: { sessions: told.sessions },
  details: ({ ids }) => ({ sessions: ids.length }),
  async run(ctx, input): Promise<Ended> {
    const [user] = await ctx.db.query('SELECT 1 FROM users WHERE tenant_id = $1 AND id = $2', [
      ctx.tenantId,
      input.userId,
    ]);
    if (!user) throw new UserNotFound();
    await assertMayChangeUsers(ctx, [input.userId]);
    return { ids: await endSessions(ctx, input.userId, 'ENDED') };
  },
});

export const signOut = command({
  name: 'session.sign-out',
  summary: "Ends one of the caller's own sessions, or all of them.",
  access: { scopes: [[]], person: true },
  input: z.strictObject({
    id: sessionId.optional().describe('The session; without it, the one that calls.'),
    everywhere: z.boolean().optional().describe('All of them instead, this one too.'),
  }),
  errors: [SessionNotFound],
  targets: ended,
  async run(ctx, { id, everywhere }): Promise<Ended> {
    const { id: person, authentication } = ctx.actor;
    if (!person || !authentication) throw new SessionNotFound();
    const one = id ?? authentication.sessionId;
    if (everywhere || one === authentication.sessionId) await forgetCookie(ctx);
    if (everywhere) return { ids: await endSessions(ctx, person, 'SIGNED_OUT') };
    if (one === null || !(await endOne(ctx, person, one, 'SIGNED_OUT')))
      throw new SessionNotFound();
    return { ids: [one] };
  },
});

async function forgetCookie(ctx: Context): Promise<void> {
  const tenant = await getTenant(ctx, ctx.tenantId);
  if (tenant) ctx.setCookie(expiredCookie(tenant.slug));
}

/** The one that a new sign-in in the same browser takes the place of. */
export function endOwnSession(ctx: Context, owner: string, id: string): Promise<boolean> {
  return endOne(ctx, owner, id, 'SIGNED_OUT');
}

/** False when the user has no such session. One that has ended stays as it ended. */
async function endOne(
  ctx: Context,
  owner: string,
  id: string,
  reason: EndReason,
): Promise<boolean> {
  const rows = await ctx.db.query(
    `UPDATE sessions SET ended_at = coalesce(ended_at, $4), end_reason = coalesce(end_reason, $5)
     WHERE tenant_id = $1 AND user_id = $2 AND id = $3 RETURNING 1`,
    [ctx.tenantId, owner, id, ctx.clock.now(), reason],
  );
  if (rows.length > 0) await endGrants(ctx, { sessionIds: [id], reason });
  return rows.length > 0;
}

function later(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
